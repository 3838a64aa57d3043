/* SPDX-License-Identifier: MIT */
/*
 * Every rule says yes up to some length and no from there on, so halving finds the border in some
 * 50 predictions, and it is the model's own border by construction.
 */
#include "model/ceiling.h"

#define UNITS_MAX_BITS 57 /* no address space is larger */

static enum verdict verdict_of(const struct model *m, const struct map_request *request,
			       uint64_t bytes, struct prediction *ret)
{
	struct map_request r = *request;

	r.length_bytes = bytes;
	model_map(m, &r, ret);
	return ret->verdict;
}

static uint64_t unit_of(const struct model *m, const struct map_request *request)
{
	uint64_t bits = ((unsigned int)request->flags >> 26) & 0x3f;

	if (!request_is_huge(request))
		return m->host->page_bytes;
	if (request->huge_page_bytes)
		return request->huge_page_bytes;
	if (bits)
		return 1ull << bits;
	return m->host->hugetlb_default_bytes ? m->host->hugetlb_default_bytes
					      : m->host->page_bytes;
}

/* The largest number of units whose verdict is at most `worst` (granted, or not yet refused). */
static uint64_t border(const struct model *m, const struct map_request *request, uint64_t unit,
		       bool accept_unknown)
{
	uint64_t low = 0, high = (1ull << UNITS_MAX_BITS) / unit;
	struct prediction p;

	while (low < high) {
		uint64_t middle = low + (high - low + 1) / 2;
		enum verdict v = verdict_of(m, request, middle * unit, &p);

		if (v == VERDICT_GRANTED || (accept_unknown && v == VERDICT_INDETERMINATE))
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

void model_ceiling(const struct model *m, const struct map_request *request, struct ceiling *ret)
{
	uint64_t unit = unit_of(m, request);
	uint64_t sure = border(m, request, unit, false);
	uint64_t most = border(m, request, unit, true);

	verdict_of(m, request, (most + 1) * unit, &ret->beyond);
	ret->rule = ret->beyond.rule;
	ret->low_bytes = sure * unit;
	ret->high_bytes = most * unit;
	ret->bytes = (sure + (most - sure) / 2) * unit;
}
