/* SPDX-License-Identifier: MIT */
/* Values that are words: one out of several, or several together. */
#ifndef AXES_WORDS_H
#define AXES_WORDS_H

#include "axes/axis.h"

#include <stddef.h>

#define WORDS_MAX  32  /* in one value */
#define WORDS_TEXT 512 /* bytes of one value */

struct words {
	unsigned int n;
	const char *word[WORDS_MAX]; /* into text */
	char text[WORDS_TEXT];
};

/* Cut text at blanks and commas; −EINVAL where it has no word, or more than fit. */
int words_split(const char *text, struct words *ret, struct error *err);

/*
 * Index of word in the NULL-terminated list known; −EINVAL with "unknown WHAT" and the nearest
 * word, or all of them.
 */
int word_index(const char *word, const char *what, const char *const *known, struct error *err);

/* The field of that name, or NULL; *ret_index is its place. */
const struct field *field_find(const struct field *fields, size_t n, const char *key,
			       size_t *ret_index);

#endif
