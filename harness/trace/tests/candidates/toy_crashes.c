#define TOY_BUG CRASHES
#include "toy.c"
