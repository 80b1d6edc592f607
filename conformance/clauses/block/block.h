/* conformance/clauses/block/block.h: what the scenarios of the group "block" share. */
#pragma once

#include "conformance/scenario/run.h"

/* Calls amid memory that others have (others.c). */
void block_among_others(struct run *run);

/* More distance, and more calls, than some bits hold (volume.c). */
void block_far_apart(struct run *run);
void block_wear(struct run *run);
