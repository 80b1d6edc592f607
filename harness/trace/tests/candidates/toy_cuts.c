#define TOY_BUG CUTS
#include "toy.c"
