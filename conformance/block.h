/* conformance/block.h: what the scenarios of the group "block" share. */
#pragma once

#include "conformance/run.h"

/* Calls amid memory that others have (block_others.c). */
void block_among_others(struct run *run);

/* More distance, and more calls, than some bits hold (block_volume.c). */
void block_far_apart(struct run *run);
void block_wear(struct run *run);
