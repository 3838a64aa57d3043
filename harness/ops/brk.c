/* SPDX-License-Identifier: MIT */
/*
 * Grow the heap by brk() and shrink it again. The system call itself, not the C library's: its
 * allocator must not see the break move, and after each step it is where it was.
 */
#include "ops/op.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { BRK_AMOUNT };

static const struct arg brk_args[] = {
	[BRK_AMOUNT] = { .name = "amount",
			 .type = ARG_SIZE,
			 .initial = "1MiB",
			 .minimum = 1,
			 .help = "how far the break moves up and down" },
	{ NULL },
};

static const struct metric brk_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one growth and one shrinking" },
	{ NULL },
};

static int brk_supported(const struct op_call *call, const struct conditions *c,
			 const struct host *host, struct error *err)
{
	(void)call;
	(void)host;
	if (c->nr_workers > 1 && c->workers == WORKER_THREAD)
		return error_set(err, -ENOTSUP,
				 "brk: threads share one break; use workers: processes");
	return 0;
}

/* Where the break is now; kept as the state's pointer itself. */
static int brk_before(struct worker *w, const struct op_call *call)
{
	unsigned long start = (unsigned long)syscall(SYS_brk, 0), end;

	if (__builtin_add_overflow(start, call->args[BRK_AMOUNT], &end))
		return -ENOMEM;
	w->state[w->step] = (void *)start;
	return 0;
}

static int brk_step(struct worker *w, const struct op_call *call)
{
	unsigned long start = (unsigned long)w->state[w->step];
	unsigned long end = start + call->args[BRK_AMOUNT];

	w->report->count[COUNT_CALLS] += 2;
	/* On failure the system call returns the old break, no error. */
	if ((unsigned long)syscall(SYS_brk, end) != end)
		return -ENOMEM;
	return (unsigned long)syscall(SYS_brk, start) == start ? 0 : -ENOMEM;
}

const struct op op_brk = {
	.name = "brk",
	.help = "grow the heap by brk() and shrink it again",
	.args = brk_args,
	.metrics = brk_metrics,
	.traits = OP_OWN_MEMORY,
	.supported = brk_supported,
	.before = brk_before,
	.step = brk_step,
};
