/* SPDX-License-Identifier: MIT */
#include "cmd/run_recorded.h"

#include "base/random.h"
#include "cmd/cmd.h"
#include "cmd/names.h"
#include "cmd/recording.h"
#include "cmd/show.h"
#include "run/budget.h"
#include "run/progress.h"
#include "run/run.h"
#include "sys/cgroup.h"
#include "sys/emulator.h"
#include "sys/facts.h"
#include "sys/host.h"
#include "sys/neighbour.h"

#include "version.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct fact_visit {
	result_fact_fn *visit;
	void *context;
};

static int pass_fact(void *context, const char *group, const char *name, const char *value)
{
	const struct fact_visit *to = context;

	to->visit(to->context, group, name, value);
	return 0;
}

static void visit_facts(result_fact_fn *visit, void *context)
{
	struct fact_visit to = { visit, context };

	facts_visit(pass_fact, &to);
}

static struct result_end end_of(const struct run_summary *sum)
{
	return (struct result_end){
		.clock = &sum->clock,
		.signal = sum->signal,
		.out_of_time = sum->out_of_time,
		.spent_ns = sum->spent_ns,
		.nr_unsettled = sum->nr_unsettled,
		.nr_repetitions = sum->nr_repetitions,
		.nr_cells = sum->nr_cells,
		.nr_unexpected = sum->nr_unexpected,
		.nr_indeterminate = sum->nr_indeterminate,
		.nr_failed = sum->nr_failed,
		.nr_skipped = sum->nr_skipped,
		.nr_refused = sum->nr_refused,
		.nr_degraded = sum->nr_degraded,
		.nr_oom = sum->nr_oom,
		.nr_timeout = sum->nr_timeout,
	};
}

/* What went wrong most decides; a signal is said in any case. */
static int exit_status(const struct run_arguments *a, const struct run_summary *sum, int r)
{
	if (sum->not_restored)
		return EXIT_NOT_RESTORED;
	if (sum->signal)
		return 128 + sum->signal;
	if (sum->not_permitted)
		return EXIT_NOT_PERMITTED;
	if (r || sum->nr_failed || sum->nr_unexpected)
		return EXIT_DIFFERS;
	return a->strict && (sum->nr_skipped || sum->nr_refused) ? EXIT_SKIPPED : 0;
}

/* The table, read back from what was written: what people see is what the file says. */
static void show_table(const struct run_arguments *a, const char *path)
{
	struct show_options options = {
		.width = stream_width(stderr),
		.colors = stream_colors(stderr),
	};
	struct result *result = NULL;
	struct error err = { "" };
	int r;

	if (a->quiet || strcmp(path, "-") == 0)
		return;
	r = show_read(&result, path, &err);
	if (!r)
		r = show_result(result, stderr, &options, &err);
	if (r)
		fprintf(stderr, "overmap: %s\n", err.text);
	result_free(result);
	fprintf(stderr, "\nresult: %s\n", path);
}

/* Without the table, a reason for the exit status all the same. */
static void tell_unexpected(const struct run_summary *sum, const char *path)
{
	if (sum->nr_unexpected)
		fprintf(stderr, "overmap: %s: not as expected: %" PRIu64 " of %" PRIu64 "\n", path,
			sum->nr_unexpected, sum->nr_repetitions);
	if (sum->nr_failed)
		fprintf(stderr, "overmap: %s: failed in the harness: %" PRIu64 " of %" PRIu64 "\n",
			path, sum->nr_failed, sum->nr_repetitions);
}

static int record_run(const struct run_arguments *a, const struct scenario *s, struct host *host,
		      struct recording *recording, const char *path, struct error *err)
{
	struct run_sink sink = recording_sink(recording);
	struct run_summary sum = { 0 };
	struct error write_error = { "" };
	struct result_end end;
	int r, status;

	progress_open(&recording->progress, a->quiet || a->verbose);
	r = run_scenario(s, host, &a->run, &sink, &sum, err);
	progress_clear(&recording->progress);
	status = exit_status(a, &sum, r);
	end = end_of(&sum);
	if (r) {
		/* Nothing measured is nothing to go on with. */
		if (!sum.nr_repetitions && !recording->resume)
			unlink(recorder_journal(recording->recorder));
		else
			fprintf(stderr, "overmap: what was measured is kept in %s\n",
				recorder_journal(recording->recorder));
		recorder_abort(recording->recorder);
		return status;
	}
	if (recorder_finish(recording->recorder, &end, &write_error)) {
		fprintf(stderr, "overmap: %s\n", write_error.text);
		return EXIT_DIFFERS;
	}
	show_table(a, path);
	if (a->quiet)
		tell_unexpected(&sum, path);
	return status;
}

