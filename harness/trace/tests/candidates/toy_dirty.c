#define TOY_BUG DIRTY
#include "toy.c"
