#define TOY_BUG MISALIGNS
#include "toy.c"
