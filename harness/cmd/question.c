/* SPDX-License-Identifier: MIT */
#include "cmd/question.h"

#include "model/outcome.h"

#include <errno.h>
#include <string.h>

int question_limit(struct question *q, char *text, struct error *err)
{
	if (!strchr(text, '='))
		return error_set(err, -EINVAL, "limit \"%s\": write a name and a size, as=4GiB",
				 text);
	if (q->nr_limits == QUESTION_LIMITS_MAX)
		return error_set(err, -ENOSPC, "more than %d limits", QUESTION_LIMITS_MAX);
	q->limits[q->nr_limits++] = text;
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

static int parse_axis(const struct question *q, const struct axis *axis, struct axis_value *ret,
		      struct error *err)
{
	const char *words = words_for(q, axis->name);
	struct field fields[QUESTION_LIMITS_MAX] = { { .text = words ? words : axis->initial } };
	char keys[QUESTION_LIMITS_MAX][16];
	size_t n = 1, bad;

	if (strcmp(axis->name, "limits") == 0 && q->nr_limits) {
		n = q->nr_limits;
		for (size_t i = 0; i < n; i++) {
			size_t length = strcspn(q->limits[i], "=");

			snprintf(keys[i], sizeof(keys[i]), "%.*s", (int)length, q->limits[i]);
			fields[i] = (struct field){ keys[i], q->limits[i] + length + 1 };
		}
	}
	return axis_value_parse(axis, fields, n, ret, &bad, err);
}

/* Parse every axis, let them all fill the conditions, and let go of the values. */
static int resolve_axes(const struct question *q, const struct host *host, struct conditions *c,
			struct error *err)
{
	struct axis_value values[AXES_MAX];
	struct params params = { { NULL } };
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
