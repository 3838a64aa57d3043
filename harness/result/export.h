/* SPDX-License-Identifier: MIT */
/* A result as long-form ("tidy") rows: one a metric and repetition, for R, pandas, spreadsheets. */
#ifndef RESULT_EXPORT_H
#define RESULT_EXPORT_H

#include "base/error.h"
#include "result/read.h"

#include <stdio.h>

enum export_format {
	EXPORT_CSV,  /* RFC 4180 quoting, a header line, lines end with \n */
	EXPORT_TSV,  /* tabs, newlines and backslashes inside as \t, \n, \\ */
	EXPORT_JSON, /* an array of objects, one a line */
};

/*
 * Columns: cell, every axis, size_bytes, nr_workers, round, sequence, started_ns, outcome, step,
 * metric, value, unit, better. Numbers read back exactly; what is not known is empty (JSON: null).
 * −errno where the stream takes no more.
 */
int export_rows(const struct result *r, FILE *stream, enum export_format format, struct error *err);

#endif
