/* SPDX-License-Identifier: MIT */
#include "base/arg.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct arg *arg_find(const struct arg *table, const char *name)
{
	for (; table && table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

#define SHARE_MAX 1e6

static int parse_choice(const struct arg *arg, const char *text, struct arg_value *ret,
			struct error *err)
{
	const char *nearest;
	char known[256];

	for (unsigned int i = 0; arg->choices[i]; i++) {
		if (strcmp(arg->choices[i], text) == 0) {
			ret->choice = i;
			return 0;
		}
	}
	nearest = text_nearest(text, arg->choices);
	if (nearest)
		return error_set(err, -EINVAL, "unknown %s \"%s\": did you mean \"%s\"?", arg->name,
				 text, nearest);
	return error_set(err, -EINVAL, "unknown %s \"%s\": choose %s", arg->name, text,
			 text_alternatives(arg->choices, known, sizeof(known)));
}

static int parse_count(const struct arg *arg, const char *text, struct arg_value *ret,
		       struct error *err)
{
	uint64_t n;
	int r = count_parse(text, &n, err);

	if (r)
		return r;
	if (n < arg->minimum)
		return error_set(err, -ERANGE, "%s %s is too small: at least %" PRIu64, arg->name,
				 text, arg->minimum);
	if (arg->maximum && n > arg->maximum)
		return error_set(err, -ERANGE, "%s %s is too large: at most %" PRIu64, arg->name,
				 text, arg->maximum);
	ret->count = n;
	return 0;
}

int arg_check_size(const struct arg *arg, const char *text, uint64_t bytes, uint64_t page_bytes,
		   struct error *err)
{
	const char *example = arg->initial ? arg->initial : "2MiB";
	bool pages = arg->multiple == ARG_PAGE;
	uint64_t unit = pages ? page_bytes : arg->multiple;
	char size[32];

	if (bytes < arg->minimum)
		return error_set(err, -ERANGE, "%s is too small: try %s", text, example);
	if (!unit || bytes % unit == 0)
		return 0;
	return error_set(err, -EINVAL, "%s is not %s %s: try %s", text,
			 pages ? "a whole number of pages of" : "a multiple of",
			 bytes_format_exact(unit, size, sizeof(size)), example);
}

static int parse_size(const struct arg *arg, const char *text, struct arg_value *ret,
		      struct error *err)
{
	uint64_t bytes;
	int r = size_parse(text, &ret->size, err);

	if (r || !size_fixed(&ret->size, PAGE_BYTES_LEAST, &bytes))
		return r;
	return arg_check_size(arg, text, bytes, PAGE_BYTES_LEAST, err);
}

static int parse_share(const char *text, struct arg_value *ret, struct error *err)
{
	double share;
	int r = percent_parse(text, &share, err);

	if (!r && share > SHARE_MAX)
		r = error_set(err, -ERANGE, "%s is too much: at most %.0f%%", text,
			      SHARE_MAX * 100);
	if (!r)
		ret->millionths = (uint64_t)(share * 1e6 + 0.5);
	return r;
}

int arg_parse(const struct arg *arg, const char *text, struct arg_value *ret, struct error *err)
{
	struct arg_value value = { .given = true };
	int r = 0;

	switch (arg->type) {
	case ARG_SIZE:
		r = parse_size(arg, text, &value, err);
		break;
	case ARG_ADDRESS:
		r = address_parse(text, &value.size, err);
		break;
	case ARG_COUNT:
		r = parse_count(arg, text, &value, err);
		break;
	case ARG_CHOICE:
		r = parse_choice(arg, text, &value, err);
		break;
	case ARG_DURATION:
		r = duration_parse(text, &value.duration_ns, err);
		break;
	case ARG_SHARE:
		r = parse_share(text, &value, err);
		break;
	case ARG_WORDS:
		value.words = strdup(text);
		if (!value.words)
			r = error_set(err, -ENOMEM, "out of memory");
		break;
	}
	if (!r)
		*ret = value;
	return r;
}

char *arg_format(const struct arg *arg, const struct arg_value *value, char *ret, size_t length)
{
	switch (arg->type) {
	case ARG_SIZE:
		return size_format(&value->size, ret, length);
	case ARG_ADDRESS:
		return address_format(&value->size, ret, length);
	case ARG_COUNT:
		snprintf(ret, length, "%" PRIu64, value->count);
		break;
	case ARG_CHOICE:
		snprintf(ret, length, "%s", arg->choices[value->choice]);
		break;
	case ARG_DURATION:
		snprintf(ret, length, "%" PRIu64 "ns", value->duration_ns);
		break;
	case ARG_SHARE:
		snprintf(ret, length, "%g%%", (double)value->millionths / 1e4);
		break;
	case ARG_WORDS:
		snprintf(ret, length, "%s", value->words);
		break;
	}
	return ret;
}
