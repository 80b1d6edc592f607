/* conformance/block.h: what the scenarios of the group "block" share. */
#pragma once

#include "conformance/run.h"

/* Calls amid memory that others have (block_others.c). */
void block_among_others(struct run *run);
