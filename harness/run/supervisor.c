/* SPDX-License-Identifier: MIT */
#include "run/supervisor.h"

#include "base/cleanup.h"

#include <string.h>
#include <sys/signalfd.h>

static void count_outcome(struct run_summary *sum, const struct repetition *r)
{
	sum->nr_repetitions++;
	sum->nr_unexpected += r->expected_known && !r->as_expected;
	sum->nr_indeterminate += r->indeterminate;
	sum->nr_failed += r->outcome.kind == OUTCOME_FAILED;
	sum->nr_skipped += r->outcome.kind == OUTCOME_SKIPPED;
	sum->nr_refused += r->outcome.kind == OUTCOME_REFUSED;
	sum->nr_degraded += r->outcome.kind == OUTCOME_DEGRADED;
	sum->nr_oom += r->outcome.kind == OUTCOME_OOM_KILLED;
	sum->nr_timeout += r->outcome.kind == OUTCOME_TIMEOUT;
}

/* How long the run has taken: what earlier processes of it took, and this one. */
static uint64_t spent_ns(const struct supervisor *s)
{
	return s->earlier_ns + (clock_now_ns() - s->began_ns);
}

static void tell_progress(struct supervisor *s, unsigned int round)
{
	struct run_progress p = { .done = s->summary.nr_repetitions, .round = round };
	uint64_t limit = s->options->time_limit_ns, most;

	if (!s->sink->progress)
		return;
	p.total = p.done + tracks_left(s->tracks);
	p.elapsed_ns = clock_now_ns() - s->began_ns;
	if (s->nr_here)
		p.left_ns = p.elapsed_ns / s->nr_here * tracks_left(s->tracks);
	most = limit > spent_ns(s) ? limit - spent_ns(s) : 0;
	p.left_ns = limit && p.left_ns > most ? most : p.left_ns;
	cell_format(&s->scenario->matrix, &s->cell, p.cell, sizeof(p.cell));
	s->sink->progress(s->sink->context, &p);
}

/* A signal that came between two repetitions. */
static void look_for_signal(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (!watch->signal)
			watch->signal = (int)info.ssi_signo;
		watch->nr_signals++;
	}
}

/* Cut short by a signal: it did not measure what the others measured. */
static bool cut_short(const struct supervisor *s)
{
	uint64_t asked = s->scenario->measure.iterations;

	return s->watch.signal && (s->record.outcome.kind == OUTCOME_INTERRUPTED || !asked ||
				   s->record.iterations < asked);
}

static int visit(struct supervisor *s, uint64_t number, unsigned int round, struct error *err)
{
	int r;

	if (!matrix_cell(&s->scenario->matrix, &s->start, number, &s->cell))
		BUG("cell %llu is excluded", (unsigned long long)number);
	tell_progress(s, round);
	memset(&s->record, 0, sizeof(s->record));
	s->record.cell = number;
	s->record.round = round;
	s->record.sequence = s->sequence;
	s->record.started_ns = clock_realtime_ns();
	r = visit_cell(s, err);
	if (r)
		return r;
	if (cut_short(s))
		return 0;
	s->sequence++;
	s->nr_here++;
	s->elapsed_ns += (double)s->record.elapsed_ns;
	count_outcome(&s->summary, &s->record);
	r = tracks_add(s->tracks, &s->record);
	if (r)
		return error_set(err, r, "out of memory");
	if (s->sink->repetition)
		return s->sink->repetition(s->sink->context, &s->cell, &s->record, err);
	return 0;
}

static int run_round(struct supervisor *s, unsigned int round, struct order_item *items, size_t n,
		     struct error *err)
{
	int r = order_round(items, n, s->options->seed, round);

	if (r)
		return error_set(err, r, "out of memory");
	for (size_t i = 0; i < n; i++) {
		look_for_signal(&s->watch);
		if (s->watch.signal)
			return 0;
		r = visit(s, items[i].cell, round, err);
		if (r)
			return r;
	}
	return 0;
}

/* What is left of the limit, and what a repetition took beside its own time. */
static struct tracks_time time_left(const struct supervisor *s)
{
	double spent = (double)spent_ns(s), here = spent - (double)s->earlier_ns;

	return (struct tracks_time){
		.left_ns = (double)s->options->time_limit_ns - spent,
		.overhead_ns = s->nr_here ? (here - s->elapsed_ns) / (double)s->nr_here : 0,
	};
}

static int run_rounds(struct supervisor *s, struct error *err)
{
	size_t room = tracks_count(s->tracks);
	AUTO_FREE struct order_item *items = malloc((room ? room : 1) * sizeof(*items));
	bool limited = s->options->time_limit_ns;

	if (!items)
		return error_set(err, -ENOMEM, "out of memory");
	for (unsigned int round = 0;; round++) {
		struct tracks_time time = time_left(s);
		size_t n = tracks_due(s->tracks, round, limited ? &time : NULL, items);
		int r;

		if (!n && tracks_left(s->tracks) == 0)
			break;
		s->summary.out_of_time = limited && (time.over || time.left_ns < 0);
		if (s->summary.out_of_time)
			break;
		r = run_round(s, round, items, n, err);
		if (r || s->watch.signal)
			return r;
	}
	return 0;
}

