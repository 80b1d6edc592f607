/* harness/sandbox/descend.h: the processes below this one, and how they are ended.
 *
 * Promises: a candidate may fork, put the copies into sessions of their own and have them ignore every signal; they are
 * found all the same. This process is made a subreaper (PR_SET_CHILD_SUBREAPER): the kernel then gives it every orphan
 * below it, so that a process without children has no descendants. Which processes there are is read from /proc. A
 * child that this process had before is left alone, such as one that a shell started before it executed this program.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* From here on this process is the subreaper of everything that it starts. A second call in the same process changes
 * nothing. */
void descendants_adopt(void);

/* How many processes there are below this one, zombies included. */
size_t descendants_count(void);

/* Stops all of them, so that none starts another, then kills and reaps them, until none is left. False: after `seconds`
 * some are still there. */
bool descendants_end(double seconds);
