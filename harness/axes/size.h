/* SPDX-License-Identifier: MIT */
/* The value of axis `size` is a struct size; this is what it comes to. */
#ifndef AXES_SIZE_H
#define AXES_SIZE_H

#include "base/error.h"
#include "base/size.h"
#include "sys/host.h"

#include <stdint.h>

/*
 * Bytes that a size comes to on a host as it stands. −ENOTSUP: it has no such thing (a share of
 * swap where there is none); −ERANGE: below 0 or above 2^64 − 1.
 */
int axis_size_bytes(const struct size *size, const struct host *host, uint64_t *ret_bytes,
		    struct error *err);

#endif
