#define TOY_BUG DIRTY_APART
#include "toy.c"
