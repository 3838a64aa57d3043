/* SPDX-License-Identifier: MIT */
/* The tables of ops and axes as JSON, for programs that offer choices to people. */
#ifndef RESULT_CATALOG_H
#define RESULT_CATALOG_H

#include <stdio.h>

/* Write one JSON array and a newline. −ENOMEM, −errno. */
int catalog_write_ops(FILE *out);
int catalog_write_axes(FILE *out);
int catalog_write_metrics(FILE *out);

/* What `overmap list scenarios` knows of a file; summary NULL: it cannot be loaded. */
struct catalog_scenario {
	const char *path, *name, *summary;
};
int catalog_write_scenarios(const struct catalog_scenario *list, size_t n, FILE *out);

#endif
