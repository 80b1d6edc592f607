/* The lock is kept when a shelf cannot be filled: the next call waits for ever. */
#define KEEPS_LOCK
#include "shelves.h"
