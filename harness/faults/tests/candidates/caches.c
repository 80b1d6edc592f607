/* The allocator itself, without a fault: it must conform. */
#include "caches.h"
