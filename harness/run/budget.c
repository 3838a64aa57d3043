/* SPDX-License-Identifier: MIT */
#include "run/budget.h"

#include <errno.h>
#include <string.h>

uint64_t budget_reserve_bytes(const struct host *host)
{
	uint64_t ram = host->ram_bytes, reserve, least = 512ull << 20;

	if (host->group_limit_bytes && host->group_limit_bytes < ram)
		ram = host->group_limit_bytes;
	reserve = ram / 20 > least ? ram / 20 : least;
	return reserve < ram / 2 ? reserve : ram / 2;
}

static uint64_t less_reserve(const struct host *host, uint64_t usable)
{
	uint64_t reserve = budget_reserve_bytes(host);

	return usable > reserve ? usable - reserve : 0;
}

uint64_t budget_allowed_bytes(const struct host *host)
{
	return less_reserve(host, host_usable_bytes(host));
}

/* What one worker's mapping is and holds, as the steps go by. */
struct holding {
	struct conditions now;          /* with the length that it has by then */
	uint64_t whole;                 /* the largest range from its start that is resident */
	uint64_t spread[2 * STEPS_MAX]; /* and what each step has reached here and there */
	uint64_t peak;
};

/*
 * Ranges from the start lie in one another: the largest counts. Pages that are spread are others
 * with every step, but no more than all there are.
 */
static uint64_t resident_of(const struct holding *h, unsigned int nr_calls)
{
	uint64_t sum = h->whole, all = written_bytes(&h->now, h->now.map.length_bytes);

	for (unsigned int i = 0; i < nr_calls; i++)
		if (__builtin_add_overflow(sum, h->spread[i], &sum))
			sum = UINT64_MAX;
	if (sum > all)
		sum = all;
	return sum > h->whole ? sum : h->whole; /* a fork holds more than the mapping has */
}

/* Of a mapping that has become shorter no more is resident than there is of it. */
static void leave(struct holding *h, uint64_t length_bytes)
{
	uint64_t all = written_bytes(&h->now, length_bytes);

	h->now.map.length_bytes = length_bytes;
	h->whole = h->whole < all ? h->whole : all;
	if (!length_bytes)
		memset(h->spread, 0, sizeof(h->spread));
}

static void hold(const struct assignment *a, unsigned int i, struct holding *h)
{
	const struct op_call *call = &a->calls[i];
	const struct op *op = call->op;
	uint64_t bytes, *held = &h->whole;

	if (op->traits & OP_MAPS)
		h->now.map.length_bytes = a->conditions->map.length_bytes;
	bytes = op->resident_bytes ? op->resident_bytes(call, &h->now, a->host) : 0;
	if (op->spreads && op->spreads(call, a->host))
		held = &h->spread[i];
	if (bytes > *held)
		*held = bytes;
	if (op->leaves_bytes)
		leave(h, op->leaves_bytes(call, a->conditions, h->now.map.length_bytes));
	bytes = resident_of(h, a->nr_calls);
	if (bytes > h->peak)
		h->peak = bytes;
}

uint64_t budget_peak_bytes(const struct assignment *a)
{
	const struct conditions *c = a->conditions;
	unsigned int passes = a->iterations == 1 ? 1 : 2;
	struct holding h = { .now = *c };
	uint64_t peak;

	/* The timed steps twice: what the first pass leaves the others begin with. */
	for (unsigned int pass = 0; pass < passes; pass++)
		for (unsigned int i = pass ? a->nr_setup : 0; i < a->nr_calls; i++)
			if (a->active[i])
				hold(a, i, &h);
	peak = h.peak;
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
	if (!allowed)
		allowed = less_reserve(a->host, host_usable_now());
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
