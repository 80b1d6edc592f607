/* The fuzz target without an engine: runs each file that is named, or standard input. It serves engines that feed
 * standard input, and whoever runs a stored input by hand. If an AFL++ compiler built it, every input gets a fresh copy
 * of the process with the candidate loaded; with ASSAY_PERSISTENT set, a thousand inputs share one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __AFL_FUZZ_TESTCASE_LEN
#include <unistd.h>
__AFL_FUZZ_INIT();
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_stream(FILE *stream, const char *name)
{
    static uint8_t bytes[64 << 10];
    size_t size = stream == NULL ? 0 : fread(bytes, 1, sizeof bytes, stream);
    if (stream == NULL || ferror(stream)) {
        fprintf(stderr, "assay: %s: cannot be read\n", name);
        return 2;
    }
    return LLVMFuzzerTestOneInput(bytes, size);
}

static int run_engine(void)
{
#ifdef __AFL_FUZZ_TESTCASE_LEN
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0); /* the candidate is loaded before the first copy is made */
    __AFL_INIT();
    const uint8_t *bytes = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(getenv("ASSAY_PERSISTENT") != NULL ? 1000 : 1))
        LLVMFuzzerTestOneInput(bytes, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    return 0;
#else
    return run_stream(stdin, "standard input");
#endif
}

int main(int argc, char **argv)
{
    int status = argc > 1 ? 0 : run_engine();
    for (int i = 1; i < argc && status == 0; i++) {
        FILE *file = fopen(argv[i], "rb");
        status = run_stream(file, argv[i]);
        if (file != NULL)
            fclose(file);
    }
    return status;
}
