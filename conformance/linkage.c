/* Linkage: one allocator to an artifact. A rule about files; no scenario exercises it yet, so these rows are listed as not judged. */
#include "conformance/contract.h"

static const struct clause clauses[] = {
    {.id = "linkage/at-most-one", .level = LEVEL_MUST, .strength = "documented",
     .statement = "Any one artifact links at most one allocator.",
     .source = "the page; rustc 1.19 dependency_format.rs, verify_ok: \"cannot link together two allocators\"",
     .why = "memory from one is given back to the other", .broken_by = "two allocators linked, one of them by a dependency",
     .needs = NEEDS_RUST_SYMBOLS},
    {.id = "linkage/exactly-one", .level = LEVEL_MUST, .strength = "documented",
     .statement = "An executable, dylib or staticlib links exactly one, directly or through what it needs; with none chosen, the default "
                  "is named.",
     .source = "the page; rustc 1.19 creader.rs, inject_allocator_crate",
     .why = "without one it does not link, or takes whichever comes along", .broken_by = "an artifact with needs and no provider",
     .needs = NEEDS_RUST_SYMBOLS},
    {.id = "linkage/rlib", .level = LEVEL_MUST, .strength = "documented",
     .statement = "An rlib may link none or one.",
     .source = "the page; rustc 1.19 (the error comes at the first final artifact)",
     .why = "the choice is the final artifact's", .broken_by = "an rlib that brings two", .needs = NEEDS_RUST_SYMBOLS},
    {.id = "linkage/complete", .level = LEVEL_MUST, .strength = "derived",
     .statement = "The six come whole from one provider, never half from one and half from another.",
     .source = "B20: allocators that lacked the new sixth symbol",
     .why = "a block is resized by somebody who did not make it", .broken_by = "a provider that lacks a symbol another one has",
     .needs = NEEDS_RUST_SYMBOLS},
    {.id = "linkage/single-definition", .level = LEVEL_MUST, .strength = "derived",
     .statement = "There is no second definition of a symbol, in an archive member or behind another library.",
     .source = "B18: rust-lang/rust#34493, two dynamic libraries that clash",
     .why = "which one is called depends on the order of loading", .broken_by = "a second copy linked in statically",
     .needs = NEEDS_RUST_SYMBOLS},
    {.id = "linkage/no-circular", .level = LEVEL_MUST, .strength = "documented",
     .statement = "An allocator depends on nothing, at any depth, that needs an allocator, itself included.",
     .source = "the page; rustc 1.19 creader.rs: \"cannot depend on a crate that needs an allocator\"",
     .why = "the first allocation calls itself", .broken_by = "an allocator that uses a library which allocates",
     .needs = NEEDS_RUST_SYMBOLS},
};

static const struct scenario scenarios[] = {};

CLAUSE_GROUP(linkage, "linkage", 120, clauses, scenarios);
