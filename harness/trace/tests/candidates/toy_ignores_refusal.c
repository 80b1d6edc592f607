#define TOY_BUG IGNORES_REFUSAL
#include "toy.c"
