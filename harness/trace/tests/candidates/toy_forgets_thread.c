#define TOY_BUG FORGETS_THREAD
#include "toy.c"
