/* SPDX-License-Identifier: MIT */
/* overmap run: scenario files in, results out. */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/random.h"
#include "cmd/names.h"
#include "cmd/recording.h"
#include "cmd/show.h"
#include "result/resume.h"
#include "run/budget.h"
#include "run/progress.h"
#include "run/run.h"
#include "scenario/scenario.h"
#include "sys/cgroup.h"
#include "sys/emulator.h"
#include "sys/facts.h"
#include "sys/host.h"
#include "sys/neighbour.h"

#include "version.h"

#include <argp.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OPTION_SEED = 256,
	OPTION_RESUME,
	OPTION_STRICT,
	OPTION_MAX_MEMORY,
	OPTION_TIMEOUT,
	OPTION_TIME_LIMIT,
	OPTION_CLOCK,
	OPTION_SET,
	OPTION_NO_CGROUP,
};

static const struct argp_option run_options[] = {
	{ "output", 'o', "FILE", 0, "Write the result to FILE; - is standard output", 0 },
	{ "directory", 'd', "DIR", 0, "Write each result to DIR/NAME.json (default: results)", 0 },
	{ "seed", OPTION_SEED, "N", 0, "Seed of the order of cells (default: a fresh one)", 0 },
	{ "resume", OPTION_RESUME, NULL, 0, "Go on with the run that left FILE.journal", 0 },
	{ "strict", OPTION_STRICT, NULL, 0, "Exit with 3 when cells were skipped or refused", 0 },
	{ "max-memory", OPTION_MAX_MEMORY, "SIZE", 0,
	  "Refuse cells that would have more resident (default: what is available, less a reserve)",
	  0 },
	{ "timeout", OPTION_TIMEOUT, "TIME", 0, "End a repetition after TIME", 0 },
	{ "time-limit", OPTION_TIME_LIMIT, "TIME", 0,
	  "Begin nothing that would not fit into TIME, but for one repetition of every cell; after "
	  "the least number of each, spend it where intervals narrow most",
	  0 },
	{ "clock", OPTION_CLOCK, "CLOCK", 0,
	  "time (the default), or instructions: in an emulator whose clock counts them", 0 },
	{ "set", OPTION_SET, "NAME=VALUE", 0,
	  "Give a system setting this value in every cell, and put it back (repeatable)", 0 },
	{ "no-cgroup", OPTION_NO_CGROUP, NULL, 0,
	  "Use no control group: its accounting costs time in the page fault", 0 },
	{ "quiet", 'q', NULL, 0, "No progress, no table", 0 },
	{ "verbose", 'v', NULL, 0, "A line for every repetition", 0 },
	{ 0 },
};

struct arguments {
	struct run_options run;
	bool seed_given, resume, strict, quiet, verbose, no_cgroup;
	struct setting_wanted set[RUN_SET_MAX];
	const char *output, *directory;
	char **files;
	int nr_files;
};

static int parse_clock(const char *text, bool *ret, struct error *err)
{
	if (strcmp(text, "time") != 0 && strcmp(text, "instructions") != 0)
		return error_set(err, -EINVAL, "unknown clock \"%s\": time or instructions", text);
	if (strcmp(text, "instructions") == 0 && !emulator_present())
		return error_set(err, -EINVAL,
				 "this processor does not count instructions: "
				 "scripts/lab/guest --clock instructions starts one that does");
	*ret = strcmp(text, "instructions") == 0;
	return 0;
}

/* "vm.swappiness=10": text is cut at the sign. */
static int parse_set(struct arguments *a, char *text, struct error *err)
{
	struct setting_wanted *set = &a->set[a->run.nr_set];
	int r;

	if (a->run.nr_set == RUN_SET_MAX)
		return error_set(err, -ENOSPC, "more than %d --set", RUN_SET_MAX);
	r = setting_split(text, set, err);
	if (r)
		return r;
	a->run.nr_set++;
	r = settings_check(set->name, set->value, err);
	/* Not permitted is another matter: see set_is_permitted(). */
	return r == -EINVAL || r == -ENOENT ? r : 0;
}

