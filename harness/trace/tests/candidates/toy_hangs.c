#define TOY_BUG HANGS
#include "toy.c"
