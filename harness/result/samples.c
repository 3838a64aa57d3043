/* SPDX-License-Identifier: MIT */
#include "result/samples.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "result/samples_json.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#define BLANKS " \t\r\v\f"

void samples_free(struct samples *s)
{
	for (size_t i = 0; i < s->nr_sets; i++) {
		free(s->sets[i].name);
		free(s->sets[i].values);
	}
	free(s->sets);
	*s = (struct samples){ .nr_sets = 0 };
}

const struct sample_set *samples_find(const struct samples *s, const char *name)
{
	for (size_t i = 0; i < s->nr_sets; i++)
		if (strcmp(s->sets[i].name, name) == 0)
			return &s->sets[i];
	return NULL;
}

struct sample_set *samples_add_set(struct samples *s, const char *name)
{
	struct sample_set *grown = realloc(s->sets, (s->nr_sets + 1) * sizeof(*grown));

	if (!grown)
		return NULL;
	s->sets = grown;
	grown = &s->sets[s->nr_sets];
	*grown = (struct sample_set){ .name = strdup(name) };
	if (!grown->name)
		return NULL;
	s->nr_sets++;
	return grown;
}

int samples_add(struct sample_set *set, double value, const char *where, ...)
{
	va_list args;

	if (set->n == set->room) {
		size_t room = set->room ? 2 * set->room : 64;
		double *grown = realloc(set->values, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		set->values = grown;
		set->room = room;
	}
	set->values[set->n++] = value;
	if (isfinite(value) && value > 0)
		return 0;
	if (!set->odd++) {
		va_start(args, where);
		vsnprintf(set->where, sizeof(set->where), where, args);
		va_end(args);
	}
	return 0;
}

/* One line; *end is where it ends. A line of nothing adds nothing. */
static int parse_line(struct sample_set *set, const char *line, const char *end, size_t number,
		      const char *path, struct error *err)
{
	const char *last = memchr(line, '#', (size_t)(end - line));
	char word[64], *after;
	double value;
	size_t length;

	last = last ? last : end;
	while (line < last && strchr(BLANKS, *line))
		line++;
	while (last > line && strchr(BLANKS, last[-1]))
		last--;
	length = (size_t)(last - line);
	if (!length)
		return 0;
	snprintf(word, sizeof(word), "%.*s", (int)(length < 63 ? length : 63), line);
	value = strtod(word, &after);
	if (length > 63 || *after || after == word || strpbrk(word, "xXpP"))
		return error_set(err, -EINVAL, "%s:%zu: \"%.40s\" is not a number", path, number,
				 word);
	if (isinf(value) && !strpbrk(word, "iI"))
		return error_set(err, -ERANGE, "%s:%zu: %s is beyond what a double holds", path,
				 number, word);
	return samples_add(set, value, "line %zu: %s", number, word);
}

static int parse_lines(const char *text, size_t length, const char *path, struct samples *s,
		       struct error *err)
{
	struct sample_set *set = samples_add_set(s, "");
	const char *end = text + length;
	size_t number = 1;
	int r = set ? 0 : -ENOMEM;

	for (const char *line = text; !r && line < end; number++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		if (!newline)
			newline = end;
		if (memchr(line, '\0', (size_t)(newline - line)))
			return error_set(err, -EINVAL, "%s:%zu: a zero byte: the file is no text",
					 path, number);
		r = parse_line(set, line, newline, number, path, err);
		line = newline + 1;
	}
	return r;
}

static int parse(const char *text, size_t length, const char *path, struct samples *s,
		 struct error *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* that some editors put before UTF-8 */
	size_t skipped = strncmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
	const char *start;
	int r;

	text += skipped;
	length -= skipped;
	start = text + strspn(text, BLANKS "\n");
	if (*start == '{' || *start == '[')
		r = samples_parse_json(text, length, path, s, err);
	else
		r = parse_lines(text, length, path, s, err);
	for (size_t i = 0; !r && i < s->nr_sets; i++)
		if (!s->sets[i].n)
			r = error_set(err, -EINVAL, "%s: holds no number%s%s", path,
				      *s->sets[i].name ? " for " : "", s->sets[i].name);
	if (!r && !s->nr_sets)
		r = error_set(err, -EINVAL,
			      s->nr_failed ? "%s: every benchmark in it failed, by its own account"
					   : "%s: holds no benchmark",
			      path);
	return r == -ENOMEM ? error_set(err, r, "%s: out of memory", path) : r;
}

int samples_parse(const char *text, size_t length, const char *path, struct samples *ret,
		  struct error *err)
{
	struct samples s = { .unit = "" };
	int r = parse(text, length, path, &s, err);

	if (r)
		samples_free(&s);
	else
		*ret = s;
	return r;
}

int samples_read(const char *path, struct samples *ret, struct error *err)
{
	AUTO_FREE char *text = NULL;
	size_t length;
	int r = file_load(path, SAMPLES_BYTES_MAX, &text, &length, err);

	return r ? r : samples_parse(text, length, path, ret, err);
}
