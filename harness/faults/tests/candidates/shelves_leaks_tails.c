/* The last page of every large block stays mapped. */
#define LEFT_BEHIND 4096
#include "shelves.h"
