/* SPDX-License-Identifier: MIT */
#include "run/budget.h"

#include <errno.h>

uint64_t budget_reserve_bytes(const struct host *host)
{
	uint64_t reserve = host->ram_bytes / 20, least = 512ull << 20;

	if (reserve < least)
		reserve = least;
	return reserve < host->ram_bytes / 2 ? reserve : host->ram_bytes / 2;
}

uint64_t budget_peak_bytes(const struct assignment *a)
{
	const struct conditions *c = a->conditions;
	uint64_t resident = 0, peak = 0;

	for (unsigned int i = 0; i < a->nr_calls; i++) {
		const struct op *op = a->calls[i].op;
		uint64_t bytes;

		if (!a->active[i])
			continue;
		if (op->traits & OP_UNMAPS)
			resident = 0;
		bytes = op->resident_bytes ? op->resident_bytes(&a->calls[i], c, a->host) : 0;
		/* Steps reach the same pages again: the largest counts, not the sum. */
		if (bytes > resident)
			resident = bytes;
		if (resident > peak)
			peak = resident;
	}
	if (c->layout == LAYOUT_SHARED)
		return peak;
	return __builtin_mul_overflow(peak, c->nr_workers, &peak) ? UINT64_MAX : peak;
}

/* Pages of a hugetlb pool are taken already: they are no part of MemAvailable. */
static bool from_pool(const struct conditions *c)
{
	return c->map.backing == BACKING_HUGETLB;
}

int budget_check(const struct assignment *a, uint64_t max_bytes, struct error *err)
{
	uint64_t peak = budget_peak_bytes(a), allowed = max_bytes;
	char text[2][32];

	if (from_pool(a->conditions) && !max_bytes)
		return 0;
	if (!allowed) {
		uint64_t available = host_available_bytes();
		uint64_t reserve = budget_reserve_bytes(a->host);

		allowed = available > reserve ? available - reserve : 0;
	}
	if (peak <= allowed)
		return 0;
	return error_set(
		err, -ENOMEM,
		"would have %s resident, %s may be used: touch less, %sor say may_oom: true",
		bytes_format(peak, text[0], sizeof(text[0])),
		bytes_format(allowed, text[1], sizeof(text[1])),
		max_bytes ? "raise --max-memory " : "");
}

int budget_parse(const char *text, uint64_t *ret_bytes, struct error *err)
{
	uint64_t bytes;
	int r = host_parse_size(text, &bytes, err);

	if (!r && !bytes)
		r = error_set(err, -EINVAL, "--max-memory %s: no cell could run", text);
	if (!r)
		*ret_bytes = bytes;
	return r;
}
