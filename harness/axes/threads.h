/* SPDX-License-Identifier: MIT */
/* The value of axis `threads`, for those who compare cells by it. */
#ifndef AXES_THREADS_H
#define AXES_THREADS_H

#include "sys/host.h"

#include <stdint.h>

struct threads {
	enum { THREADS_COUNT, THREADS_CORES, THREADS_ALL } kind;
	uint64_t count; /* THREADS_COUNT */
};

/* Number of workers that it comes to, at least 1. */
unsigned int threads_number(const struct threads *threads, const struct host *host);

#endif
