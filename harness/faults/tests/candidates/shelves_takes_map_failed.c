/* For large blocks, MAP_FAILED is taken for an address. */
#define TAKES_MAP_FAILED
#include "shelves.h"
