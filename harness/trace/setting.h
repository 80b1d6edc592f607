/* harness/trace/setting.h: what is in force around the calls: stacks, processors, pauses, a system that keeps memory.
 *
 * Promises: each setting does the same wherever it is applied, so that a trace replays what a scenario did. Nothing
 * here calls malloc, but for what pthread_create does itself.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/sandbox/event.h"

enum { SETTING_MOST = 1 << 30 };

/* The word of a trace; of a number that is no setting, "?". */
const char *setting_name(unsigned setting);
/* The event in words, for a reader. */
void setting_print(char *text, size_t size, const struct event *event);

/* Puts it in force. False: the platform cannot, or the value makes no sense here; then nothing has changed. A pause
 * of more than a minute makes none. */
bool setting_apply(enum setting setting, uint64_t value);

/* How many processors the process could use when this was first asked. */
size_t setting_processors(void);

/* Starts a thread with the stack that is in force, else with `usual` bytes; 0: the platform's own choice. A stack that
 * is in force has so much below the platform's own needs that an overflow meets an inaccessible page, and is never less
 * than the platform's least. False: it could not be started. */
bool setting_thread(pthread_t *thread, size_t usual, void *(*work)(void *argument), void *argument);
