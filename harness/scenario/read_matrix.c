/* SPDX-License-Identifier: MIT */
/* Reads the matrix: axes and their values, cells beside the product, cells to leave out. */
#include "scenario/reader.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A value and where it was written, to find equal ones by sorting. */
struct written {
	const char *text;
	const struct node *at;
	unsigned int index;
};

static int by_text(const void *a, const void *b)
{
	const struct written *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	if (order)
		return order;
	return x->index < y->index ? -1 : 1;
}

static void check_twice(struct reader *r, const struct node *key, struct written *written,
			unsigned int nr)
{
	qsort(written, nr, sizeof(*written), by_text);
	for (unsigned int i = 1; i < nr; i++) {
		if (strcmp(written[i].text, written[i - 1].text) != 0)
			continue;
		mistakes_add(r->mistakes,
			     written[i].at->kind == NODE_SCALAR ? written[i].at->place : key->place,
			     "%s has the value \"%s\" twice: remove one", key->text,
			     written[i].text);
	}
}

static void read_values(struct reader *r, struct matrix_axis *axis, const struct node *key,
			const struct node *value)
{
	struct node *const *items;
	unsigned int nr = reader_items(r, key, &value, &items), n = 0;
	AUTO_FREE struct written *written = calloc(nr + 1, sizeof(*written));
	struct axis_value *values = calloc(nr + 1, sizeof(*values));

	if (!written || !values) {
		reader_memory(r);
		free(values);
		return;
	}
	for (unsigned int i = 0; i < nr; i++) {
		if (reader_axis_value(r, axis->axis, key, items[i], &values[n]))
			continue;
		written[n] = (struct written){ values[n].text, items[i], n };
		n++;
	}
	check_twice(r, key, written, n);
	if (!n) {
		free(values);
		return;
	}
	axis->values = values;
	axis->nr_values = n;
}

void read_matrix(struct reader *r, const struct node *key, const struct node *value)
{
	struct matrix *m = &r->scenario->matrix;

	if (value->kind == NODE_SCALAR && strchr(value->text, ':')) {
		mistakes_add(r->mistakes, value->place, "a blank is missing after ':'");
		return;
	}
	if (value->kind != NODE_MAPPING) {
		mistakes_add(r->mistakes, key->place,
			     "'matrix' takes a mapping from axes to values: try {size: [1GiB]}");
		return;
	}
	for (unsigned int i = 0; i < value->nr; i++) {
		int row = reader_axis(r, value->keys[i]);

		if (row < 0 || reader_nothing(r, value->keys[i], value->items[i]))
			continue;
		m->axes[row].named = true;
		read_values(r, &m->axes[row], value->keys[i], value->items[i]);
	}
}

static void read_extra(struct reader *r, const struct node *key, const struct node *value,
		       struct extra_cell *ret)
{
	struct matrix *m = &r->scenario->matrix;

	if (value->kind != NODE_MAPPING || !value->nr) {
		mistakes_add(r->mistakes, value->kind == NODE_SCALAR ? value->place : key->place,
			     "'include' takes cells, each a mapping from axes to one value: try "
			     "[{size: 1TiB}]");
		return;
	}
	for (unsigned int i = 0; i < value->nr; i++) {
		const struct node *axis = value->keys[i], *item = value->items[i];
		int row = reader_axis(r, axis);

		if (row < 0)
			continue;
		m->axes[row].named = true;
		if (item->kind == NODE_LIST)
			mistakes_add(r->mistakes, axis->place,
				     "a cell of 'include' has one value of '%s', not a list",
				     axis->text);
		else
			reader_axis_value(r, axes[row], axis, item, &ret->values[row]);
	}
}

void read_include(struct reader *r, const struct node *key, const struct node *value)
{
	struct matrix *m = &r->scenario->matrix;
	struct node *const *items;
	unsigned int nr = reader_items(r, key, &value, &items);

	if (!nr)
		return;
	m->include = calloc(nr, sizeof(*m->include));
	if (!m->include) {
		reader_memory(r);
		return;
	}
	m->nr_include = nr;
	for (unsigned int i = 0; i < nr; i++)
		if (!reader_nothing(r, key, items[i]))
			read_extra(r, key, items[i], &m->include[i]);
}

void read_exclude(struct reader *r, const struct node *key, const struct node *value)
{
	struct matrix *m = &r->scenario->matrix;

	m->exclude = read_patterns(r, key, value, &m->nr_exclude);
}

void read_when(struct reader *r, const struct node *key, const struct node *value)
{
	struct matrix *m = &r->scenario->matrix;

	m->when = read_patterns(r, key, value, &m->nr_when);
}

/* The initial value of an axis, parsed as if it stood in the file. */
static int initial_value(const struct axis *axis, struct axis_value *ret)
{
	struct field field = { NULL, axis->initial };
	struct error err;
	size_t bad;
	int r = axis_value_parse(axis, &field, 1, ret, &bad, &err);

	if (r && r != -ENOMEM)
		BUG("initial value of axis %s: %s", axis->name, err.text);
	return r;
}

static int complete_axis(struct matrix_axis *axis)
{
	int r = initial_value(axis->axis, &axis->initial);

	if (r || axis->nr_values)
		return r;
	axis->values = calloc(1, sizeof(*axis->values));
	if (!axis->values)
		return -ENOMEM;
	r = initial_value(axis->axis, &axis->values[0]);
	axis->nr_values = !r;
	return r;
}

void read_matrix_end(struct reader *r)
{
	struct matrix *m = &r->scenario->matrix;
	const struct node *key = NULL;
	struct error err;

	for (unsigned int i = 0; i < m->nr_axes; i++) {
		if (complete_axis(&m->axes[i])) {
			reader_memory(r);
			return;
		}
	}
	if (!matrix_count(m, &err))
		return;
	node_find(r->root, "matrix", &key);
	mistakes_add(r->mistakes, key ? key->place : (struct position){ 0 }, "%s", err.text);
}
