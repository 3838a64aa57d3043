/* SPDX-License-Identifier: MIT */
/* Reads patterns: which cells a rule, a step or an exclusion is about. */
#include "scenario/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The comparison that text begins with; *ret_rest goes past it and the blanks after it. */
static enum pattern_compare split_compare(const char *text, const char **ret_rest)
{
	enum pattern_compare compare = PATTERN_IS;

	*ret_rest = text;
	if (*text != '<' && *text != '>')
		return compare;
	compare = *text == '<' ? PATTERN_LESS : PATTERN_MORE;
	text++;
	if (*text == '=') {
		compare++;
		text++;
	}
	*ret_rest = text + strspn(text, " ");
	return compare;
}

static bool can_compare(const struct axis *axis)
{
	return strcmp(axis->name, "size") == 0 || strcmp(axis->name, "threads") == 0;
}

static int read_value(struct reader *r, const struct axis *axis, const struct node *key,
		      const struct node *value, struct pattern_value *ret)
{
	struct node limit = *value;

	if (value->kind != NODE_SCALAR)
		return reader_axis_value(r, axis, key, value, &ret->value);
	ret->compare = split_compare(value->text, &limit.text);
	if (ret->compare != PATTERN_IS && !can_compare(axis)) {
		mistakes_add(r->mistakes, value->place,
			     "'%s' has no order: '%s' is for size and threads", axis->name,
			     pattern_compare_sign(ret->compare));
		return -EINVAL;
	}
	if (!*limit.text) {
		mistakes_add(r->mistakes, value->place, "'%s' compares with nothing: try \"%s %s\"",
			     value->text, value->text,
			     strcmp(axis->name, "size") == 0 ? "100% ram" : "4");
		return -EINVAL;
	}
	return reader_axis_value(r, axis, key, &limit, &ret->value);
}

/* A value that no cell has is a typing mistake more often than not. */
static void check_used(struct reader *r, const struct pattern_value *value, const struct node *key,
		       const struct node *at, int row)
{
	const struct matrix *m = &r->scenario->matrix;
	const struct matrix_axis *axis = &m->axes[row];

	if (value->compare != PATTERN_IS)
		return;
	for (unsigned int i = 0; i < axis->nr_values; i++)
		if (strcmp(axis->values[i].text, value->value.text) == 0)
			return;
	for (unsigned int i = 0; i < m->nr_include; i++)
		if (m->include[i].values[row].text &&
		    strcmp(m->include[i].values[row].text, value->value.text) == 0)
			return;
	mistakes_warn(r->mistakes, at->kind == NODE_SCALAR ? at->place : key->place,
		      "no cell has %s \"%s\": this matches nothing", axis->axis->name,
		      value->value.text);
}

static int read_term(struct reader *r, const struct node *key, const struct node *value, int row,
		     struct pattern_term *ret)
{
	struct node *const *items;
	unsigned int nr = reader_items(r, key, &value, &items);
	int result = nr ? 0 : -EINVAL;

	ret->values = calloc(nr ? nr : 1, sizeof(*ret->values));
	if (!ret->values) {
		reader_memory(r);
		return -ENOMEM;
	}
	ret->axis = row;
	for (unsigned int i = 0; i < nr; i++) {
		struct pattern_value *one = &ret->values[ret->nr_values];

		if (read_value(r, axes[row], key, items[i], one)) {
			result = -EINVAL;
			continue;
		}
		check_used(r, one, key, items[i], row);
		ret->nr_values++;
	}
	return result;
}

int read_pattern(struct reader *r, const struct node *key, const struct node *value,
		 struct pattern *ret)
{
	unsigned int nr = 0;
	int result = 0;

	/* The place may hold what is left of an earlier pattern that was wrong. */
	*ret = (struct pattern){ .terms = { { .axis = -1 } } };
	if (value->kind != NODE_MAPPING) {
		mistakes_add(r->mistakes, value->kind == NODE_SCALAR ? value->place : key->place,
			     "'%s' takes a mapping of axes: try {size: 1GiB}", key->text);
		return -EINVAL;
	}
	if (!value->nr) {
		mistakes_add(r->mistakes, value->place, "an empty pattern: name an axis");
		return -EINVAL;
	}
	for (unsigned int i = 0; i < value->nr; i++) {
		int row = reader_axis(r, value->keys[i]);

		if (row < 0 || reader_nothing(r, value->keys[i], value->items[i])) {
			result = -EINVAL;
			continue;
		}
		if (read_term(r, value->keys[i], value->items[i], row, &ret->terms[nr]))
			result = -EINVAL;
		if (ret->terms[nr].values)
			nr++;
		ret->terms[nr].axis = -1;
	}
	if (!result && pattern_index(ret, &r->scenario->matrix)) {
		reader_memory(r);
		result = -ENOMEM;
	}
	if (result)
		pattern_clear(ret);
	return result;
}

struct pattern *read_new_pattern(struct reader *r, const struct node *key, const struct node *value)
{
	struct pattern *p;

	if (reader_nothing(r, key, value))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p) {
		reader_memory(r);
		return NULL;
	}
	if (read_pattern(r, key, value, p)) {
		free(p);
		return NULL;
	}
	return p;
}

struct pattern *read_patterns(struct reader *r, const struct node *key, const struct node *value,
			      unsigned int *ret_nr)
{
	struct node *const *items;
	unsigned int nr = reader_items(r, key, &value, &items);
	struct pattern *patterns;

	*ret_nr = 0;
	if (!nr)
		return NULL;
	patterns = calloc(nr, sizeof(*patterns));
	if (!patterns) {
		reader_memory(r);
		return NULL;
	}
	for (unsigned int i = 0; i < nr; i++)
		if (!reader_nothing(r, key, items[i]) &&
		    !read_pattern(r, key, items[i], &patterns[*ret_nr]))
			(*ret_nr)++;
	return patterns;
}
