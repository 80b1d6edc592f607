/* Wants more static thread-local storage than a dynamic linker keeps for libraries that come late. */
__attribute__((tls_model("initial-exec"))) static _Thread_local volatile char large[1 << 16];

char take(void) { return large[0]; }
