/* SPDX-License-Identifier: MIT */
/* madvise() of the worker's part of the mapping. */
#include "ops/op.h"

#include "sys/pagemap.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Newer than the oldest C library that this is built with. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1, include/uapi/asm-generic/mman-common.h */
#endif

enum { ADVISE_ADVICE, ADVISE_AMOUNT };

static const char *const advice_words[] = {
	"normal",      "random",   "sequential",    "willneed",       "dontneed",   "free",
	"remove",      "dontfork", "dofork",        "wipeonfork",     "keeponfork", "mergeable",
	"unmergeable", "hugepage", "nohugepage",    "collapse",       "cold",       "pageout",
	"dontdump",    "dodump",   "populate_read", "populate_write", NULL,
};

/*
 * In the order of the words: the number, and the first kernel that knows it where it is recent.
 * MADV_HWPOISON is not among them: the machine would be without that memory until it boots.
 */
static const struct {
	int advice;
	unsigned int since; /* as host.kernel_version */
	bool makes_resident, overwrites;
} advices[] = {
	{ MADV_NORMAL, 0, false },
	{ MADV_RANDOM, 0, false },
	{ MADV_SEQUENTIAL, 0, false },
	{ MADV_WILLNEED, 0, false },
	{ MADV_DONTNEED, 0, false, true },
	{ MADV_FREE, 0x040500, false, true },
	{ MADV_REMOVE, 0, false, true },
	{ MADV_DONTFORK, 0, false },
	{ MADV_DOFORK, 0, false },
	{ MADV_WIPEONFORK, 0x040e00, false },
	{ MADV_KEEPONFORK, 0x040e00, false },
	{ MADV_MERGEABLE, 0, false },
	{ MADV_UNMERGEABLE, 0, false },
	{ MADV_HUGEPAGE, 0, false },
	{ MADV_NOHUGEPAGE, 0, false },
	{ MADV_COLLAPSE, 0x060100, true },
	{ MADV_COLD, 0x050400, false },
	{ MADV_PAGEOUT, 0x050400, false },
	{ MADV_DONTDUMP, 0, false },
	{ MADV_DODUMP, 0, false },
	{ MADV_POPULATE_READ, 0x050e00, true },
	{ MADV_POPULATE_WRITE, 0x050e00, true },
};

static const struct arg advise_args[] = {
	[ADVISE_ADVICE] = { .name = "advice",
			    .type = ARG_CHOICE,
			    .choices = advice_words,
			    .help = "MADV_… in small letters" },
	[ADVISE_AMOUNT] = { .name = "amount",
			    .type = ARG_SIZE,
			    .initial = "100% mapping",
			    .minimum = 1,
			    .help = "how much of the mapping, from its start" },
	{ NULL },
};

static const struct metric advise_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one madvise()" },
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "elapsed time over base pages of the range; of pageout, over those that went" },
	{ NULL },
};

static int advise_supported(const struct op_call *call, const struct conditions *c,
			    const struct host *host, struct error *err)
{
	unsigned int since = advices[call->args[ADVISE_ADVICE]].since;

	const char *word = advice_words[call->args[ADVISE_ADVICE]];

	if (host->kernel_version < since)
		return error_set(err, -ENOTSUP, "advise %s needs Linux %u.%u, this is %s", word,
				 since >> 16, since >> 8 & 0xff, host->kernel_release);
	switch (advices[call->args[ADVISE_ADVICE]].advice) {
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_COLLAPSE:
		if (!host->thp_available)
			return error_set(err, -ENOTSUP,
					 "advise %s: this kernel has no transparent huge pages",
					 word);
		return 0;
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
		if (access("/sys/kernel/mm/ksm", F_OK))
			return error_set(err, -ENOTSUP, "advise %s: this kernel has no KSM", word);
		return 0;
	case MADV_PAGEOUT:
		/* Without swap the call does nothing, and says that all is well. */
		if (c->map.backing != BACKING_FILE && !host->swap_bytes)
			return error_set(err, -ENOTSUP, "advise pageout: this machine has no swap");
		return 0;
	default:
		return 0;
	}
}

