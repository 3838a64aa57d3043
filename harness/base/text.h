/* SPDX-License-Identifier: MIT */
/* Small help with words: the nearest known word to a mistyped one, lists for messages, UTF-8. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

/*
 * The candidate nearest to word (Damerau–Levenshtein, at most a third of its length away, two at
 * the least), or NULL if none is near; "MADV_DONTNEED" is as near to "dontneed" as can be.
 * candidates is NULL-terminated.
 */
const char *text_nearest(const char *word, const char *const *candidates);

/* "a, b or c" from a NULL-terminated list. Cut at length. Returns ret. */
char *text_alternatives(const char *const *candidates, char *ret, size_t length);

/* Bytes of the UTF-8 sequence that text begins with (RFC 3629, section 4), or 0 where there is
 * none. */
size_t text_utf8_length(const char *text);

#endif
