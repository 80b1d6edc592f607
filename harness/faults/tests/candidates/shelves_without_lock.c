/* No lock at all: correct with one thread. */
#define NO_LOCK
#include "shelves.h"
