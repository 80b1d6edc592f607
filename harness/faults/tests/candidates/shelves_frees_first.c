/* reallocate gives the old block away before it has a new one. */
#define FREES_FIRST
#include "shelves.h"
