/* SPDX-License-Identifier: MIT */
/*
 * Where two results come from, held against each other: what differs, and what of it makes their
 * figures impossible to compare.
 */
#ifndef RESULT_ENVIRONMENT_H
#define RESULT_ENVIRONMENT_H

#include "result/read.h"

#include <stdbool.h>
#include <stddef.h>

struct environment_difference {
	char *what, *a, *b; /* "kernel", "6.12.1", "6.18.44"; "-" where one does not say */
	const char *grave;  /* why the figures cannot be compared; NULL: they can */
};

struct environment {
	struct environment_difference *differences; /* grave ones first, then by name */
	size_t n, nr_grave;
};

/* Compare; what changes by itself from run to run is left out. −ENOMEM. */
int environment_compare(const struct result *a, const struct result *b, struct environment *ret);

/* Were the times taken on an emulated processor, and is no clock there that counts instructions?
 * Such times say nothing about real machines, and nothing about each other. */
bool environment_without_time(const struct result *r);

void environment_free(struct environment *e);

#endif
