/* allocate_zeroed clears what it was not given. */
#define CLEARS_NULL
#include "shelves.h"
