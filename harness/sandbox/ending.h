/* harness/sandbox/ending.h: how a child ended, as told by the process that watched over it. */
#pragma once

#include <stdbool.h>

#include "harness/sandbox/channel.h"
#include "harness/sandbox/classify.h"

struct ending {
    int status; /* as from waitpid */
    enum child_end end;
    int hung_slot;      /* of the call that does not return; -1: none */
    bool was_flooded;   /* part of what the child printed was dropped */
    bool is_told;       /* whoever watched over the child lived to tell all this */
    char why[128];      /* about a hang, or about an end by the harness */
    struct heard heard; /* what the child said on the channel */
};
