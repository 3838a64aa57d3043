/* SPDX-License-Identifier: MIT */
/*
 * What the name of a performance event means on this CPU. This is libpfm4's only home.
 */
#ifndef SYS_PERF_EVENT_H
#define SYS_PERF_EVENT_H

#include "base/error.h"

#include <linux/perf_event.h>

/*
 * The event of that name: one of overmap's own words (cycles, instructions, dtlb_load_misses,
 * llc_load_misses, page_faults) or of libpfm4's ("context-switches", "skl::UOPS_ISSUED:ANY",
 * "perf_raw::r11"), with libpfm4's modifiers behind a colon ("cycles:u"). 0; −ENOENT: nobody knows
 * it, with the nearest that is known; −EINVAL: it has no such modifier, or is a
 * clock, which counts user mode and kernel alike; −ENODEV: it is one of
 * another CPU than this; −ENXIO: of one that nobody knows, on another architecture perhaps. The
 * first time takes some 10 ms.
 */
int perf_event_encode(const char *name, struct perf_event_attr *ret, struct error *err);

/* "ns" of the clocks among the events, else "1"; and what the event is, or NULL. */
const char *perf_event_unit(const struct perf_event_attr *attr);
const char *perf_event_help(const char *name);

#endif
