/* Wants a little static thread-local storage, aligned to a cache line. */
#include <stdlib.h>

__attribute__((tls_model("initial-exec"), aligned(64))) static _Thread_local volatile char line[64];

void *take(size_t size) { return malloc(size + (size_t)line[0]); }
void *retake(void *ptr, size_t size) { return realloc(ptr, size); }
void give(void *ptr) { free(ptr); }
