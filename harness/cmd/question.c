/* SPDX-License-Identifier: MIT */
#include "cmd/question.h"

#include "cmd/names.h"
#include "model/outcome.h"

#include <errno.h>
#include <string.h>

/* "as=4GiB" */
static int add_limit(struct question *q, char *text, struct error *err)
{
	if (!strchr(text, '='))
		return error_set(err, -EINVAL, "limit \"%s\": write a name and a size, as=4GiB",
				 text);
	if (q->nr_limits == QUESTION_LIMITS_MAX)
		return error_set(err, -ENOSPC, "more than %d limits", QUESTION_LIMITS_MAX);
	q->limits[q->nr_limits++] = text;
	return 0;
}

/* "hugetlb.2MiB=64": cut at the sign. */
static int add_setting(struct question *q, char *text, struct error *err)
{
	struct setting_wanted wanted;
	int r;

	if (q->nr_set == QUESTION_SET_MAX)
		return error_set(err, -ENOSPC, "more than %d --set", QUESTION_SET_MAX);
	r = setting_split(text, &wanted, err);
	if (!r)
		q->set[q->nr_set++] = (struct field){ wanted.name, wanted.value };
	return r;
}

error_t question_option(struct question *q, int key, char *text, struct argp_state *state)
{
	const char **const words[QUESTION_OPTIONS] = {
		[QUESTION_SIZE] = &q->size,
		[QUESTION_FLAGS] = &q->flags,
		[QUESTION_PROTECTION] = &q->protection,
		[QUESTION_OVERCOMMIT] = &q->overcommit,
		[QUESTION_HUGEPAGES] = &q->hugepages,
		[QUESTION_ADDRESS] = &q->address,
		[QUESTION_SYSTEM] = &q->system,
	};
	struct error err = { "" };
	int r = 0;

	if (key < QUESTION_SIZE || key >= QUESTION_OPTIONS)
		return ARGP_ERR_UNKNOWN;
	if (key == QUESTION_LIMIT)
		r = add_limit(q, text, &err);
	else if (key == QUESTION_SET)
		r = add_setting(q, text, &err);
	else if (key == QUESTION_JSON)
		q->json = true;
	else
		*words[key] = text;
	if (r)
		argp_error(state, "%s", err.text);
	return 0;
}

/* The words for an axis: the user's where there are some, else the axis' own. */
static const char *words_for(const struct question *q, const char *axis)
{
	const struct {
		const char *axis, *words;
	} given[] = {
		{ "size", q->size },
		{ "flags", q->flags },
		{ "protection", q->protection },
		{ "overcommit", q->overcommit },
		{ "hugepages", q->hugepages },
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if (strcmp(given[i].axis, axis) == 0)
			return given[i].words;
	}
	return NULL;
}

#define FIELDS_MAX (QUESTION_SET_MAX + 1)

static size_t limit_fields(const struct question *q, struct field *ret, char (*keys)[16])
{
	for (unsigned int i = 0; i < q->nr_limits; i++) {
		size_t length = strcspn(q->limits[i], "=");

		snprintf(keys[i], sizeof(keys[i]), "%.*s", (int)length, q->limits[i]);
		ret[i] = (struct field){ keys[i], q->limits[i] + length + 1 };
	}
	return q->nr_limits;
}

static size_t setting_fields(const struct question *q, struct field *ret)
{
	ret[0] = (struct field){ "name", "asked" };
	memcpy(ret + 1, q->set, q->nr_set * sizeof(q->set[0]));
	return q->nr_set + 1;
}

static int parse_axis(const struct question *q, const struct axis *axis, struct axis_value *ret,
		      struct error *err)
{
	const char *words = words_for(q, axis->name);
	struct field fields[FIELDS_MAX] = { { .text = words ? words : axis->initial } };
	char keys[QUESTION_LIMITS_MAX][16];
	size_t n = 1, bad;

	if (strcmp(axis->name, "limits") == 0 && q->nr_limits)
		n = limit_fields(q, fields, keys);
	else if (strcmp(axis->name, "settings") == 0 && q->nr_set)
		n = setting_fields(q, fields);
	return axis_value_parse(axis, fields, n, ret, &bad, err);
}

/* Parse every axis, let them all fill the conditions, and let go of the values. */
static int resolve_axes(const struct question *q, const struct host *host, struct conditions *c,
			struct error *err)
{
	struct axis_value values[AXES_MAX];
	struct params params = { .pool_as_it_is = true };
	int n = 0, r = 0;

	for (; !r && axes[n]; n++) {
		r = parse_axis(q, axes[n], &values[n], err);
		if (r) {
			error_prefix(err, r, "--%s", axes[n]->name);
			break;
		}
		params.value[n] = &values[n];
	}
	if (!r)
		r = params_resolve(&params, host, c, err);
	while (n-- > 0)
		axis_value_free(&values[n]);
	return r;
}

static int resolve_address(const struct question *q, const struct host *host, uint64_t *ret,
			   struct error *err)
{
	struct size_bases bases;
	struct size size;
	int r = address_parse(q->address, &size, err);

	if (r)
		return error_prefix(err, r, "--address");
	host_size_bases(host, &bases);
	return size_resolve(&size, &bases, ret, err);
}

/* Whether this machine has them; not whether they may be written, which answering does not. */
static int check_settings(const struct question *q, struct error *err)
{
	for (unsigned int i = 0; i < q->nr_set; i++) {
		int r = settings_check(q->set[i].key, q->set[i].text, err);

		if (r == -EINVAL || r == -ENOENT)
			return error_prefix(err, r, "--set");
	}
	return 0;
}

int question_resolve(const struct question *q, struct asked *ret, struct error *err)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	if (q->system) {
		r = snapshot_read(q->system, &ret->system, err);
	} else {
		r = host_read(&ret->system.host, err);
		if (!r)
			r = process_memory_read(&ret->system.process, PROCESS_ACCOUNTS, err);
	}
	if (!r && !q->system)
		r = check_settings(q, err);
	if (!r)
		r = resolve_axes(q, &ret->system.host, &ret->conditions, err);
	if (!r && q->address)
		r = resolve_address(q, &ret->system.host, &ret->conditions.map.address, err);
	if (r)
		return r;
	model_host_under(&ret->system.host, &ret->conditions, &ret->host);
	model_init(&ret->model, &ret->host, &ret->system.process);
	return 0;
}
