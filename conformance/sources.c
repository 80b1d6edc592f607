#include "conformance/sources.h"

#include <string.h>

/* sources.tsv, made into C by sources.awk; a row of nulls ends it. */
extern const struct source source_rows[];

static const char KEY_CHARACTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";

bool source_next_key(const char **text, char key[SOURCE_KEY_SIZE])
{
    for (const char *open = strchr(*text, '['); open != NULL; open = strchr(open + 1, '[')) {
        size_t length = strspn(open + 1, KEY_CHARACTERS);
        if (length == 0 || length >= SOURCE_KEY_SIZE || open[1 + length] != ']')
            continue;
        memcpy(key, open + 1, length);
        key[length] = '\0';
        *text = open + length + 2;
        return true;
    }
    return false;
}

const struct source *source_find(const char *key)
{
    for (const struct source *row = source_rows; row->key != NULL; row++)
        if (strcmp(row->key, key) == 0)
            return row;
    return NULL;
}