static const struct result_tool tool = {
	.version = OVERMAP_VERSION,
	.commit = OVERMAP_COMMIT,
	.compiler = OVERMAP_COMPILER,
	.flags = OVERMAP_CFLAGS,
};

static int begin(struct recording *recording, const char *path,
		 const struct result_context *context, struct error *err)
{
	if (!recording->resume)
		return recorder_open(&recording->recorder, path, context, err);
	return recorder_resume(&recording->recorder, path, context, err);
}

#define GUARDS_MAX 5

/*
 * What stands between a repetition and the rest of the machine. The control group is made here,
 * since the result says beforehand what guards the run.
 */
static void make_guards(struct run_arguments *a, const struct host *host, char *ret_reason,
			size_t length, const char *ret[GUARDS_MAX])
{
	struct cgroup_options options = { .memory_max_bytes = a->run.max_memory_bytes };
	struct error err = { "no control group: --no-cgroup" };
	unsigned int n = 0;

	if (!options.memory_max_bytes)
		options.memory_max_bytes = budget_allowed_bytes(host);
	if (!a->no_cgroup && cgroup_make(&a->run.cgroup, &options, &err) == 0)
		ret[n++] = "control group";
	ret[n++] = "oom_score_adj";
	ret[n++] = "memory budget";
	ret[n++] = "watchdog";
	ret[n] = NULL;
	if (!a->run.cgroup)
		snprintf(ret_reason, length, "%.*s", (int)length - 1, err.text);
}

/* What is not given now is as it was. */
static void take_options(struct run_arguments *a, const struct resume *resume)
{
	struct run_options *run = &a->run;

	run->seed = resume_seed(resume);
	run->max_memory_bytes = run->max_memory_bytes ? run->max_memory_bytes
						      : resume_max_memory_bytes(resume);
	run->timeout_ns = run->timeout_ns ? run->timeout_ns : resume_timeout_ns(resume);
	run->time_limit_ns = run->time_limit_ns ? run->time_limit_ns : resume_time_limit_ns(resume);
}

/* Said, not refused: what disturbs is for the reader to judge. */
static void note_neighbour(struct recording *recording)
{
	pid_t pid = neighbour_find();
	char text[160];

	if (!pid)
		return;
	snprintf(text, sizeof(text),
		 "another overmap measured on this machine when the run began (process %d): each "
		 "disturbs the other",
		 (int)pid);
	recording_note(recording, "neighbour", text);
}

/* Which steps have them, since the others are measured as always. */
static void note_events(struct recording *recording)
{
	const struct scenario *s = recording->scenario;
	char steps[160] = "", text[480];
	size_t n = 0;

	for (unsigned int i = 0; i < s->nr_steps; i++)
		if (s->steps[i].each_event && n < sizeof(steps))
			n += (size_t)snprintf(steps + n, sizeof(steps) - n, "%s%s (each %s)",
					      n ? ", " : "", s->steps[i].name,
					      s->steps[i].op->event);
	if (!n)
		return;
	snprintf(
		text, sizeof(text),
		"events are timed of %s: a time stamp an event (run.event_stamp_cost_ns) is in all "
		"times of these steps; for throughput, leave 'events' out",
		steps);
	recording_note(recording, "events", text);
}

int run_recorded(struct run_arguments *a, const struct scenario *s, struct resume *resume,
		 const char *path, struct error *err)
{
	struct recording recording = { .scenario = s, .verbose = a->verbose, .resume = resume };
	const char *guards[GUARDS_MAX];
	struct result_context context = {
		.scenario = s,
		.tool = tool,
		.emulated = emulator_present(),
		.guarded_by = guards,
		.set = a->set,
		.nr_set = a->run.nr_set,
		.facts = visit_facts,
	};
	char no_group[256] = "";
	struct host host;
	int r, status = EXIT_USAGE;

	if (host_read(&host, err))
		return EXIT_DIFFERS;
	a->run.set = a->set;
	if (resume)
		take_options(a, resume);
	else if (!a->seed_given)
		a->run.seed = random_seed();
	make_guards(a, &host, no_group, sizeof(no_group), guards);
	if (no_group[0])
		recording_note(&recording, "guard", no_group);
	note_neighbour(&recording);
	note_events(&recording);
	context.host = &host;
	context.seed = a->run.seed;
	context.max_memory_bytes = a->run.max_memory_bytes;
	context.timeout_ns = a->run.timeout_ns;
	context.time_limit_ns = a->run.time_limit_ns;
	r = resume ? resume_check(resume, &context, recording_note, &recording, err) : 0;
	if (!r)
		r = begin(&recording, path, &context, err);
	if (!r) {
		recording_tell_notes(&recording);
		err->text[0] = '\0';
		status = record_run(a, s, &host, &recording, path, err);
	}
	cgroup_remove(a->run.cgroup);
	a->run.cgroup = NULL;
	return status;
}
