#include "harness/base/nearest.h"

#include <string.h>

enum { MOST = 64 };

static int least(int a, int b) { return a < b ? a : b; }

/* The optimal string alignment distance. */
static int edits_between(const char *a, int a_length, const char *b, int b_length)
{
    int rows[3][MOST];
    for (int j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (int i = 1; i <= a_length; i++) {
        int *now = rows[i % 3];
        const int *last = rows[(i + 2) % 3], *before_last = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= b_length; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before_last[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

void nearest_offer(struct nearest *nearest, const char *name)
{
    int typed_length = (int)strnlen(nearest->typed, MOST - 1), length = (int)strnlen(name, MOST - 1), shared = 0;
    while (shared < typed_length && shared < length && nearest->typed[shared] == name[shared])
        shared++;
    int edits = edits_between(nearest->typed, typed_length, name, length);
    int cost = edits - 2 * shared;
    if (nearest->best != NULL && cost >= nearest->cost)
        return;
    nearest->best = name;
    nearest->cost = cost;
    nearest->edits = edits;
}

bool nearest_is_likely(const struct nearest *nearest)
{
    return nearest->best != NULL && nearest->edits * 2 <= (int)strnlen(nearest->typed, MOST - 1);
}
