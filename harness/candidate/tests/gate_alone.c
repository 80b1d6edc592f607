/* The gate without libffi, Check or a dynamic loader, so that it runs on any platform that a cross compiler can link
 * for:
 *     $CC -D_GNU_SOURCE -static -I. harness/candidate/tests/gate_alone.c harness/candidate/gate.c \
 *         harness/candidate/gate_*.S harness/base/platform.c -o gate_alone -lm
 * Prints one line for each case. Exit status 1 when any fails. test_gate.c runs the same table under Check. */
#include <stdio.h>

#include "harness/candidate/tests/gate_cases.h"

int main(void)
{
    int failures = 0;
    for (size_t i = 0; i < GATE_CASES; i++) {
        char text[200];
        bool ok = gate_case_holds(&gate_cases[i], text, sizeof text);
        failures += !ok;
        printf("%s %zu - %s%s%s\n", ok ? "ok" : "not ok", i + 1, gate_cases[i].name, ok ? "" : ": ", ok ? "" : text);
    }
    printf("1..%zu\n", GATE_CASES);
    return failures > 0;
}
