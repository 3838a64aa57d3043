/* SPDX-License-Identifier: MIT */
/*
 * Patterns choose cells. A matrix may have a million of them, so what a term says of each value of
 * its axis is worked out once and kept as a bit.
 */
#include "scenario/matrix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One bit a value of the axis. Where the term compares, the bits hold for one state of the host. */
struct pattern_index {
	const struct axis_value *first;
	unsigned int nr;
	bool compares;
	uint64_t stamp; /* of the host; 0: none yet */
	uint64_t bits[];
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

/* A number that changes with anything that a comparison may depend on; never 0. */
static uint64_t host_stamp(const struct host *host)
{
	struct size_bases bases;
	uint64_t stamp = 1;

	if (!host)
		return 1;
	host_size_bases(host, &bases);
	for (unsigned int i = 0; i < SIZE_BASES; i++)
		stamp = mix(stamp, bases.bytes[i]);
	stamp = mix(stamp, bases.page_bytes);
	stamp = mix(stamp, host->nr_cpus);
	stamp = mix(stamp, host->nr_cpus_allowed);
	return stamp | 1;
}

static bool is_threads(const struct axis *axis)
{
	return strcmp(axis->name, "threads") == 0;
}

/*
 * What the value comes to on the host: bytes of a size, a number of threads. A size may be a share
 * of what the cell's own settings make, so the axes above it are resolved first.
 */
static int value_number(const struct axis_value *value, const struct params *params,
			const struct host *host, uint64_t *ret)
{
	struct conditions c = { 0 };
	int r;

	if (!host)
		return -ENODATA;
	for (int i = 0; !is_threads(value->axis) && axes[i] != value->axis; i++)
		axes[i]->resolve(params->value[i]->data, host, &c, NULL);
	r = value->axis->resolve(value->data, host, &c, NULL);
	if (r)
		return r;
	*ret = is_threads(value->axis) ? c.nr_workers : c.map.length_bytes;
	return 0;
}

static bool value_match(const struct pattern_value *wanted, const struct axis_value *value,
			const struct params *params, const struct host *host)
{
	uint64_t limit, number;

	if (wanted->compare == PATTERN_IS)
		return strcmp(wanted->value.text, value->text) == 0;
	if (value_number(&wanted->value, params, host, &limit) ||
	    value_number(value, params, host, &number))
		return false;
	switch (wanted->compare) {
	case PATTERN_LESS:
		return number < limit;
	case PATTERN_LESS_OR:
		return number <= limit;
	case PATTERN_MORE:
		return number > limit;
	case PATTERN_MORE_OR:
		return number >= limit;
	case PATTERN_IS:
		break;
	}
	return false;
}

static bool any_match(const struct pattern_term *term, const struct axis_value *value,
		      const struct params *params, const struct host *host)
{
	for (unsigned int i = 0; i < term->nr_values; i++)
		if (value_match(&term->values[i], value, params, host))
			return true;
	return false;
}

static void index_fill(const struct pattern_term *term, const struct params *params,
		       const struct host *host)
{
	struct pattern_index *index = term->index;

	memset(index->bits, 0, (index->nr + 63) / 64 * sizeof(index->bits[0]));
	for (unsigned int i = 0; i < index->nr; i++)
		if (any_match(term, &index->first[i], params, host))
			index->bits[i / 64] |= 1ull << i % 64;
}

static int term_index(struct pattern_term *term, const struct matrix_axis *axis)
{
	struct pattern_index *index;

	index = calloc(1, sizeof(*index) + (axis->nr_values + 63) / 64 * sizeof(index->bits[0]));
	if (!index)
		return -ENOMEM;
	index->first = axis->values;
	index->nr = axis->nr_values;
	for (unsigned int i = 0; i < term->nr_values; i++)
		index->compares |= term->values[i].compare != PATTERN_IS;
	free(term->index);
	term->index = index;
	if (!index->compares)
		index_fill(term, NULL, NULL);
	return 0;
}

int pattern_index(struct pattern *p, const struct matrix *m)
{
	int r = 0;

	for (struct pattern_term *term = p->terms; term->axis >= 0 && !r; term++)
		r = term_index(term, &m->axes[term->axis]);
	return r;
}

/* The state that the bits of a term that compares hold for: the host, and see value_number(). */
static uint64_t term_stamp(const struct pattern_term *term, const struct params *params,
			   uint64_t host)
{
	uint64_t stamp = host;

	for (int i = 0; !is_threads(axes[term->axis]) && i < term->axis; i++)
		stamp = mix(stamp, (uintptr_t)params->value[i]);
	return stamp | 1;
}

static bool term_match(const struct pattern_term *term, const struct params *params,
		       const struct host *host, uint64_t *host_state)
{
	const struct axis_value *value = params->value[term->axis];
	struct pattern_index *index = term->index;
	uintptr_t offset;
	uint64_t stamp;

	if (!index)
		return any_match(term, value, params, host);
	/* Extra cells have values of their own, which are not in the index. */
	offset = (uintptr_t)value - (uintptr_t)index->first;
	if (offset >= index->nr * sizeof(*value))
		return any_match(term, value, params, host);
	if (index->compares) {
		if (!*host_state)
			*host_state = host_stamp(host);
		stamp = term_stamp(term, params, *host_state);
		if (index->stamp != stamp) {
			index_fill(term, params, host);
			index->stamp = stamp;
		}
	}
	offset /= sizeof(*value);
	return index->bits[offset / 64] >> offset % 64 & 1;
}

bool pattern_match(const struct pattern *p, const struct params *params, const struct host *host)
{
	uint64_t host_state = 0;

	if (!p)
		return true;
	for (const struct pattern_term *term = p->terms; term->axis >= 0; term++)
		if (!term_match(term, params, host, &host_state))
			return false;
	return true;
}

const char *pattern_compare_sign(enum pattern_compare compare)
{
	static const char *const signs[] = {
		[PATTERN_IS] = "",    [PATTERN_LESS] = "<",     [PATTERN_LESS_OR] = "<=",
		[PATTERN_MORE] = ">", [PATTERN_MORE_OR] = ">=",
	};

	return signs[compare];
}

void pattern_clear(struct pattern *p)
{
	for (struct pattern_term *term = p->terms; term->axis >= 0; term++) {
		for (unsigned int i = 0; i < term->nr_values; i++)
			axis_value_free(&term->values[i].value);
		free(term->values);
		free(term->index);
	}
	p->terms[0].axis = -1;
}
