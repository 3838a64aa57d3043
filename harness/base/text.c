/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 64

/*
 * Optimal string alignment distance: insert, delete, replace, swap neighbours (Damerau 1964).
 * SIZE_MAX where a word is too long to be a typing mistake.
 */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][WORD_MAX + 1], la = strlen(a), lb = strlen(b);
	size_t *before = row[0], *last = row[1], *now = row[2];

	if (la > WORD_MAX || lb > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		last[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[lb];
}

/* The same but for capitals and for a prefix that C gives such names: MAP_, MADV_, MPOL_F_. */
static bool same_name(const char *word, const char *candidate)
{
	size_t length = strlen(word), bare = strlen(candidate);

	if (length > bare && word[length - bare - 1] != '_')
		return false;
	return length >= bare && bare && strcasecmp(word + length - bare, candidate) == 0;
}

const char *text_nearest(const char *word, const char *const *candidates)
{
	size_t limit = strlen(word) / 3, best = SIZE_MAX;
	const char *nearest = NULL;

	if (limit < 2)
		limit = strlen(word) > 2 ? 2 : 1;
	for (; *candidates; candidates++) {
		size_t d = same_name(word, *candidates) ? 0 : distance(word, *candidates);

		if (d <= limit && d < best) {
			best = d;
			nearest = *candidates;
		}
	}
	return nearest;
}

char *text_alternatives(const char *const *candidates, char *ret, size_t length)
{
	size_t used = 0;

	ret[0] = '\0';
	for (size_t i = 0; candidates[i] && used < length; i++) {
		const char *between = i == 0 ? "" : candidates[i + 1] ? ", " : " or ";

		used += (size_t)snprintf(ret + used, length - used, "%s%s", between, candidates[i]);
	}
	return ret;
}

size_t text_utf8_length(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] > 0xf4 || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}