static void guard(void *context, pid_t pid)
{
	struct supervisor *s = context;

	settings_guard(s->settings, pid);
}

static int enter_group(void *context, struct error *err)
{
	const struct supervisor *s = context;
	int r = cgroup_enter(s->options->cgroup);

	return r ? error_set_errno(err, r, "cannot enter the control group") : 0;
}

static void take_earlier(void *context, const struct repetition *r)
{
	struct supervisor *s = context;

	/* Between repetitions of one process there is less than this; longer, nothing ran. */
	const uint64_t pause_ns = 1000000000;
	uint64_t ended_ns = r->started_ns + r->elapsed_ns;

	count_outcome(&s->summary, r);
	if (r->sequence >= s->sequence)
		s->sequence = r->sequence + 1;
	s->earlier_ns += r->elapsed_ns;
	if (s->last_ended_ns && r->started_ns > s->last_ended_ns &&
	    r->started_ns - s->last_ended_ns < pause_ns)
		s->earlier_ns += r->started_ns - s->last_ended_ns;
	s->last_ended_ns = ended_ns;
	tracks_add(s->tracks, r);
}

/* Under nohup the run is meant to outlive the terminal. */
static bool hangups_are_ignored(void)
{
	struct sigaction action;

	return !sigaction(SIGHUP, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* Signals come as something to read, so that they wake the wait and never interrupt a write. */
static int open_signals(struct supervisor *s, struct error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!hangups_are_ignored())
		sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &s->old_signals);
	signal(SIGPIPE, SIG_IGN);
	s->watch.signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->watch.signal_fd < 0)
		return error_set_errno(err, -errno, "cannot watch for signals");
	return 0;
}

static int open_run(struct supervisor *s, struct error *err)
{
	int r;

	s->start = *s->host;
	s->began_ns = clock_now_ns();
	s->watch.cgroup = s->options->cgroup;
	s->watch.oom_kills = watch_oom_kills(&s->watch);
	s->watch.started = guard;
	s->watch.context = s;
	s->watch.enter = s->options->cgroup ? enter_group : NULL;
	if (s->options->count_instructions)
		clock_count_instructions(&s->summary.clock);
	else
		clock_calibrate(&s->summary.clock);
	counters_prepare();
	perf_prepare(&s->scenario->measure.perf);
	r = open_signals(s, err);
	if (!r)
		r = settings_begin(&s->settings, NULL, err);
	if (!r)
		r = placer_new(&s->placer, err);
	if (r)
		return r;
	if (s->scenario->find && find_room_new(&s->room))
		return error_set(err, -ENOMEM, "out of memory");
	if (collector_new(&s->collector) || tracks_new(&s->tracks, s->scenario, s->host))
		return error_set(err, -ENOMEM, "out of memory");
	s->summary.nr_cells = tracks_count(s->tracks);
	s->apart = visit_any_apart(s);
	if (s->sink->replay)
		return s->sink->replay(s->sink->context, take_earlier, s);
	return 0;
}

static void warn_foreign(void *context, const char *sentence)
{
	struct supervisor *s = context;

	if (s->sink->warn)
		s->sink->warn(s->sink->context, "settings", sentence);
}

static void close_run(struct supervisor *s, struct error *err)
{
	struct error restore = { "" };

	if (settings_end(s->settings, warn_foreign, s, &restore)) {
		s->summary.not_restored = true;
		error_set(err, -EIO, "%s", restore.text);
	}
	if (s->watch.signal_fd >= 0) {
		close(s->watch.signal_fd);
		sigprocmask(SIG_SETMASK, &s->old_signals, NULL);
	}
	s->summary.signal = s->watch.signal;
	s->summary.spent_ns = spent_ns(s);
	s->summary.nr_unsettled = s->tracks ? tracks_unsettled(s->tracks) : 0;
	tracks_free(s->tracks);
	collector_free(s->collector);
	placer_free(s->placer);
	find_room_free(s->room);
	area_close(&s->area);
}

int run_scenario(const struct scenario *scenario, struct host *host,
		 const struct run_options *options, const struct run_sink *sink,
		 struct run_summary *ret, struct error *err)
{
	AUTO_FREE struct supervisor *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return error_set(err, -ENOMEM, "out of memory");
	s->scenario = scenario;
	s->host = host;
	s->options = options;
	s->sink = sink;
	s->watch.signal_fd = -1;
	r = open_run(s, err);
	if (!r)
		r = run_rounds(s, err);
	close_run(s, err);
	*ret = s->summary;
	return r;
}
