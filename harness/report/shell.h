/* harness/report/shell.h: commands that work when they are pasted, whatever a file is called.
 *
 * Promises: a POSIX shell reads the result as exactly the bytes of the text. The result itself is printable: bytes that
 * are no UTF-8, and control characters, are written as printf's octal escapes; only a newline stays as it is, inside
 * quotes. malloc'd.
 */
#pragma once

/* One word. */
char *shell_word(const char *text);

/* One word that names a file, and that no program takes for an option. */
char *shell_operand(const char *path);

/* One word that names a file with a slash in it, for a loader that looks up other names elsewhere. */
char *shell_file(const char *path);
