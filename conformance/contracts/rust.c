/* The allocator ABI of Rust 1.19: its clauses are at home here, with the level and source that their groups give them.
 */
#include "conformance/contract.h"

static const struct adopted none[] = {};

CONTRACT(rust, CONTRACT_RUST, "the six-function allocator ABI of Rust 1.18 and 1.19", none);
