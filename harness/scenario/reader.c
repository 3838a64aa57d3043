/* SPDX-License-Identifier: MIT */
#include "scenario/reader.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 64

void reader_memory(struct reader *r)
{
	mistakes_add(r->mistakes, (struct position){ 0 }, "out of memory");
}

void reader_unknown(struct reader *r, struct position at, const char *what, const char *word,
		    const char *const *known)
{
	const char *nearest = text_nearest(word, known);
	char list[512];

	if (nearest)
		mistakes_add(r->mistakes, at, "unknown %s '%s': did you mean '%s'?", what, word,
			     nearest);
	else
		mistakes_add(r->mistakes, at, "unknown %s '%s': choose %s", what, word,
			     text_alternatives(known, list, sizeof(list)));
}

void reader_check(struct reader *r, const struct node *mapping, const char *const *known)
{
	for (unsigned int i = 0; i < mapping->nr; i++) {
		const struct node *key = mapping->keys[i];
		bool found = false;

		for (size_t j = 0; known[j] && !found; j++)
			found = strcmp(known[j], key->text) == 0;
		if (!found)
			reader_unknown(r, key->place, "key", key->text, known);
	}
}

bool reader_nothing(struct reader *r, const struct node *key, const struct node *value)
{
	if (value->kind == NODE_NULL)
		mistakes_add(r->mistakes, value->text && *value->text ? value->place : key->place,
			     "'%s' has no value: give it one, or remove it", key->text);
	return value->kind == NODE_NULL || value->kind == NODE_BROKEN;
}

void reader_read(struct reader *r, const struct node *mapping, const struct key_row *rows)
{
	for (; rows->name; rows++) {
		const struct node *key, *value = node_find(mapping, rows->name, &key);

		if (value && !reader_nothing(r, key, value))
			rows->read(r, key, value);
	}
}

const char *reader_scalar(struct reader *r, const struct node *key, const struct node *value)
{
	if (reader_nothing(r, key, value))
		return NULL;
	if (value->kind == NODE_SCALAR)
		return value->text;
	mistakes_add(r->mistakes, key->place, "'%s' takes one value, not a %s", key->text,
		     value->kind == NODE_LIST ? "list" : "mapping");
	return NULL;
}

unsigned int reader_items(struct reader *r, const struct node *key, const struct node **value,
			  struct node *const **ret)
{
	if ((*value)->kind != NODE_LIST) {
		*ret = (struct node *const *)value;
		return 1;
	}
	if (!(*value)->nr)
		mistakes_add(r->mistakes, key->place,
			     "'%s' is an empty list: give it a value, or remove it", key->text);
	*ret = (*value)->items;
	return (*value)->nr;
}

char *reader_joined(struct reader *r, const struct node *key, const struct node *value)
{
	struct node *const *items;
	size_t used = 0, room = 1;
	unsigned int nr;
	char *text;

	if (reader_nothing(r, key, value))
		return NULL;
	nr = reader_items(r, key, &value, &items);
	for (unsigned int i = 0; i < nr; i++) {
		if (!reader_scalar(r, key, items[i]))
			return NULL;
		room += strlen(items[i]->text) + 1;
	}
	text = nr ? malloc(room) : NULL;
	if (!text) {
		if (nr)
			reader_memory(r);
		return NULL;
	}
	for (unsigned int i = 0; i < nr; i++) {
		if (i)
			text[used++] = ',';
		memcpy(text + used, items[i]->text, strlen(items[i]->text));
		used += strlen(items[i]->text);
	}
	text[used] = '\0';
	return text;
}

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
