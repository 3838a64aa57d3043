/* SPDX-License-Identifier: MIT */
/*
 * An operation is one thing done to memory: one file and one row of ops/table.c each. The row says
 * what it is called, what it takes, what it measures; `step` is the only code that is timed.
 */
#ifndef OPS_OP_H
#define OPS_OP_H

#include "axes/axis.h"
#include "base/arg.h"
#include "base/clock.h"
#include "base/error.h"
#include "stats/hist.h"
#include "stats/slices.h"
#include "sys/host.h"
#include "sys/mapping.h"
#include "sys/runqueue.h"

#include <stdbool.h>
#include <stdint.h>

#define STEPS_MAX   32
#define METRICS_MAX 8 /* of one op */
#define CACHE_PAIR                                                                                 \
	128 /* bytes that one writer has for itself: a line and the one prefetched with it */

/* What a step counts while it runs; the timed code adds to them once a step, not once a page. */
enum count {
	COUNT_CALLS,   /* system calls made */
	COUNT_TOUCHES, /* loads or stores meant to reach a page */
	COUNT_PAGES,   /* base pages concerned */
	COUNT_BYTES,
	COUNT_FAULTS, /* minor + major faults of this thread, by rusage; filled by the runner */
	COUNTS,
};

enum better { BETTER_LOWER, BETTER_HIGHER, BETTER_NEITHER };

enum metric_kind {
	METRIC_TIME,     /* mean elapsed ns of one execution of the step, mean over workers */
	METRIC_TIME_PER, /* elapsed ns per count, all workers' elapsed over all workers' count */
	METRIC_RATE,     /* count per second, summed over workers */
	METRIC_TOTAL,    /* the count itself, per execution, summed over workers */
	METRIC_VALUE, /* what the op put into value[slot], mean over workers; NaN: not measured */
};

struct metric {
	const char *name; /* NULL ends a table; "time", "time_per_page", "rate" */
	const char *unit; /* "ns", "1/s", "B/s", "1" */
	enum better better;
	enum metric_kind kind;
	enum count count;  /* METRIC_TIME_PER, _RATE, _TOTAL */
	unsigned int slot; /* METRIC_VALUE */
	const char *help;
	bool headline; /* shown beside the op's first: another cost, no other view of that one */
};

/* What one worker leaves of one step, in the area shared with the supervisor. One writer. */
struct step_report {
	uint64_t executions;                  /* that ended well */
	uint64_t elapsed_ticks;               /* of those, less waited_ticks */
	uint64_t waited_ticks;                /* in them, for a CPU */
	uint64_t first_ticks;                 /* of the first of them, as elapsed_ticks */
	uint64_t together_ticks, nr_together; /* the first worker's: see rendezvous_together() */
	uint64_t count[COUNTS];
	double value[METRICS_MAX];
	char note[96];        /* see worker_note(); "": nothing to say */
	bool short_of_it;     /* what the note tells of is less than the step asked for */
	struct slices slices; /* of executions, since the worker's start */
	struct hist times;    /* ns of each execution */
	struct hist events;   /* ns of each event (page, call) inside, where events are timed */
} __attribute__((aligned(CACHE_PAIR)));

_Static_assert(sizeof(struct step_report) <= 128u << 10, "at most 128 KiB a worker and step");

struct op;

/* One step of a scenario made ready for a repetition: arguments as plain numbers. */
struct op_call {
	const struct op *op;
	uint64_t args[ARGS_MAX]; /* by row of op->args: bytes, count, choice, ns, millionths */
	unsigned int open;       /* bit i: args[i] is a share, and what it comes to not known yet */
	bool each_event;         /* time every event of the step, not just the whole loop */
};

/* One thread or process that executes the steps. Cache-line aligned, written by nobody else. */
struct worker {
	unsigned int index, nr_workers;
	const struct conditions *conditions;
	const struct host *host;
	const struct clock *clock;
	struct mapping *mapping; /* its own, or the one that all share */
	struct mapping own;
	uint64_t slice_offset, slice_bytes; /* its part of the mapping: all of it unless shared */
	struct step_report *report;         /* of the step that runs now */
	void *state[STEPS_MAX];             /* of each step: what prepare made */
	unsigned int step;                  /* index of the step that runs now */
	const void *holds;  /* whose cycle or tables lie in the slice; NULL: nobody's */
	void *room;         /* shared with the supervisor, for what a search finds; NULL: none */
	int runqueue_fd;    /* see runqueue_open(); 0: not asked, there are CPUs for all */
	struct error error; /* the sentence for a failure */
} __attribute__((aligned(CACHE_PAIR)));

