/* harness/candidate/storage.h: the thread-local variables of loaded libraries, there before they are needed.
 *
 * glibc makes those of a library that dlopen loaded when a thread first touches them, and ends the process where memory
 * for that is refused. An allocator that is linked to its program has them as soon as the thread exists: the end would
 * be owed to the way it was loaded here, and is none of its doing.
 */
#pragma once

enum { STORAGE_MODULES = 64 };

struct storage_place;

struct storage {
    void *(*address)(struct storage_place *place); /* the dynamic linker's; NULL where it offers no such function */
    unsigned long modules[STORAGE_MODULES]; /* the dynamic linker's numbers of libraries that have such variables */
    int count;
};

/* Which libraries of this process have thread-local variables, up to STORAGE_MODULES of them. */
void storage_survey(struct storage *storage);

/* Has the calling thread's copies made, all of them. The dynamic linker may call malloc for them. */
void storage_make(const struct storage *storage);
