/* SPDX-License-Identifier: MIT */
/*
 * fork() with the mapping resident, and what copy-on-write costs afterwards: the first write to a
 * page in the parent while the child holds it, which copies it, then in the child, which finds
 * itself the only owner of the old page and is given it without a copy.
 */
#include "ops/op.h"

#include "sys/pagemap.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORK_WRITE };
enum { VALUE_PARENT, VALUE_CHILD };

static const struct arg fork_args[] = {
	[FORK_WRITE] = { .name = "write",
			 .type = ARG_SIZE,
			 .initial = "100% mapping",
			 .help = "how much parent and child each write after the fork" },
	{ NULL },
};

static const struct metric fork_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "fork(), in the parent" },
	{ "parent_write", "ns", BETTER_LOWER, METRIC_VALUE, .slot = VALUE_PARENT, .headline = true,
	  .help = "first write to a page after it, in the parent, per page" },
	{ "child_write", "ns", BETTER_LOWER, METRIC_VALUE, .slot = VALUE_CHILD, .headline = true,
	  .help = "first write to the same page after that, in the child, per page" },
	{ NULL },
};

/* Sums over executions; child_ticks lies in memory that both processes share. */
struct fork_state {
	int go[2];
	pid_t child;
	uint64_t parent_ticks, child_ticks_sum, nr_pages;
	uint64_t *child_ticks;
	bool copies; /* this execution's writes are of pages that were there to be copied */
};

static uint64_t write_pages(const struct worker *w, uint64_t bytes)
{
	volatile char *start = (char *)w->mapping->address + w->slice_offset;
	uint64_t waited = worker_waited_ticks(w), begin = clock_ticks(w->clock), elapsed;

	/* What is there is written again: the page is copied, and what it holds stays. */
	for (uint64_t at = 0; at < bytes; at += w->host->page_bytes)
		start[at] = start[at]; /* cppcheck-suppress selfAssignment */
	elapsed = clock_ticks(w->clock) - begin;
	return elapsed - worker_wait_within(elapsed, worker_waited_ticks(w) - waited);
}

