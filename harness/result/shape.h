/* SPDX-License-Identifier: MIT */
/*
 * What members of a document may be. One that is missing or null is not known; one of another type
 * is a mistake of whoever wrote it, and must not be taken for one that is missing.
 */
#ifndef RESULT_SHAPE_H
#define RESULT_SHAPE_H

#include "result/json.h"

enum shape_kind {
	SHAPE_TEXT,
	SHAPE_FLAG,    /* true or false */
	SHAPE_COUNT,   /* a whole number from 0; not null */
	SHAPE_KNOWN,   /* the same, or null */
	SHAPE_NUMBER,  /* that a double holds */
	SHAPE_OBJECT,  /* with the members below, and others that do not matter */
	SHAPE_OBJECTS, /* a list of them */
	SHAPE_TEXTS,   /* a list; not null */
	SHAPE_BUCKETS, /* a list of [index, count] of stats/hist.h */
};

struct shape {
	const char *name; /* NULL: the end of a table */
	enum shape_kind kind;
	const struct shape *members; /* of objects; NULL: any */
};

/* Is it a whole number from 0? Then that is in *ret, exact up to 2^53. */
bool shape_is_count(const cJSON *item, uint64_t *ret);

/* Do the members of an object fit? If not, what is wrong with the first that does not: "\"a.b\" is
 * …". */
bool shape_fits(const cJSON *object, const struct shape *members, struct error *ret_what);

#endif
