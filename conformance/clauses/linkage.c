/* Linkage: one allocator to an artifact. The supervisor reads what an allocator's own file says (file_clauses.c). A
 * scenario can only look at the running process: do the calls go to the candidate, and do they stay there? `assay
 * linkage` judges the clauses about other artifacts. */
#include "conformance/contract.h"
#include "conformance/scenario/run.h"
#include "harness/candidate/resolution.h"

static const struct clause clauses[] = {
    {.id = "linkage/at-most-one",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "Any one artifact links at most one allocator.",
     .source = "the page [P2]; rustc 1.19 dependency_format.rs, verify_ok: \"cannot link together two allocators\" "
               "[L2]; of malloc: [glibc-malloc]",
     .why = "memory from one is given back to the other",
     .broken_by =
         "two allocators linked, one of them by a dependency; of malloc also: libc's own beside a replacement in a "
         "static program, and a hidden malloc and free in a program that calls strdup, getline and the like, whose "
         "memory is libc's",
     .edges = "a needed library that is not found leaves the question open (undecided, status 3), also where the "
              "artifact was named: the artifact itself could be read, so it is no error, and what is missing may "
              "hold a second allocator, so it is not ok. A library of that name for another machine counts as not "
              "found, since the loader passes it over too; one that is found and cannot be read leaves the question "
              "open as well. What is seen without it still counts: two allocators are a violation. An artifact that "
              "is named and cannot be read itself is an error (status 2). Two members of an archive that each "
              "define the functions weakly are two allocators; a weak one beside a strong one is not one, and "
              "neither are copies of one thing in a group (COMDAT)",
     .needs = NEEDS_RUST_SYMBOLS},
    {.id = "linkage/exactly-one",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "An executable, dylib or staticlib links exactly one, directly or through what it needs; with none "
                  "chosen, the default is named.",
     .source = "the page [P3] [P4]; rustc 1.19 creader.rs, inject_allocator_crate [L1]",
     .why = "without one it does not link, or takes whichever comes along",
     .broken_by = "an artifact with needs and no provider",
     .edges = "a default can only be chosen until something is linked. An executable or a shared library whose "
              "references stay undefined is linked already: when nothing that it needs provides them, that is a "
              "violation. The same holds for a plugin that leaves them to the program that opens it: the contract "
              "has a dylib link exactly one allocator, directly or through a library that it needs, and one that "
              "comes with whichever program happens to open it is neither. A weak reference is used if it is there, "
              "and needs nobody. A static library is to have an allocator too; an rlib and an object may still get "
              "one. A static executable without symbols leaves the question open (undecided). A reference that the "
              "link editor bound to nothing and of which it kept no name cannot be seen",
     .needs = NEEDS_ANOTHER_KIND},
    {.id = "linkage/rlib",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "An rlib may link none or one.",
     .source = "the page [P5]; rustc 1.19: the error comes at the first final artifact [L2]",
     .why = "the choice is the final artifact's",
     .broken_by = "an rlib that brings two",
     .needs = NEEDS_ANOTHER_KIND},
    {.id = "linkage/complete",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "The six come whole from one provider, never half from one and half from another.",
     .source = "an allocator has all six [P1], and an artifact has one allocator [P2]; allocators that lacked the new "
               "sixth symbol [B20]; of malloc: [glibc-malloc]; of C++'s operators: [CXX-new-delete]",
     .why = "a block is resized by somebody who did not make it",
     .broken_by =
         "a provider that lacks a symbol another one has; of malloc also: one without aligned_alloc and its like, "
         "where somebody uses that (where nobody is known to, the list is given); of C++'s operators: operator new "
         "replaced and the operator delete that takes its memory back not, or the other way round (the default "
         "operators of arrays, with a size and nothrow call the others, so they need no replacement)",
     .edges = "all six count, called or not, and in the static symbol table too. An executable or a library may "
              "lack what nobody calls only where the link editor was told to drop unused functions (--gc-sections): "
              "rustc always says so, and of other programs the start files of glibc tell. The members of an "
              "archive, and of several with --together, are one provider",
     .needs = NEEDS_RUST_SYMBOLS},
    {.id = "linkage/single-definition",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "There is no second definition of a symbol, in an archive member or behind another library.",
     .source = "a second definition is a second allocator [P2]; rust-lang/rust#34493, two dynamic libraries that "
               "clash [B18]",
     .why = "which one is called depends on the order of loading",
     .broken_by = "a second copy linked in statically",
     .needs = NEEDS_RUST_SYMBOLS},
    {.id = "linkage/no-circular",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "An allocator depends on nothing, at any depth, that needs an allocator, itself included.",
     .source = "the page [P6]; rustc 1.19 creader.rs: \"cannot depend on a crate that needs an allocator\" [L3]",
     .why = "the first allocation calls itself",
     .broken_by = "an allocator that uses a library which allocates",
     .edges = "an archive is circular when the member that defines a function depends, at any depth, on another "
              "member that calls it and defines none itself. A user beside an allocator is what every static "
              "library has; the members of an allocator may call each other; the panic handler that every crate "
              "leaves to whoever links last (a weak lang item) is no dependency. With --kind allocator the archive "
              "is the allocator, and none of its members may call the six without defining any",
     .needs = NEEDS_RUST_SYMBOLS},
};

