/* SPDX-License-Identifier: MIT */
#include "run/chain.h"

#include "run/crew.h"

#define STAMPS_MAX  128
#define BLOCK_TICKS (1u << 18) /* some 100 µs: what a death in between would lose */

/* Time stamps of whole passes, and of the step that failed none. */
struct block {
	uint64_t stamp[STAMPS_MAX + 1]; /* the first: where the block began */
	unsigned int nr_stamps;         /* behind the first */
};

static bool links(const struct op_call *call, const struct conditions *c)
{
	const struct op *op = call->op;

	if (op_counts_faults(op))
		return false;
	return op->plain ? op->plain(call, c) : !op->before && !op->after;
}

bool chain_possible(const struct assignment *a)
{
	/* Between two links nobody asks how long the worker has waited. */
	if (a->conditions->layout == LAYOUT_SHARED || crew_takes_turns(a))
		return false;
	for (unsigned int i = a->nr_setup; i < a->nr_calls; i++)
		if (a->active[i] && !links(&a->calls[i], a->conditions))
			return false;
	return true;
}

bool chain_make(const struct assignment *a, const struct worker *w, struct chain *ret)
{
	struct chain chain = { .nr_links = 0 };

	if (a->apart || !chain_possible(a))
		return false;
	for (unsigned int i = a->nr_setup; i < a->nr_calls; i++)
		if (a->active[i])
			chain.links[chain.nr_links++] = (struct chain_link){
				&a->calls[i], area_step(a->area, w->index, i), i
			};
	*ret = chain;
	return chain.nr_links > 0;
}

/* Stores only, but for the step itself. */
static int pass(const struct chain *c, struct worker *w, struct worker_report *report,
		unsigned int nr_setup, struct block *block)
{
	for (unsigned int i = 0; i < c->nr_links; i++) {
		const struct chain_link *link = &c->links[i];
		const struct op *op = link->call->op;
		int r;

		w->step = link->step;
		w->report = link->report;
		*(volatile uint32_t *)&report->step = link->step - nr_setup;
		r = op->step(w, link->call);
		if (r)
			return r;
		block->stamp[++block->nr_stamps] = clock_next(w->clock);
		if (op->traits & (OP_MAPS | OP_UNMAPS))
			w->slice_bytes = w->mapping->length_bytes;
	}
	return 0;
}

/* Untimed: into the reports of the links, in turn. */
static void write_down(const struct chain *c, const struct worker *w, const struct block *block,
		       uint64_t start_ticks)
{
	for (unsigned int i = 0, link = 0; i < block->nr_stamps; i++) {
		area_record(c->links[link].report, w->clock, start_ticks, block->stamp[i],
			    block->stamp[i + 1], 0);
		link = link + 1 < c->nr_links ? link + 1 : 0;
	}
}

static bool ended(const struct chain *c, const struct area_control *control, uint64_t done,
		  uint64_t now)
{
	if (atomic_load_explicit(&control->stop, memory_order_relaxed))
		return true;
	return c->iterations ? done >= c->iterations : now >= c->until_ticks;
}

int chain_run(const struct chain *c, const struct assignment *a, struct worker *w, uint64_t *done)
{
	struct worker_report *report = &a->area->workers[w->index];
	const struct area_control *control = a->area->control;
	struct block block;
	uint64_t now;
	int r;

	do {
		block.nr_stamps = 0;
		block.stamp[0] = clock_ticks(w->clock);
		do {
			r = pass(c, w, report, a->nr_setup, &block);
			now = block.stamp[block.nr_stamps];
			if (!r)
				*(volatile uint64_t *)&report->iterations = ++*done;
		} while (!r && !ended(c, control, *done, now) &&
			 now - block.stamp[0] < BLOCK_TICKS &&
			 block.nr_stamps + c->nr_links <= STAMPS_MAX);
		write_down(c, w, &block, report->start_ticks);
	} while (!r && !ended(c, control, *done, now));
	return r;
}
