#include "conformance/judging/kept.h"

#include <stdlib.h>
#include <string.h>

bool kept_take(struct kept *kept, const struct sandbox *sandbox)
{
    const struct flight *flight = sandbox->flight;
    size_t length = (size_t)atomic_load(&flight->tape_length);
    kept->length = length < flight->tape_capacity ? length : (size_t)flight->tape_capacity;
    kept->flight = malloc(sizeof *kept->flight);
    kept->tape = malloc((kept->length + 1) * sizeof *kept->tape);
    if (kept->flight == NULL || kept->tape == NULL) {
        free(kept->flight);
        free(kept->tape);
        return false;
    }
    memcpy(kept->flight, flight, sizeof *kept->flight);
    memcpy(kept->tape, flight->tape, kept->length * sizeof *kept->tape);
    return true;
}

void kept_restore(struct kept *kept, struct sandbox *sandbox)
{
    memcpy(sandbox->flight, kept->flight, sizeof *kept->flight);
    memcpy(sandbox->flight->tape, kept->tape, kept->length * sizeof *kept->tape);
    free(kept->flight);
    free(kept->tape);
}
