/* harness/candidate/storage.h: makes the thread-local variables of loaded libraries before they are needed.
 *
 * When dlopen has loaded a library, glibc makes its thread-local variables only when a thread first touches them, and
 * ends the process where memory for them is refused. An allocator that is linked to its program has them as soon as the
 * thread exists. So such an end would come from the way in which the allocator was loaded here, not from anything that
 * it does.
 */
#pragma once

enum { STORAGE_MODULES = 64 };

struct storage_place;

struct storage {
    void *(*address)(struct storage_place *place); /* the dynamic linker's; NULL where it offers no such function */
    unsigned long modules[STORAGE_MODULES]; /* the dynamic linker's numbers of libraries that have such variables */
    int count;
};

/* Notes which libraries of this process have thread-local variables, up to STORAGE_MODULES of them. */
void storage_survey(struct storage *storage);

/* Makes all of the calling thread's copies. The dynamic linker may call malloc for them. */
void storage_make(const struct storage *storage);
