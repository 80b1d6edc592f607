/* Symbols of every kind that artifact_find_symbol knows. The test renames twin_b to twin_a in a copy of the file. */
int twin_a(void) { return 1; }
int twin_b(void) { return 2; }
int data = 3;
__attribute__((visibility("hidden"))) int hidden(void) { return 4; }
__asm__(".text\n.globl untyped\nuntyped:\n.long 0\n");
