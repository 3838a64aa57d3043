/* SPDX-License-Identifier: MIT */
/*
 * Samples that other programs measured: plain numbers, one a line, or what hyperfine and Google
 * Benchmark export as JSON. Each file holds one or more named sets.
 */
#ifndef RESULT_SAMPLES_H
#define RESULT_SAMPLES_H

#include "base/error.h"

#include <stddef.h>

#define SAMPLES_BYTES_MAX (1ull << 30) /* a larger file is refused unread */

struct sample_set {
	char *name; /* of the benchmark; "" for plain numbers */
	double *values;
	size_t n, room;
	size_t odd;     /* values that are 0, negative, infinite or no number at all */
	char where[96]; /* the first of them: "line 12: -3" */
};

struct samples {
	const char *unit; /* "ns"; "" where the file does not say */
	struct sample_set *sets;
	size_t nr_sets;
	size_t nr_aggregates; /* rows that were means and the like: no samples */
	size_t nr_failed;     /* rows or runs that the benchmark itself says failed */
};

/*
 * Read the file; which of the formats it is shows in its text. −EINVAL: err has the file, the place
 * and what is wrong; other −errno: it cannot be read. A file without any number is an error. *ret
 * is untouched on failure.
 *
 * Plain numbers: decimal, as strtod() in the C locale reads them, blank lines and what follows a
 * '#' ignored; "nan" and "inf" are read, and counted as odd.
 */
int samples_read(const char *path, struct samples *ret, struct error *err);

/* The same from memory, NUL-terminated; path is only the name in messages. */
int samples_parse(const char *text, size_t length, const char *path, struct samples *ret,
		  struct error *err);

void samples_free(struct samples *s);

/* The set of that name, or NULL. */
const struct sample_set *samples_find(const struct samples *s, const char *name);

#endif
