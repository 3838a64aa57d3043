/* SPDX-License-Identifier: MIT */
#include "axes/words.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

int words_split(const char *text, struct words *ret, struct error *err)
{
	char *rest, *word;

	ret->n = 0;
	if (strlen(text) >= sizeof(ret->text))
		return error_set(err, -EINVAL, "that is too long");
	strcpy(ret->text, text);
	for (word = strtok_r(ret->text, " ,\t\n", &rest); word;
	     word = strtok_r(NULL, " ,\t\n", &rest)) {
		if (ret->n == WORDS_MAX)
			return error_set(err, -EINVAL, "those are too many words");
		ret->word[ret->n++] = word;
	}
	if (!ret->n)
		return error_set(err, -EINVAL, "the value is empty");
	return 0;
}

int word_index(const char *word, const char *what, const char *const *known, struct error *err)
{
	const char *nearest;
	char all[512];

	for (int i = 0; known[i]; i++)
		if (strcmp(known[i], word) == 0)
			return i;
	nearest = text_nearest(word, known);
	if (nearest)
		return error_set(err, -EINVAL, "unknown %s \"%s\": did you mean \"%s\"?", what,
				 word, nearest);
	return error_set(err, -EINVAL, "unknown %s \"%s\": choose %s", what, word,
			 text_alternatives(known, all, sizeof(all)));
}

const struct field *field_find(const struct field *fields, size_t n, const char *key,
			       size_t *ret_index)
{
	for (size_t i = 0; i < n; i++) {
		if (fields[i].key && strcmp(fields[i].key, key) == 0) {
			*ret_index = i;
			return &fields[i];
		}
	}
	return NULL;
}
