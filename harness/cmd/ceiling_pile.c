/* SPDX-License-Identifier: MIT */
/* --cumulative: how much is granted in chunks, and what that does to Committed_AS. */
#include "cmd/ceiling_view.h"

#include "base/cleanup.h"
#include "result/answer.h"
#include "run/budget.h"
#include "run/pile.h"
#include "scenario/find.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNKS_MAX 512

static void print_sample(const struct cumulative_sample *sample)
{
	char granted[40], committed[40], tables[40], resident[40];

	printf("%12s %14s %14s %12s\n",
	       bytes_format(sample->granted_bytes, granted, sizeof(granted)),
	       bytes_format(sample->committed_bytes, committed, sizeof(committed)),
	       bytes_format(sample->page_table_bytes, tables, sizeof(tables)),
	       bytes_format(sample->resident_bytes, resident, sizeof(resident)));
}

static void print_pile(const struct pile *pile)
{
	unsigned int n = pile->nr_samples;
	char end[64];

	printf("%12s %14s %14s %12s\n", "granted", "Committed_AS", "page tables", "resident");
	for (unsigned int i = 0; i < n; i++) {
		if (n <= 24 || i < 8 || i >= n - 8)
			print_sample(&pile->samples[i]);
		else if (i == 8)
			printf("%12s\n", "...");
	}
	printf("%" PRIu64 " chunks, %s\n", pile->nr_chunks,
	       pile_end_describe(pile, end, sizeof(end)));
}

static int touch_bytes(const struct ceiling_view *v, uint64_t *ret, struct error *err)
{
	struct size_bases bases;
	struct size size;
	int r;

	*ret = 0;
	if (!v->arguments->touch)
		return 0;
	r = size_parse(v->arguments->touch, &size, err);
	host_size_bases(&v->asked.system.host, &bases);
	bases.bytes[SIZE_MAPPING] = v->asked.conditions.map.length_bytes;
	r = r ? r : size_resolve(&size, &bases, ret, err);
	return r ? error_prefix(err, r, "--touch") : 0;
}

/* What `find: cumulative` of a scenario does, with its guards. */
static int plan_pile(const struct ceiling_view *v, struct pile_plan *ret, struct error *err)
{
	const struct op *op = find_op(FIND_CUMULATIVE);
	const struct host *host = &v->asked.system.host;
	struct op_call call = { .op = op };
	int r;

	*ret = (struct pile_plan){ .chunk = v->asked.conditions.map,
				   .touched_max_bytes = v->arguments->max_touched_bytes,
				   .reserve_bytes = budget_reserve_bytes(host) };
	r = touch_bytes(v, &ret->touch_bytes, err);
	if (r)
		return r;
	call.args[FIND_CHUNK] = ret->chunk.length_bytes;
	call.args[FIND_TOUCHED] = ret->touch_bytes;
	if (__builtin_mul_overflow(ret->chunk.length_bytes, CHUNKS_MAX, &ret->until_bytes))
		ret->until_bytes = 0;
	r = op->supported(&call, &v->asked.conditions, host, err);
	return r ? error_prefix(err, r, "--cumulative") : 0;
}

int ceiling_print_pile(struct ceiling_view *v, struct error *err)
{
	const struct ceiling_arguments *a = v->arguments;
	AUTO_FREE struct pile *pile = malloc(sizeof(*pile));
	struct pile_plan plan;
	char end[64];
	int r;

	if (!pile)
		return error_set(err, -ENOMEM, "out of memory");
	r = ceiling_ask(v, a->modes.words[0], a->flags.words[0], a->protections.words[0], err);
	if (!r)
		r = plan_pile(v, &plan, err);
	if (!r)
		r = pile_search(&v->asked.conditions, &plan, pile, err);
	if (r)
		return r;
	if (a->question.json)
		return cumulative_write(pile->samples, pile->nr_samples,
					pile_end_describe(pile, end, sizeof(end)), &v->start,
					v->started_ns, stdout, err);
	print_pile(pile);
	return 0;
}