/*
 * Bytes of this worker's slice when a step reaches only the first amount bytes of the mapping: the
 * slice from w->slice_offset on, 0 where it begins behind them.
 */
static inline uint64_t worker_share(const struct worker *w, uint64_t amount)
{
	if (w->slice_offset >= amount)
		return 0;
	amount -= w->slice_offset;
	return amount < w->slice_bytes ? amount : w->slice_bytes;
}

/*
 * What of the worker's slice lies within amount bytes of the mapping behind the first `from`:
 * returns how much, 0 for nothing, and where it begins, from the mapping's start.
 */
static inline uint64_t worker_part(const struct worker *w, uint64_t from, uint64_t amount,
				   uint64_t *ret_offset)
{
	uint64_t skipped = from > w->slice_offset ? from - w->slice_offset : 0;
	uint64_t end = amount < UINT64_MAX - from ? from + amount : UINT64_MAX;
	uint64_t share = worker_share(w, end);

	*ret_offset = w->slice_offset + skipped;
	return share > skipped ? share - skipped : 0;
}

/* Base pages that so many bytes lie in. */
static inline uint64_t worker_pages(const struct worker *w, uint64_t bytes)
{
	/* A page is a power of two, and a division would be no small part of a system call. */
	return (bytes + w->host->page_bytes - 1) >> __builtin_ctzll(w->host->page_bytes);
}

/*
 * Ticks that the worker has waited for a CPU until now. Where workers have to take turns it is a
 * system call, and not for the timed region; where not it is 0.
 */
static inline uint64_t worker_waited_ticks(const struct worker *w)
{
	if (w->runqueue_fd <= 0)
		return 0;
	return (uint64_t)((double)runqueue_waited_ns(w->runqueue_fd) / w->clock->ns_per_tick);
}

/*
 * Which part of a time that was measured the worker waited for a CPU, when it waited so long from
 * before it until after it: a wait that is longer than the time was before it or after it.
 */
static inline uint64_t worker_wait_within(uint64_t elapsed_ticks, uint64_t waited_ticks)
{
	return waited_ticks < elapsed_ticks ? waited_ticks : 0;
}

/*
 * Bytes that are resident once so many bytes of the mapping were written: writing to a private
 * mapping of an object brings in the object's page and makes a copy of it (not so for hugetlb).
 */
static inline uint64_t written_bytes(const struct conditions *c, uint64_t bytes)
{
	bool object = c->map.backing == BACKING_MEMFD || c->map.backing == BACKING_FILE ||
		      c->map.backing == BACKING_TMPFS;

	if (!object || (c->map.flags & MAP_TYPE) != MAP_PRIVATE || c->map.huge_page_bytes ||
	    bytes > UINT64_MAX / 2)
		return bytes;
	return 2 * bytes;
}

enum op_traits {
	OP_MAPS = 1 << 0,   /* leaves a mapping where there was none */
	OP_UNMAPS = 1 << 1, /* takes it away, or a part: what was achieved is inspected before */
	OP_NEEDS_MAPPING = 1 << 2,
	OP_ONCE = 1 << 3, /* with a shared mapping only the first worker does it, the others wait */
	OP_OVERWRITES = 1 << 4, /* what the worker's slice held is gone or changed afterwards */
	OP_WHOLE =
		1 << 5, /* of a mapping that all share each worker does not do its part, but all */
	OP_FORKS = 1 << 6, /* what its argument write says is copied in a private mapping */
	OP_OWN_MEMORY =
		1 << 7, /* its mappings are its own: what the axes say of one is not theirs */
};

struct op {
	const char *name, *help;
	const struct arg *args; /* NULL: none */
	const struct metric *metrics;
	unsigned int traits;

	/* What events: each times by itself, as ops/events.h does: "touch", "piece". NULL: nothing.
	 */
	const char *event;

	/*
	 * Do the arguments make sense together, as far as they are known? −EINVAL with what to
	 * write instead. What each may be by itself its row says. NULL: yes.
	 */
	int (*check)(const struct op_call *call, uint64_t page_bytes, struct error *err);

