/* SPDX-License-Identifier: MIT */
/* Give memory back and take it again, piece by piece: the cycle of allocators that return memory.
 */
#include "ops/op.h"

#include "ops/events.h"

#include "sys/pagemap.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { REFAULT_BY, REFAULT_PIECE, REFAULT_BEFORE, REFAULT_ACCESS };
enum { BEFORE_NOTHING, BEFORE_WRITE };
enum { ACCESS_WRITE, ACCESS_READ };

static const char *const refault_befores[] = { "nothing", "write", NULL };
static const char *const refault_accesses[] = { "write", "read", NULL };
static const char *const refault_bys[] = { "dontneed", "free", "pageout", NULL };
static const int refault_advices[] = { MADV_DONTNEED, MADV_FREE, MADV_PAGEOUT };
static const unsigned int refault_since[] = { 0, 0x040500, 0x050400 }; /* host.kernel_version */

static const struct arg refault_args[] = {
	[REFAULT_BY] = { .name = "by",
			 .type = ARG_CHOICE,
			 .initial = "dontneed",
			 .choices = refault_bys,
			 .help = "discard now, when memory is short, or to swap" },
	[REFAULT_PIECE] = { .name = "piece",
			    .type = ARG_SIZE,
			    .initial = "2MiB",
			    .minimum = 1,
			    .multiple = ARG_PAGE,
			    .help = "given back by one madvise()" },
	[REFAULT_BEFORE] = { .name = "before",
			     .type = ARG_CHOICE,
			     .initial = "nothing",
			     .choices = refault_befores,
			     .help = "store to each page of a piece before it is given back" },
	[REFAULT_ACCESS] = { .name = "access",
			     .type = ARG_CHOICE,
			     .initial = "write",
			     .choices = refault_accesses,
			     .help = "store to each page afterwards, or load from it" },
	{ NULL },
};

static const struct metric refault_metrics[] = {
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "store before it where asked for, madvise() and touch; over pages given back" },
	{ "fault_rate", "1/s", BETTER_HIGHER, METRIC_RATE, COUNT_FAULTS,
	  .help = "page faults a second" },
	{ "faults", "1", BETTER_NEITHER, METRIC_TOTAL, COUNT_FAULTS, .help = "page faults" },
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "the whole step" },
	{ NULL },
};

static bool gives_back_to_swap(const struct op_call *call)
{
	return refault_advices[call->args[REFAULT_BY]] == MADV_PAGEOUT;
}

static int refault_supported(const struct op_call *call, const struct conditions *c,
			     const struct host *host, struct error *err)
{
	unsigned int since = refault_since[call->args[REFAULT_BY]];

	if (host->kernel_version < since)
		return error_set(err, -ENOTSUP, "refault by %s needs Linux %u.%u, this is %s",
				 refault_bys[call->args[REFAULT_BY]], since >> 16,
				 since >> 8 & 0xff, host->kernel_release);
	if (gives_back_to_swap(call) && !host->swap_bytes && c->map.backing != BACKING_FILE)
		return error_set(err, -ENOTSUP, "refault by pageout: this machine has no swap");
	return 0;
}

static uint64_t refault_resident_bytes(const struct op_call *call, const struct conditions *c,
				       const struct host *host)
{
	(void)call;
	(void)host;
	return written_bytes(c, c->map.length_bytes);
}

static void write_pages(volatile char *start, uint64_t bytes, uint64_t page)
{
	for (uint64_t at = 0; at < bytes; at += page)
		start[at] = 1;
}

static void read_pages(const volatile char *start, uint64_t bytes, uint64_t page)
{
	for (uint64_t at = 0; at < bytes; at += page)
		(void)start[at];
}

struct refault_state {
	uint64_t nr_there, faults_before; /* pages of the slice, before the execution */
};

static int refault_prepare(struct worker *w, const struct op_call *call)
{
	(void)call;
	w->state[w->step] = calloc(1, sizeof(struct refault_state));
	return w->state[w->step] ? 0 : -ENOMEM;
}

/*
 * Do faults tell how many pages went to swap? Not where one fault brings several: huge pages,
 * and pages of an object around one that is read (mm/memory.c do_fault_around()); nor where the
 * page table lets go of a page that stays in its object's cache.
 */
static bool faults_tell(const struct worker *w)
{
	const struct conditions *c = w->conditions;
	bool none_huge = c->map.thp == THP_NEVER || c->thp_process_never ||
			 (c->map.thp == THP_AS_SET && !w->host->thp_unasked_bytes);

	return none_huge && c->map.backing == BACKING_ANONYMOUS &&
	       (c->map.flags & MAP_TYPE) == MAP_PRIVATE;
}

static int refault_before(struct worker *w, const struct op_call *call)
{
	struct refault_state *s = w->state[w->step];

	s->faults_before = w->report->count[COUNT_FAULTS];
	if (!gives_back_to_swap(call) || !faults_tell(w))
		return 0;
	return pagemap_present((char *)w->mapping->address + w->slice_offset, w->slice_bytes,
			       w->host->page_bytes, &s->nr_there);
}

static int refault_step(struct worker *w, const struct op_call *call)
{
	char *start = (char *)w->mapping->address + w->slice_offset;
	uint64_t page = w->host->page_bytes, piece = call->args[REFAULT_PIECE];
	int advice = refault_advices[call->args[REFAULT_BY]];
	struct events events;

	events_begin(&events, w, call);
	for (uint64_t done = 0; done < w->slice_bytes; done += piece) {
		uint64_t left = w->slice_bytes - done, now = left < piece ? left : piece;

		if (call->args[REFAULT_BEFORE] == BEFORE_WRITE)
			write_pages(start + done, now, page);
		if (madvise(start + done, now, advice))
			return -errno;
		if (call->args[REFAULT_ACCESS] == ACCESS_WRITE)
			write_pages(start + done, now, page);
		else
			read_pages(start + done, now, page);
		w->report->count[COUNT_CALLS]++;
		events_next(&events);
	}
	events_end(&events);
	if (!gives_back_to_swap(call))
		w->report->count[COUNT_PAGES] += worker_pages(w, w->slice_bytes);
	return 0;
}

/* A page that was not there when the step began has faulted once, one that went out once more. */
static int refault_after(struct worker *w, const struct op_call *call)
{
	const struct refault_state *s = w->state[w->step];
	uint64_t pages = worker_pages(w, w->slice_bytes), absent = pages - s->nr_there;
	uint64_t faults = w->report->count[COUNT_FAULTS] - s->faults_before;
	uint64_t could = call->args[REFAULT_BEFORE] == BEFORE_WRITE ? pages : s->nr_there;
	uint64_t gone = faults > absent ? faults - absent : 0;

	if (gives_back_to_swap(call) && faults_tell(w))
		worker_went_out(w, could, gone < could ? gone : could);
	else if (gives_back_to_swap(call))
		worker_note(
			w, false,
			"how many pages went out is not known: faults of shared or huge pages do "
			"not tell");
	return 0;
}

static void refault_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
}

const struct op op_refault = {
	.name = "refault",
	.help = "give the range back and touch it again, piece by piece",
	.args = refault_args,
	.metrics = refault_metrics,
	.traits = OP_NEEDS_MAPPING | OP_OVERWRITES,
	.event = "piece",
	.supported = refault_supported,
	.resident_bytes = refault_resident_bytes,
	.prepare = refault_prepare,
	.before = refault_before,
	.step = refault_step,
	.after = refault_after,
	.finish = refault_finish,
};
