/* SPDX-License-Identifier: MIT */
/* Reads an axis' name and its values: a word, or a mapping of fields. */
#include "scenario/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 64

int reader_axis(struct reader *r, const struct node *key)
{
	int row = axis_index(key->text);

	if (row < 0)
		reader_unknown(r, key->place, "axis", key->text, axis_names());
	return row;
}

static int scalar_value(struct reader *r, const struct axis *axis, const struct node *value,
			struct axis_value *ret)
{
	struct field field = { NULL, value->text };
	struct error err;
	size_t bad = 0;
	int result = axis_value_parse(axis, &field, 1, ret, &bad, &err);

	if (result)
		mistakes_add(r->mistakes, value->place, "%s", err.text);
	return result;
}

static int check_field(struct reader *r, const struct axis *axis, const struct node *key)
{
	const char *names[ARGS_MAX + 1] = { NULL };

	if (axis->any_field || arg_find(axis->fields, key->text))
		return 0;
	for (size_t i = 0; i < ARGS_MAX && axis->fields[i].name; i++)
		names[i] = axis->fields[i].name;
	reader_unknown(r, key->place, "field", key->text, names);
	return -EINVAL;
}

static int collect_fields(struct reader *r, const struct axis *axis, const struct node *value,
			  struct field *fields, char **texts)
{
	int result = 0;

	for (unsigned int i = 0; i < value->nr; i++) {
		if (check_field(r, axis, value->keys[i])) {
			result = -EINVAL;
			continue;
		}
		texts[i] = reader_joined(r, value->keys[i], value->items[i]);
		if (!texts[i])
			result = -EINVAL;
		fields[i] = (struct field){ value->keys[i]->text, texts[i] };
	}
	return result;
}

static int mapping_value(struct reader *r, const struct axis *axis, const struct node *value,
			 struct axis_value *ret)
{
	struct field fields[FIELDS_MAX] = { { NULL, NULL } };
	char *texts[FIELDS_MAX] = { NULL };
	struct error err;
	size_t bad = 0;
	int result = collect_fields(r, axis, value, fields, texts);

	if (!result) {
		result = axis_value_parse(axis, fields, value->nr, ret, &bad, &err);
		if (result) {
			const struct node *at = bad < value->nr ? value->items[bad] : value;

			/* A list's own place is its bracket: its key says more. */
			if (at != value && at->kind != NODE_SCALAR)
				at = value->keys[bad];
			mistakes_add(r->mistakes, at->place, "%s", err.text);
		}
	}
	for (size_t i = 0; i < FIELDS_MAX; i++)
		free(texts[i]);
	return result;
}

int reader_axis_value(struct reader *r, const struct axis *axis, const struct node *key,
		      const struct node *value, struct axis_value *ret)
{
	if (reader_nothing(r, key, value))
		return -EINVAL;
	if (value->kind == NODE_SCALAR)
		return scalar_value(r, axis, value, ret);
	if (value->kind == NODE_LIST)
		mistakes_add(r->mistakes, value->place,
			     "a list inside a list: a value of '%s' is one text, such as \"%s\"",
			     axis->name, axis->initial);
	else if (!axis->fields && !axis->any_field)
		mistakes_add(r->mistakes, value->place, "a value of '%s' is no mapping: write %.*s",
			     axis->name, (int)strcspn(axis->forms, "\n"), axis->forms);
	else if (!value->nr)
		mistakes_add(r->mistakes, value->place, "an empty mapping: '%s' needs a field",
			     axis->name);
	else if (value->nr > FIELDS_MAX)
		mistakes_add(r->mistakes, value->place, "more than %d fields", FIELDS_MAX);
	else
		return mapping_value(r, axis, value, ret);
	return -EINVAL;
}
