/* A binding as C: compared word for word, and put through a compiler that takes every warning for an error. */
#include <check.h>
#include <stdlib.h>

#include "harness/candidate/binding.h"
#include "harness/candidate/binding_c.h"
#include "harness/candidate/tests/fixture.h"

static const char source[] =
    "[constants]\nFLAGS = choose(align <= 16, 0, lg(align))\n"
    "[functions]\ntake_flags = pointer (size, int)\nfits = bool (pointer, size)\nunasked = size (pointer)\n"
    "[allocate]\ncall = take_flags(size, FLAGS | 0x40) if align > 16 and size < 8\ncall = take_out(out, "
    "size)\n"
    "[deallocate]\ncall = give(ptr) if align == 1\ncall = give_sized(ptr, old_size)\n"
    "[reallocate]\nsteps = allocate, copy, deallocate\n"
    "[reallocate_inplace]\ncall = fits(ptr, size) ? usable_size(size) : usable_size(old_size)\n"
    "[usable_size]\nvalue = size\nblock = unasked(ptr)\n";

static const char expected[] =
    "/* The operations as the binding NAME spells them. */\n"
    "static size_t lg(size_t a)\n{\n    size_t n = 0;\n    while (a >>= 1)\n        n++;\n    return n;\n}\n"
    "static size_t choose(size_t c, size_t a, size_t b) { return c ? a : b; }\n"
    "static void *(*call_take_flags)(size_t, int);\n"
    "static _Bool (*call_fits)(void *, size_t);\n"
    "static int (*call_take_out)(void **, size_t);\n"
    "static void (*call_give)(void *);\n"
    "static void (*call_give_sized)(void *, size_t);\n"
    "\nstatic const char *bind_library(void *library)\n{\n"
    "    if (!(*(void **)&call_take_flags = dlsym(library, \"take_flags\")))\n        return "
    "\"take_flags\";\n"
    "    if (!(*(void **)&call_fits = dlsym(library, \"fits\")))\n        return \"fits\";\n"
    "    if (!(*(void **)&call_take_out = dlsym(library, \"take_out\")))\n        return \"take_out\";\n"
    "    if (!(*(void **)&call_give = dlsym(library, \"give\")))\n        return \"give\";\n"
    "    if (!(*(void **)&call_give_sized = dlsym(library, \"give_sized\")))\n        return "
    "\"give_sized\";\n"
    "    return NULL;\n}\n"
    "\nstatic void *allocate(size_t size, size_t align)\n{\n"
    "    if ((align > 16) && (size < 8)) {\n"
    "        return call_take_flags(size, choose((align <= 16), 0, lg(align)) | 64);\n    }\n"
    "    void *out = NULL;\n    return call_take_out(&out, size) == 0 ? out : NULL;\n}\n"
    "\nstatic void deallocate(void *ptr, size_t old_size, size_t align)\n{\n"
    "    if (align == 1) {\n        call_give(ptr);\n        return;\n    }\n"
    "    call_give_sized(ptr, old_size);\n}\n"
    "\nstatic void *reallocate(void *ptr, size_t old_size, size_t size, size_t align)\n{\n"
    "    void *block = allocate(size, align);\n    if (block != NULL) {\n"
    "        memcpy(block, ptr, old_size < size ? old_size : size);\n        deallocate(ptr, old_size, "
    "align);\n    }\n"
    "    return block;\n}\n"
    "\nstatic size_t usable_size(size_t size, size_t align)\n{\n    (void)align;\n    return size;\n}\n"
    "\nstatic size_t reallocate_inplace(void *ptr, size_t old_size, size_t size, size_t align)\n{\n"
    "    return call_fits(ptr, size) ? usable_size(size, align) : usable_size(old_size, align);\n}\n";

START_TEST(word_for_word)
{
    struct error error = {0};
    char *text = NULL, wanted[sizeof expected + 64];
    size_t length;
    const char *path = file_write(".binding", source, sizeof source - 1);
    const struct binding *binding = binding_load(path, "", &error);
    file_remove(path);
    ck_assert_msg(binding != NULL, "%s", error.text);
    FILE *stream = open_memstream(&text, &length);
    ck_assert(binding_print_c(binding, 1u << OP_REALLOCATE | 1u << OP_REALLOCATE_INPLACE, stream));
    fclose(stream);
    const char *name = strstr(expected, "NAME");
    snprintf(wanted, sizeof wanted, "%.*s%s%s", (int)(name - expected), expected, binding_name(binding), name + 4);
    ck_assert_str_eq(text, wanted);
    free(text);
}
END_TEST

/* Uses everything that is asked for, so that nothing is unused. */
static void print_main(const struct binding *binding, FILE *compiler)
{
    fputs("int main(void)\n{\n    const char *missing = bind_library(RTLD_DEFAULT);\n    if (missing)\n      "
          "  return 1;\n"
          "    void *block = reallocate(allocate(1, 1), 1, 2, 1);\n",
          compiler);
    if (binding_has(binding, OP_ALLOCATE_ZEROED))
        fputs("    deallocate(allocate_zeroed(1, 1), 1, 1);\n", compiler);
    if (binding_has(binding, OP_REALLOCATE_INPLACE))
        fputs("    reallocate_inplace(block, 2, 1, 1);\n", compiler);
    if (binding_has(binding, OP_USABLE_SIZE))
        fputs("    usable_size(1, 1);\n", compiler);
    fputs("    deallocate(block, 2, 1);\n}\n", compiler);
}

START_TEST(the_shipped_ones_compile)
{
    struct error error = {0};
    const struct binding *bindings[32];
    int count = binding_load_all(bindings_directory(), bindings, 32, &error);
    ck_assert_msg(count > 0, "%s", error.text);
    for (int i = 0; i < count; i++) {
        FILE *compiler = popen("cc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -x c -", "w");
        ck_assert_ptr_nonnull(compiler);
        fputs("#include <dlfcn.h>\n#include <stddef.h>\n#include <string.h>\n#include <unistd.h>\n", compiler);
        ck_assert(binding_print_c(bindings[i], (1u << OPERATIONS) - 1, compiler));
        print_main(bindings[i], compiler);
        ck_assert_msg(pclose(compiler) == 0, "%s does not compile", binding_name(bindings[i]));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("binding as C");
    TCase *tcase = tcase_create("binding as C");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, word_for_word);
    tcase_add_test(tcase, the_shipped_ones_compile);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
