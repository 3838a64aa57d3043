/* SPDX-License-Identifier: MIT */
#include "scenario/matrix.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t matrix_numbers(const struct matrix *m)
{
	return m->nr_product + m->nr_include;
}

int matrix_count(struct matrix *m, struct error *err)
{
	uint64_t product = 1;

	for (unsigned int i = 0; i < m->nr_axes; i++)
		if (__builtin_mul_overflow(product, m->axes[i].nr_values, &product))
			return error_set(err, -ERANGE, "the matrix has more than 2^64 cells");
	if (product + m->nr_include > MATRIX_CELLS_MAX || product > MATRIX_CELLS_MAX)
		return error_set(err, -ERANGE, "the matrix has %" PRIu64 " cells: at most %" PRIu32,
				 product + m->nr_include, MATRIX_CELLS_MAX);
	m->nr_product = product;
	return 0;
}

static void product_cell(const struct matrix *m, uint64_t index, struct params *ret)
{
	for (unsigned int i = m->nr_axes; i-- > 0;) {
		const struct matrix_axis *axis = &m->axes[i];

		ret->value[i] = &axis->values[0];
		if (axis->nr_values == 1)
			continue;
		ret->value[i] = &axis->values[index % axis->nr_values];
		index /= axis->nr_values;
	}
}

static void extra_cell(const struct matrix *m, const struct extra_cell *extra, struct params *ret)
{
	for (unsigned int i = 0; i < m->nr_axes; i++)
		ret->value[i] = extra->values[i].data ? &extra->values[i] : &m->axes[i].initial;
}

static bool is_kept(const struct matrix *m, const struct params *params, const struct host *host)
{
	bool kept = !m->nr_when;

	for (unsigned int i = 0; i < m->nr_when && !kept; i++)
		kept = pattern_match(&m->when[i], params, host);
	for (unsigned int i = 0; i < m->nr_exclude && kept; i++)
		kept = !pattern_match(&m->exclude[i], params, host);
	return kept;
}

bool matrix_cell(const struct matrix *m, const struct host *host, uint64_t index, struct cell *ret)
{
	if (index >= matrix_numbers(m))
		return false;
	ret->index = index;
	ret->params.pool_as_it_is = m->pool_as_it_is;
	ret->params.copied = m->copied;
	if (index >= m->nr_product) {
		extra_cell(m, &m->include[index - m->nr_product], &ret->params);
		return true;
	}
	product_cell(m, index, &ret->params);
	return is_kept(m, &ret->params, host);
}

/* FNV-1a over a text with its end, so that "a" "b" differs from "ab" "". */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	do {
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	} while (*text++);
	return hash;
}

uint64_t cell_block(const struct matrix *m, const struct cell *cell)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (unsigned int i = 0; i < m->nr_axes; i++)
		if (m->axes[i].axis->system_wide)
			hash = hash_text(hash, cell->params.value[i]->text);
	return hash;
}

char *cell_format(const struct matrix *m, const struct cell *cell, char *ret, size_t length)
{
	size_t used = 0;

	if (length)
		ret[0] = '\0';
	for (unsigned int i = 0; i < m->nr_axes && used < length; i++)
		if (m->axes[i].named)
			used += (size_t)snprintf(ret + used, length - used, "%s%s=%s",
						 used ? " " : "", m->axes[i].axis->name,
						 cell->params.value[i]->text);
	return ret;
}

void matrix_free(struct matrix *m)
{
	for (unsigned int i = 0; i < m->nr_axes; i++) {
		struct matrix_axis *axis = &m->axes[i];

		for (unsigned int j = 0; j < axis->nr_values; j++)
			axis_value_free(&axis->values[j]);
		free(axis->values);
		if (axis->initial.axis)
			axis_value_free(&axis->initial);
	}
	for (unsigned int i = 0; i < m->nr_include; i++)
		for (unsigned int j = 0; j < AXES_MAX; j++)
			if (m->include[i].values[j].axis)
				axis_value_free(&m->include[i].values[j]);
	for (unsigned int i = 0; i < m->nr_exclude; i++)
		pattern_clear(&m->exclude[i]);
	for (unsigned int i = 0; i < m->nr_when; i++)
		pattern_clear(&m->when[i]);
	free(m->include);
	free(m->exclude);
	free(m->when);
}
