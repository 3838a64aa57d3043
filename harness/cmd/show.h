/* SPDX-License-Identifier: MIT */
/* The summary table of a result, for `overmap show` and for the end of a run. */
#ifndef CMD_SHOW_H
#define CMD_SHOW_H

#include "base/error.h"
#include "cmd/table.h"
#include "result/read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct show_options {
	const char *const *metrics; /* names or steps, NULL-terminated; NULL: the headlines */
	bool all;                   /* every metric and every reason */
	enum table_format format;
	size_t width; /* columns of the screen; 0: any */
	bool colors;
};

/*
 * Print header, table and footer. −EINVAL: a metric that the result does not have; other −errno:
 * the stream cannot be written.
 */
int show_result(const struct result *r, FILE *stream, const struct show_options *options,
		struct error *err);

/* Read a result with what show_result() can show of it: as result_read(). */
int show_read(struct result **ret, const char *path, struct error *err);

#endif
