#include "harness/oracle/law.h"

const char *law_id(enum law law)
{
    static const char *const ids[LAW_COUNT] = {
#define LAW_ID(name, id) [name] = id,
        LAWS(LAW_ID)
#undef LAW_ID
    };
    return ids[law];
}