static int fork_prepare(struct worker *w, const struct op_call *call)
{
	struct fork_state *s = calloc(1, sizeof(*s));

	(void)call;
	if (!s)
		return -ENOMEM;
	s->child = -1;
	s->go[0] = s->go[1] = -1;
	s->child_ticks = mmap(NULL, sizeof(*s->child_ticks), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	w->state[w->step] = s;
	return s->child_ticks == MAP_FAILED ? -errno : 0;
}

/*
 * Where the parent had no page of its own, a write after the fork is a first touch: another cost,
 * that of parent and child each for itself.
 */
static int look_for_pages(struct worker *w, const struct op_call *call, bool *ret_all)
{
	uint64_t bytes = worker_share(w, call->args[FORK_WRITE]), own = 0;
	uint64_t pages = worker_pages(w, bytes);
	const char *start = (char *)w->mapping->address + w->slice_offset;
	/* Beside other threads a page may be a child's of theirs too: it is there all the same. */
	bool alone = w->nr_workers == 1 || w->conditions->workers == WORKER_PROCESS;
	int r;

	*ret_all = true;
	if ((w->conditions->map.flags & MAP_TYPE) != MAP_PRIVATE || !pages)
		return 0;
	r = alone ? pagemap_own(start, bytes, w->host->page_bytes, &own)
		  : pagemap_present(start, bytes, w->host->page_bytes, &own);
	if (r)
		return error_set_errno(&w->error, r, "cannot read /proc/self/pagemap");
	*ret_all = own >= pages - pages / 20;
	if (!*ret_all)
		worker_note(w, false,
			    "%" PRIu64 " of %" PRIu64 " pages were there to copy: touch them first",
			    own, pages);
	return 0;
}

static int fork_before(struct worker *w, const struct op_call *call)
{
	struct fork_state *s = w->state[w->step];
	int r = look_for_pages(w, call, &s->copies);

	if (r)
		return r;
	return pipe(s->go) ? -errno : 0;
}

/* The child's whole life: wait until the parent has written, write, leave the time behind. */
static void live_as_child(struct worker *w, const struct op_call *call)
{
	struct fork_state *s = w->state[w->step];
	char go;

	close(s->go[1]);
	/* Its own waits, not the parent's. */
	if (w->runqueue_fd > 0)
		w->runqueue_fd = runqueue_open();
	if (read(s->go[0], &go, 1) != 1)
		_exit(1);
	*s->child_ticks = write_pages(w, worker_share(w, call->args[FORK_WRITE]));
	_exit(0);
}

static int fork_step(struct worker *w, const struct op_call *call)
{
	struct fork_state *s = w->state[w->step];

	s->child = fork();
	if (s->child < 0)
		return -errno;
	if (s->child == 0)
		live_as_child(w, call);
	return 0;
}

static void close_both(struct fork_state *s)
{
	for (int i = 0; i < 2; i++) {
		if (s->go[i] >= 0)
			close(s->go[i]);
		s->go[i] = -1;
	}
}

static double per_page(const struct worker *w, uint64_t ticks, uint64_t nr_pages)
{
	return nr_pages ? (double)ticks * w->clock->ns_per_tick / (double)nr_pages : NAN;
}

static int fork_after(struct worker *w, const struct op_call *call)
{
	struct fork_state *s = w->state[w->step];
	uint64_t bytes = worker_share(w, call->args[FORK_WRITE]);
	uint64_t parent_ticks;
	int status = 0, r = 0;

	w->report->count[COUNT_CALLS]++;
	parent_ticks = write_pages(w, bytes);
	if (write(s->go[1], "", 1) != 1)
		r = -errno;
	close_both(s);
	while (waitpid(s->child, &status, 0) < 0 && errno == EINTR)
		;
	s->child = -1;
	/* The child was as much this repetition as the parent is: OOM killer, SIGBUS. */
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		kill(getpid(), WTERMSIG(status));
	}
	if (!r && (!WIFEXITED(status) || WEXITSTATUS(status)))
		return error_set(&w->error, -ECHILD, "the child ended before it had written");
	if (!s->copies)
		return r;
	s->parent_ticks += parent_ticks;
	s->child_ticks_sum += *s->child_ticks;
	s->nr_pages += worker_pages(w, bytes);
	w->report->value[VALUE_PARENT] = per_page(w, s->parent_ticks, s->nr_pages);
	w->report->value[VALUE_CHILD] = per_page(w, s->child_ticks_sum, s->nr_pages);
	return r;
}

static void fork_finish(struct worker *w, const struct op_call *call)
{
	struct fork_state *s = w->state[w->step];

	(void)call;
	if (!s)
		return;
	close_both(s);
	if (s->child_ticks != MAP_FAILED)
		munmap(s->child_ticks, sizeof(*s->child_ticks));
	free(s);
}

/*
 * What was there, and a copy of each written page for every child that may hold another one:
 * threads fork the same process, and each of their children holds the pages of all. A shared
 * mapping is copied by nobody.
 */
static uint64_t fork_resident_bytes(const struct op_call *call, const struct conditions *c,
				    const struct host *host)
{
	uint64_t bytes = written_bytes(c, c->map.length_bytes), copies = call->args[FORK_WRITE];
	unsigned int children = c->workers == WORKER_THREAD ? c->nr_workers : 1;

	(void)host;
	if ((c->map.flags & MAP_TYPE) != MAP_PRIVATE)
		return bytes;
	if (copies > c->map.length_bytes)
		copies = c->map.length_bytes;
	if (__builtin_mul_overflow(copies, children, &copies) ||
	    __builtin_add_overflow(bytes, copies, &bytes))
		return UINT64_MAX;
	return bytes;
}

const struct op op_fork = {
	.name = "fork",
	.help = "fork() of a resident range, then write it in the parent and in the child",
	.args = fork_args,
	.metrics = fork_metrics,
	.traits = OP_NEEDS_MAPPING | OP_WHOLE | OP_FORKS,
	.resident_bytes = fork_resident_bytes,
	.prepare = fork_prepare,
	.before = fork_before,
	.step = fork_step,
	.after = fork_after,
	.finish = fork_finish,
};
