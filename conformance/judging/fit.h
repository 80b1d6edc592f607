/* conformance/judging/fit.h: how a binding fits a candidate.
 *
 * Promises: plain data. probe.h fills it in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fit {
    char binding[256];
    bool fits;  /* the library loads, and it defines all symbols of the binding */
    bool works; /* and the calls of the probe broke nothing */
    bool preload;
    uint64_t static_tls;   /* bytes of static thread-local storage that the library needs; 0: no extra ones */
    uint32_t capabilities; /* bits of enum need (contract.h) */
    char why[1024];        /* why it does not fit, or does not work */
};
