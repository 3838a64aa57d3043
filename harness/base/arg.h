/* SPDX-License-Identifier: MIT */
/*
 * A named, typed argument as data: of an op in a step, or of an axis' value written as a mapping.
 * Parser, help, `overmap list` and the published schema all read the same row.
 */
#ifndef BASE_ARG_H
#define BASE_ARG_H

#include "base/error.h"
#include "base/size.h"

#include <stdbool.h>
#include <stdint.h>

#define ARGS_MAX 12 /* in one table */

#define ARG_PAGE UINT64_MAX /* of arg.multiple: the base page */

enum arg_type {
	ARG_SIZE,     /* struct size */
	ARG_ADDRESS,  /* struct size too, also written in hex */
	ARG_COUNT,    /* a whole number */
	ARG_CHOICE,   /* index into choices */
	ARG_DURATION, /* ns */
	ARG_SHARE,    /* "2%", in millionths: 20000 */
	ARG_WORDS,    /* words separated by blanks or commas, kept as text */
};

struct arg {
	const char *name; /* NULL ends a table */
	enum arg_type type;
	const char *initial;        /* text of the value when not given; NULL: required */
	const char *const *choices; /* ARG_CHOICE, NULL-terminated */
	uint64_t minimum, maximum;  /* ARG_COUNT; maximum 0: none. ARG_SIZE: the least, in bytes */
	uint64_t multiple; /* ARG_SIZE: whole multiples of it, in bytes or ARG_PAGE; 0: any */
	const char *help;
};

struct arg_value {
	bool given;
	union {
		struct size size;
		uint64_t count;
		unsigned int choice;
		uint64_t duration_ns;
		uint64_t millionths;
		char *words; /* owned by whoever owns the value */
	};
};

/* The row with that name, or NULL. table may be NULL (no arguments). */
const struct arg *arg_find(const struct arg *table, const char *name);

/*
 * Parse text as arg's type; −EINVAL or −ERANGE with what to write instead. words are strdup()ed. A
 * size that is the same on every machine is held against arg's minimum and multiple, with the
 * smallest page that Linux knows; a share of something only when it is resolved.
 */
int arg_parse(const struct arg *arg, const char *text, struct arg_value *ret, struct error *err);

/*
 * Are so many bytes, written as text, what an ARG_SIZE takes where the base page has page_bytes?
 * −ERANGE, −EINVAL with what to write instead.
 */
int arg_check_size(const struct arg *arg, const char *text, uint64_t bytes, uint64_t page_bytes,
		   struct error *err);

/* The canonical text of a value. Returns ret. */
char *arg_format(const struct arg *arg, const struct arg_value *value, char *ret, size_t length);

#endif
