/* SPDX-License-Identifier: MIT */
/*
 * One value of an axis, from words to bytes. What is the same for all axes is checked here (which
 * fields, each once, none missing), so that an axis' own parser sees only fields that it knows.
 */
#include "axes/axis.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1024 /* of a canonical text */

static int unknown_field(const struct axis *axis, const char *key, struct error *err)
{
	const char *names[ARGS_MAX + 1] = { NULL };
	char known[256];
	const char *nearest;

	for (size_t i = 0; i < ARGS_MAX && axis->fields[i].name; i++)
		names[i] = axis->fields[i].name;
	nearest = text_nearest(key, names);
	if (nearest)
		return error_set(err, -EINVAL, "unknown key '%s': did you mean '%s'?", key,
				 nearest);
	return error_set(err, -EINVAL, "unknown key '%s': choose %s", key,
			 text_alternatives(names, known, sizeof(known)));
}

static int check_field(const struct axis *axis, const struct field *fields, size_t i,
		       struct error *err)
{
	const char *key = fields[i].key;

	if (!key)
		return 0;
	if (!axis->fields)
		return error_set(err, -EINVAL, "%s takes no keys: write %s", axis->name,
				 axis->initial);
	for (size_t k = 0; k < i; k++)
		if (strcmp(fields[k].key, key) == 0)
			return error_set(err, -EINVAL, "key '%s' is there twice", key);
	if (!axis->any_field && !arg_find(axis->fields, key))
		return unknown_field(axis, key, err);
	return 0;
}

static bool has_field(const struct field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].key, name) == 0)
			return true;
	return false;
}

static int check_fields(const struct axis *axis, const struct field *fields, size_t n,
			size_t *ret_bad, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		int r = check_field(axis, fields, i, err);

		if (r) {
			*ret_bad = i;
			return r;
		}
	}
	for (const struct arg *a = axis->fields; fields[0].key && a->name; a++) {
		if (!a->initial && !has_field(fields, n, a->name)) {
			*ret_bad = 0;
			return error_set(err, -EINVAL, "key '%s' is missing", a->name);
		}
	}
	return 0;
}

int axis_value_parse(const struct axis *axis, const struct field *fields, size_t n,
		     struct axis_value *ret, size_t *ret_bad, struct error *err)
{
	AUTO_FREE void *data = calloc(1, axis->value_bytes);
	char text[TEXT_MAX];
	char *copy;
	int r;

	if (!n) {
		*ret_bad = 0;
		return error_set(err, -EINVAL, "%s has no value: write %s", axis->name,
				 axis->initial);
	}
	if (!data)
		return error_set(err, -ENOMEM, "out of memory");
	r = check_fields(axis, fields, n, ret_bad, err);
	if (!r)
		r = axis->parse(fields, n, data, ret_bad, err);
	if (r)
		return r;
	axis->format(data, text, sizeof(text));
	copy = strdup(text);
	if (!copy) {
		if (axis->release)
			axis->release(data);
		return error_set(err, -ENOMEM, "out of memory");
	}
	*ret = (struct axis_value){ .axis = axis, .text = copy, .data = data };
	data = NULL;
	return 0;
}

void axis_value_free(struct axis_value *value)
{
	if (value->data && value->axis->release)
		value->axis->release(value->data);
	free(value->data);
	free(value->text);
	*value = (struct axis_value){ 0 };
}
