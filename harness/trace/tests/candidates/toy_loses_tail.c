#define TOY_BUG LOSES_TAIL
#include "toy.c"
