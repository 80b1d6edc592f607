/* A lock that some other thread holds at a fork stays locked in the child. */
#define FORK_WITH_LOCK_HELD
#include "shelves.h"