/* The symbols are looked up while no block is held, because the dynamic linker may call malloc. */
static bool look(struct run *run, const char *when)
{
    struct resolution now;
    bool well = true;
    for (int i = 0; candidate_resolution(run->candidate, i, &now); i++) {
        run_exercised(run, "linkage/single-definition");
        if (!now.is_own || now.resolved != now.called)
            run_violated(run, "linkage/single-definition", when,
                         "the symbol resolves into the candidate, and stays there",
                         "%s is at %p in %s, and the dynamic linker now answers %p", now.symbol, now.called,
                         now.called_in, now.resolved);
        else if (now.global != NULL && now.global != now.called)
            run_violated(run, "linkage/single-definition", when, "nobody else's definition covers the candidate's",
                         "%s is at %p in %s, and %s defines it for the whole process at %p", now.symbol, now.called,
                         now.called_in, now.global_in, now.global);
        else
            continue;
        well = false;
    }
    return well;
}

/* A library that opens another one may do so at its first call, or at its first large one. */
static void resolved(struct run *run)
{
    struct pool pool = pool_create(run, 64);
    bool well = look(run, "the symbols are looked up before any call");
    for (size_t size = 1; size < 5000000 && run_goes_on(run); size *= 7) {
        pool_add(&pool, heap_allocate(&run->heap, size, 8));
        pool_add(&pool, run_allocate(run, size, 64, true));
    }
    for (size_t i = 0; i < pool.count && run_goes_on(run); i++) {
        if (candidate_has(run->candidate, OP_REALLOCATE_INPLACE))
            heap_reallocate_inplace(&run->heap, pool.blocks[i], pool.blocks[i]->requested,
                                    pool.blocks[i]->requested + 1);
        heap_reallocate(&run->heap, pool.blocks[i], pool.blocks[i]->requested, 2 * pool.blocks[i]->requested);
    }
    pool_deallocate_all(run, &pool);
    if (well)
        look(run, "the symbols are looked up after calls of all kinds");
}

static const struct scenario scenarios[] = {
    {.name = "linkage/resolved",
     .about = "the symbols are looked up in the file, and in the process before and after calls",
     .clauses = "linkage/at-most-one linkage/complete linkage/single-definition linkage/no-circular",
     .tags = "quick",
     .needs = NEEDS_RUST_SYMBOLS,
     .run = resolved},
};

CLAUSE_GROUP(linkage, "linkage", 120, clauses, scenarios);