/* What was asked for by name is done, or the run does not begin. */
static bool set_is_permitted(const struct arguments *a)
{
	struct error err;

	for (unsigned int i = 0; i < a->run.nr_set; i++) {
		if (settings_check(a->set[i].name, a->set[i].value, &err) == 0)
			continue;
		fprintf(stderr, "overmap run: %s\n", err.text);
		return false;
	}
	return true;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct error err = { "" };
	int r = 0;

	switch (key) {
	case 'o':
		a->output = text;
		break;
	case 'd':
		a->directory = text;
		break;
	case 'q':
		a->quiet = true;
		break;
	case 'v':
		a->verbose = true;
		break;
	case OPTION_SEED:
		r = count_parse(text, &a->run.seed, &err);
		a->seed_given = true;
		break;
	case OPTION_RESUME:
		a->resume = true;
		break;
	case OPTION_STRICT:
		a->strict = true;
		break;
	case OPTION_MAX_MEMORY:
		r = budget_parse(text, &a->run.max_memory_bytes, &err);
		break;
	case OPTION_TIMEOUT:
		r = limit_parse(text, &a->run.timeout_ns, &err);
		break;
	case OPTION_TIME_LIMIT:
		r = limit_parse(text, &a->run.time_limit_ns, &err);
		break;
	case OPTION_CLOCK:
		r = parse_clock(text, &a->run.count_instructions, &err);
		break;
	case OPTION_SET:
		r = parse_set(a, text, &err);
		break;
	case OPTION_NO_CGROUP:
		a->no_cgroup = true;
		break;
	case ARGP_KEY_ARGS:
		a->files = state->argv + state->next;
		a->nr_files = state->argc - state->next;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (r)
		argp_error(state, "%s", err.text);
	return 0;
}

static const struct argp run_argp = {
	.options = run_options,
	.parser = parse_option,
	.args_doc = "SCENARIO...\n--resume -o FILE",
	.doc = "Run every cell of the scenarios in fresh processes, in a seeded random order, and "
	       "write what was measured.\v"
	       "Exit status: 0 all outcomes as expected; 1 one differs, or the harness failed; 2 "
	       "usage "
	       "or scenario; 3 cells skipped or refused, under --strict; 4 a required setting was "
	       "not "
	       "permitted; "
	       "5 a setting could not be restored; 128 + signal.",
};

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

/* -o FILE, or DIR/NAME.json; the folder is made where it is missing. Fresh memory. */
static char *output_path(const struct arguments *a, const struct scenario *s, struct error *err)
{
	const char *folder = a->directory ? a->directory : "results";
	char *path;

	if (a->output)
		return strdup(a->output);
	if (mkdir(folder, 0755) && errno != EEXIST) {
		error_set_errno(err, -errno, "cannot make the folder %s", folder);
		return NULL;
	}
	if (asprintf(&path, "%s/%s.json", folder, s->name) < 0) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	return path;
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
static int exit_status(const struct arguments *a, const struct run_summary *sum, int r)
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
static void show_table(const struct arguments *a, const char *path)
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

static int record_run(const struct arguments *a, const struct scenario *s, struct host *host,
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
static void make_guards(struct arguments *a, const struct host *host, char *ret_reason,
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
static void take_options(struct arguments *a, const struct resume *resume)
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

	for (unsigned int i = 0; s->measure.each_event && i < s->nr_steps; i++)
		if (s->steps[i].op->event && n < sizeof(steps))
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

static int run_loaded(struct arguments *a, const struct scenario *s, struct resume *resume,
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

static int report(int status, const struct error *err)
{
	if (err->text[0])
		fprintf(stderr, "overmap: %s\n", err->text);
	return status;
}

static int run_file(struct arguments *a, const char *file)
{
	AUTO_FREE char *path = NULL;
	struct scenario *s = NULL;
	struct resume *resume = NULL;
	struct error err = { "" };
	int status = EXIT_USAGE;

	if (scenario_load(file, stderr, &s, NULL))
		return EXIT_USAGE;
	path = output_path(a, s, &err);
	if (path && (!a->resume || resume_open(&resume, path, &err) == 0))
		status = run_loaded(a, s, resume, path, &err);
	resume_free(resume);
	scenario_free(s);
	return report(status, &err);
}

/* Go on with what the journal beside -o FILE says it was: it holds the scenario too. */
static int run_journal(struct arguments *a)
{
	struct scenario *s = NULL;
	struct resume *resume = NULL;
	struct error err = { "" };
	int status = EXIT_USAGE;
	const char *source;

	if (resume_open(&resume, a->output, &err))
		return report(EXIT_USAGE, &err);
	source = resume_source(resume);
	if (scenario_load_text(source, strlen(source), resume_path(resume), stderr, &s, NULL) == 0)
		status = run_loaded(a, s, resume, a->output, &err);
	scenario_free(s);
	resume_free(resume);
	return report(status, &err);
}

/* Mistakes of the last of several scenarios are said before the first runs for hours. */
static int check_files(const struct arguments *a)
{
	int status = 0;

	for (int i = 0; a->nr_files > 1 && i < a->nr_files; i++) {
		struct scenario *s = NULL;

		if (strcmp(a->files[i], "-") == 0)
			continue;
		if (scenario_load(a->files[i], stderr, &s, NULL))
			status = EXIT_USAGE;
		scenario_free(s);
	}
	return status;
}

int cmd_run(int argc, char **argv)
{
	struct arguments a = { 0 };
	int worst = 0;

	argp_parse(&run_argp, argc, argv, 0, NULL, &a);
	if (!set_is_permitted(&a))
		return EXIT_NOT_PERMITTED;
	if (a.resume && a.output && !a.nr_files)
		return run_journal(&a);
	if (a.resume && !a.output && !a.directory && !a.nr_files) {
		fputs("overmap run: --resume takes -o FILE, whose FILE.journal is there\n", stderr);
		return EXIT_USAGE;
	}
	if (!a.nr_files) {
		fputs("overmap run: no scenario file: try scenarios/larger-than-memory.yaml\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (a.output && (a.directory || a.nr_files > 1)) {
		fputs("overmap run: -o takes one scenario and no -d: use -d DIR for several\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (check_files(&a))
		return EXIT_USAGE;
	for (int i = 0; i < a.nr_files; i++) {
		int status = run_file(&a, a.files[i]);

		/* The signal was for all of them. */
		if (status > 128)
			return status;
		worst = status > worst ? status : worst;
	}
	return worst;
}
