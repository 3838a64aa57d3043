/* SPDX-License-Identifier: MIT */
/*
 * Axis `settings`: named sets of system-wide values, so that sysctl settings can be compared. What
 * names there are, and how they are written and restored, is for sys/settings to know.
 */
#include "axes/rows.h"
#include "axes/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 64

struct value {
	char name[NAME_MAX_BYTES];
	unsigned int n;
	struct wanted *pairs; /* n of them, in the order written */
};

static const struct arg field_rows[] = {
	{ .name = "name", .type = ARG_WORDS, .help = "what this set is called in results" },
	{ 0 },
};

static int check_name(const char *name, struct error *err)
{
	if (!*name || strlen(name) >= NAME_MAX_BYTES ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") !=
		    strlen(name))
		return error_set(err, -EINVAL,
				 "\"%s\" cannot be a name: use letters, digits, '.', '_' and '-', "
				 "at most %d of them",
				 name, NAME_MAX_BYTES - 1);
	return 0;
}

static int fill_pair(const struct field *field, struct wanted *ret, struct error *err)
{
	int r = check_name(field->key, err);

	if (r)
		return r;
	if (!strchr(field->key, '.'))
		return error_set(err, -EINVAL, "\"%s\" is no setting: try vm.%s", field->key,
				 field->key);
	if (!*field->text || strlen(field->text) >= sizeof(ret->value))
		return error_set(err, -EINVAL, "%s: \"%s\" cannot be a value", field->key,
				 field->text);
	snprintf(ret->name, sizeof(ret->name), "%s", field->key);
	snprintf(ret->value, sizeof(ret->value), "%s", field->text);
	return 0;
}

static int fill_pairs(const struct field *fields, size_t n, size_t name_at, struct value *v,
		      size_t *ret_bad, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		int r;

		*ret_bad = i;
		if (i == name_at)
			continue;
		if (v->n == WANTED_MAX)
			return error_set(err, -EINVAL, "more than %d settings", WANTED_MAX);
		r = fill_pair(&fields[i], &v->pairs[v->n], err);
		if (r)
			return r;
		v->n++;
	}
	return 0;
}

static void release(void *value)
{
	struct value *v = value;

	free(v->pairs);
	v->pairs = NULL;
}

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct value *v = value;
	size_t name_at = 0;
	int r;

	*ret_bad = 0;
	if (fields[0].key)
		field_find(fields, n, "name", &name_at);
	*ret_bad = name_at;
	r = check_name(fields[name_at].text, err);
	if (r)
		return r;
	snprintf(v->name, sizeof(v->name), "%s", fields[name_at].text);
	if (n == 1)
		return 0;
	v->pairs = calloc(n, sizeof(v->pairs[0]));
	if (!v->pairs)
		return error_set(err, -ENOMEM, "out of memory");
	r = fill_pairs(fields, n, name_at, v, ret_bad, err);
	if (r)
		release(v);
	return r;
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;

	snprintf(ret, length, "%s", v->name);
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;
	int r = 0;

	(void)host;
	for (unsigned int i = 0; !r && i < v->n; i++)
		r = conditions_want(c, v->pairs[i].name, v->pairs[i].value, err);
	return r;
}

const struct axis axis_settings = {
	.name = "settings",
	.help = "a named set of system-wide values",
	.forms = "as-set: whatever the system says\n"
		 "{name: stock}\n"
		 "{name: tuned, vm.swappiness: 10, thp.enabled: always}",
	.fields = field_rows,
	.any_field = true,
	.initial = "as-set",
	.system_wide = true,
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
	.release = release,
};
