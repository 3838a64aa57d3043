/* SPDX-License-Identifier: MIT */
/* Axis `protection`: what may be done with the pages. */
#include "axes/rows.h"
#include "axes/words.h"

#include <errno.h>
#include <stdio.h>

static const char *const names[] = { "none", "read", "write", "exec", NULL };
static const int bits[] = { PROT_NONE, PROT_READ, PROT_WRITE, PROT_EXEC };

struct value {
	int protection; /* PROT_* */
};

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct words words;
	struct value *v = value;
	int r = words_split(fields[0].text, &words, err);

	(void)n;
	*ret_bad = 0;
	for (unsigned int i = 0; !r && i < words.n; i++) {
		int word = word_index(words.word[i], "protection", names, err);

		if (word < 0)
			return word;
		if (!word && words.n > 1)
			return error_set(err, -EINVAL,
					 "protection \"none\" stands alone: write none, or "
					 "leave it out");
		if (v->protection & bits[word])
			return error_set(err, -EINVAL, "protection \"%s\" is there twice",
					 names[word]);
		v->protection |= bits[word];
	}
	return r;
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;
	size_t used = 0;

	snprintf(ret, length, "%s", names[0]);
	for (unsigned int i = 1; names[i] && used < length; i++)
		if (v->protection & bits[i])
			used += (size_t)snprintf(ret + used, length - used, "%s%s", used ? " " : "",
						 names[i]);
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;

	(void)host;
	(void)err;
	c->map.protection = v->protection;
	return 0;
}

const struct axis axis_protection = {
	.name = "protection",
	.help = "what may be done with the pages (PROT_*)",
	.forms = "none\nread, write, exec: one or several",
	.initial = "read write",
	.of_mapping = true,
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
