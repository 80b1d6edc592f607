/* conformance/clauses/block/block.h: what the files of the group "block" share. */
#pragma once

#include "conformance/contract.h"
#include "conformance/scenario/run.h"

/* Position of the group in lists. */
enum { BLOCK_ORDER = 30 };
