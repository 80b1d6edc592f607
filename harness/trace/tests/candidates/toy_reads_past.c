#define TOY_BUG READS_PAST
#include "toy.c"