	/* Can this host and these conditions do it? −ENOTSUP with the reason for the skip. NULL:
	 * yes. */
	int (*supported)(const struct op_call *call, const struct conditions *c,
			 const struct host *host, struct error *err);

	/* Have before and after nothing to do under these conditions? NULL: where there are none.
	 */
	bool (*plain)(const struct op_call *call, const struct conditions *c);

	/* Bytes that become resident at most, one worker, for the plan and the budget. NULL: 0. */
	uint64_t (*resident_bytes)(const struct op_call *call, const struct conditions *c,
				   const struct host *host);

	/* Are these pages spread over the mapping, where another step's are others? NULL: no, it
	 * reaches them from the start on.
	 */
	bool (*spreads)(const struct op_call *call, const struct host *host);

	/* Bytes that a mapping, mapped under c, of so many by now has afterwards; 0: it is gone.
	 * NULL: as before.
	 */
	uint64_t (*leaves_bytes)(const struct op_call *call, const struct conditions *c,
				 uint64_t before_bytes);

	/* The worker calls these in this order; each returns 0 or −errno (w->error: the sentence).
	 */
	int (*prepare)(struct worker *w, const struct op_call *call); /* once a repetition */
	int (*before)(struct worker *w, const struct op_call *call);  /* before each execution */
	int (*step)(struct worker *w, const struct op_call *call);    /* TIMED */
	int (*after)(struct worker *w, const struct op_call *call);   /* after each execution */
	int (*verify)(struct worker *w, const struct op_call *call);  /* after the first one */
	void (*finish)(struct worker *w, const struct op_call *call); /* once a repetition */
};

/*
 * What a reader of the step's figures must know of this worker's, such as why one is not there: a
 * clause, kept the first time. short_of_it: less was achieved than the step asked for, and the
 * repetition is degraded.
 */
void worker_note(struct worker *w, bool short_of_it, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Note that what of the object's cache the figures need ("how much was dirty") is not known:
 * −errno. */
void worker_note_unknown(struct worker *w, const char *what, int error);

/*
 * Count the pages that an execution gave back to swap, out of those that were there to go: less
 * than 95 % is short of what the step asked for.
 */
void worker_went_out(struct worker *w, uint64_t nr_there, uint64_t nr_gone);

/* The rows of ops/table.c, NULL-terminated. */
extern const struct op *const ops[];

const struct op *op_find(const char *name);

/* Does each worker do its part of a mapping that all share? */
static inline bool op_in_parts(const struct op *op)
{
	return (op->traits & (OP_NEEDS_MAPPING | OP_ONCE | OP_WHOLE)) == OP_NEEDS_MAPPING;
}

/*
 * Has the worker nothing to do of a mapping that all share: does its part lie outside of what the
 * arguments `from` and `amount` reach?
 */
bool op_idle(const struct op_call *call, const struct worker *w);

/* Has it a metric that needs the faults of each execution? */
bool op_counts_faults(const struct op *op);

/* Has it a metric that reads the count? Of others 0 means that nobody counted. */
bool op_counts(const struct op *op, enum count count);

/* "calls", "touches", …: the names of enum count in results. */
const char *count_name(enum count count);

/* NULL-terminated names, for "did you mean". */
const char *const *op_names(void);

/*
 * Fill call from parsed arguments (one struct arg_value a row of op->args) on this host for a
 * mapping of c->map.length_bytes. −errno with the argument's name.
 */
int op_call_resolve(const struct op *op, const struct arg_value *values, const struct conditions *c,
		    const struct host *host, struct op_call *ret, struct error *err);

/* op->check of what the file alone says, with the smallest page that there is. */
int op_check(const struct op *op, const struct arg_value *values, struct error *err);

/*
 * Can the step be done on what those before it have left, *now: the conditions c but for the
 * mapping's length? And go on from there. −ENOTSUP or −EINVAL with the reason.
 */
int op_follow(const struct op_call *call, const struct conditions *c, const struct host *host,
	      struct conditions *now, struct error *err);

/*
 * For mprotect() and munmap() of a part: does it begin inside the mapping, and where pages are huge
 * begin and end on a whole one? What lies past the mapping's end is left out. −ENOTSUP.
 */
int op_part_supported(uint64_t from, uint64_t amount, const struct conditions *c,
		      struct error *err);

/* The names of enum better in results: "lower", "higher", "neither". */
const char *better_name(enum better better);

#endif
