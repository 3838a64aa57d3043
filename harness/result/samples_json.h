/* SPDX-License-Identifier: MIT */
/* What hyperfine and Google Benchmark export, as samples. For result/samples.c only. */
#ifndef RESULT_SAMPLES_JSON_H
#define RESULT_SAMPLES_JSON_H

#include "result/samples.h"

/* Add to s. −EINVAL with the sentence, −ENOMEM. */
int samples_parse_json(const char *text, size_t length, const char *path, struct samples *s,
		       struct error *err);

/* A new, empty set; NULL: memory ran out. It lives until the next one. */
struct sample_set *samples_add_set(struct samples *s, const char *name);

/* Add a value; where (a format) says what it is where it is an odd one. −ENOMEM. */
int samples_add(struct sample_set *set, double value, const char *where, ...)
	__attribute__((format(printf, 3, 4)));

#endif