static uint64_t advise_resident_bytes(const struct op_call *call, const struct conditions *c,
				      const struct host *host)
{
	uint64_t amount = call->args[ADVISE_AMOUNT];

	(void)host;
	if (!advices[call->args[ADVISE_ADVICE]].makes_resident)
		return 0;
	return written_bytes(c, amount < c->map.length_bytes ? amount : c->map.length_bytes);
}

static bool gives_back_to_swap(const struct op_call *call)
{
	return advices[call->args[ADVISE_ADVICE]].advice == MADV_PAGEOUT;
}

static bool advise_plain(const struct op_call *call, const struct conditions *c)
{
	(void)c;
	return !gives_back_to_swap(call);
}

/* Of a range that is given back to swap, before that. */
struct advise_state {
	uint64_t nr_there, nr_held; /* pages that could go: mapped; pages in memory at all */
	int error;                  /* why nr_held is not known; 0: it is */
};

static int advise_prepare(struct worker *w, const struct op_call *call)
{
	if (!gives_back_to_swap(call))
		return 0;
	w->state[w->step] = calloc(1, sizeof(struct advise_state));
	return w->state[w->step] ? 0 : -ENOMEM;
}

static int held(const struct worker *w, const struct op_call *call, uint64_t *ret_pages)
{
	return mapping_held(w->mapping, w->slice_offset, worker_share(w, call->args[ADVISE_AMOUNT]),
			    w->host->page_bytes, ret_pages);
}

static int advise_before(struct worker *w, const struct op_call *call)
{
	struct advise_state *s = w->state[w->step];

	if (!gives_back_to_swap(call))
		return 0;
	s->error = held(w, call, &s->nr_held);
	return pagemap_present((char *)w->mapping->address + w->slice_offset,
			       worker_share(w, call->args[ADVISE_AMOUNT]), w->host->page_bytes,
			       &s->nr_there);
}

static int advise_step(struct worker *w, const struct op_call *call)
{
	uint64_t bytes = worker_share(w, call->args[ADVISE_AMOUNT]);
	char *start = (char *)w->mapping->address + w->slice_offset;

	if (madvise(start, bytes, advices[call->args[ADVISE_ADVICE]].advice))
		return -errno;
	w->report->count[COUNT_CALLS]++;
	if (!gives_back_to_swap(call))
		w->report->count[COUNT_PAGES] += worker_pages(w, bytes);
	/* Only some advice costs the range what it held: the others leave a chase's cycle there. */
	if (advices[call->args[ADVISE_ADVICE]].overwrites)
		w->holds = NULL;
	return 0;
}

/* The call says that all is well whatever went out: swap may be full, a file's page not written. */
static int advise_after(struct worker *w, const struct op_call *call)
{
	struct advise_state *s = w->state[w->step];
	uint64_t now = 0, gone;

	if (!gives_back_to_swap(call))
		return 0;
	if (!s->error)
		s->error = held(w, call, &now);
	if (s->error) {
		worker_note_unknown(w, "how many pages went out", s->error);
		return 0;
	}
	gone = s->nr_held > now ? s->nr_held - now : 0;
	worker_went_out(w, s->nr_there, gone < s->nr_there ? gone : s->nr_there);
	return 0;
}

static void advise_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
}

const struct op op_advise = {
	.name = "advise",
	.help = "madvise() the range",
	.args = advise_args,
	.metrics = advise_metrics,
	.traits = OP_NEEDS_MAPPING,
	.supported = advise_supported,
	.resident_bytes = advise_resident_bytes,
	.plain = advise_plain,
	.prepare = advise_prepare,
	.before = advise_before,
	.step = advise_step,
	.after = advise_after,
	.finish = advise_finish,
};
