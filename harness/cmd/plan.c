/* SPDX-License-Identifier: MIT */
/*
 * overmap plan: what a run would do, and touch nothing. Cells are computed one after the other and
 * never kept, so a matrix of a million costs no more memory than a small one.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "base/text.h"
#include "cmd/columns.h"
#include "run/budget.h"
#include "run/crew.h"
#include "scenario/scenario.h"
#include "stats/compare.h"
#include "stats/holm.h"
#include "sys/settings.h"

#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define SHOWN_CELLS   20     /* unless --all */
#define STUDIED_CELLS 100000 /* of larger matrices an even sample is resolved */
#define WRITES_MAX    256    /* different values of settings */
#define REASONS_MAX   16     /* different reasons for a skip */

/* What the estimate of time reckons with; it says so. */
#define REPETITION_NS   3000000u     /* fork, start, journal line */
#define STEP_NS         5000u        /* a step without memory */
#define BYTES_TOUCHED_S (1ull << 30) /* first touches of base pages, one worker */

enum { OPTION_SEED = 256, OPTION_ALL, OPTION_MAX_MEMORY, OPTION_TIME_LIMIT };

struct arguments {
	bool seed_given, all;
	uint64_t seed, max_memory_bytes, time_limit_ns;
	char **files;
	int nr_files;
};

/* A value that the run would write. */
struct write_row {
	char name[sizeof(((struct wanted *)NULL)->name)];
	char value[sizeof(((struct wanted *)NULL)->value)];
	int refused; /* 0, or why it may not be written */
};

struct reason_row {
	char text[256];
	uint64_t nr, first_cell;
};

struct plan {
	const struct arguments *arguments;
	const struct scenario *scenario;
	const struct host *host;
	uint64_t nr_cells, nr_studied; /* kept by exclude and when; resolved */
	uint64_t nr_skipped, nr_refused, first_refused;
	uint64_t peak_bytes, peak_cell;
	double repetition_ns; /* sum over studied cells that would run */
	uint64_t nr_runs;
	unsigned int nr_writes, nr_reasons;
	struct write_row writes[WRITES_MAX];
	struct reason_row reasons[REASONS_MAX];
	uint64_t other_reasons;
	struct conditions conditions;
	struct assignment assignment;
};

static const struct argp_option options[] = {
	{ "seed", OPTION_SEED, "N", 0, "Seed of the order of cells (default: a fresh one)", 0 },
	{ "all", OPTION_ALL, NULL, 0, "Show every cell, and look at every one", 0 },
	{ "max-memory", OPTION_MAX_MEMORY, "SIZE", 0, "As for 'overmap run'", 0 },
	{ "time-limit", OPTION_TIME_LIMIT, "TIME", 0, "As for 'overmap run'", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct error err = { "" };
	int r = 0;

	switch (key) {
	case OPTION_SEED:
		a->seed_given = true;
		r = count_parse(text, &a->seed, &err);
		break;
	case OPTION_ALL:
		a->all = true;
		break;
	case OPTION_MAX_MEMORY:
		r = budget_parse(text, &a->max_memory_bytes, &err);
		break;
	case OPTION_TIME_LIMIT:
		r = limit_parse(text, &a->time_limit_ns, &err);
		break;
	case ARGP_KEY_ARGS:
		a->files = state->argv + state->next;
		a->nr_files = state->argc - state->next;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no scenario file: try scenarios/larger-than-memory.yaml");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (r)
		argp_error(state, "%s", err.text);
	return 0;
}

static const struct argp plan_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "SCENARIO...",
	.doc = "Show what a run would do on this machine: the cells, what would be written to the "
	       "system, how much memory would be resident, how long it would take. Nothing is "
	       "touched.",
};

static void note_reason(struct plan *p, uint64_t cell, const char *text)
{
	struct reason_row *row;

	p->nr_skipped++;
	for (unsigned int i = 0; i < p->nr_reasons; i++) {
		row = &p->reasons[i];
		if (strncmp(row->text, text, sizeof(row->text) - 1) == 0) {
			row->nr++;
			return;
		}
	}
	if (p->nr_reasons == REASONS_MAX) {
		p->other_reasons++;
		return;
	}
	row = &p->reasons[p->nr_reasons++];
	snprintf(row->text, sizeof(row->text), "%.*s", (int)sizeof(row->text) - 1, text);
	row->nr = 1;
	row->first_cell = cell;
}

/* The row of a wanted value, with whether it may be written; asked once a value. */
static const struct write_row *note_write(struct plan *p, const struct wanted *wanted)
{
	struct write_row *row;

	for (unsigned int i = 0; i < p->nr_writes; i++)
		if (strcmp(p->writes[i].name, wanted->name) == 0 &&
		    strcmp(p->writes[i].value, wanted->value) == 0)
			return &p->writes[i];
	if (p->nr_writes == WRITES_MAX)
		return NULL;
	row = &p->writes[p->nr_writes++];
	memcpy(row->name, wanted->name, sizeof(row->name));
	memcpy(row->value, wanted->value, sizeof(row->value));
	row->refused = settings_check(row->name, row->value, NULL);
	return row;
}

static int check_writes(struct plan *p, struct error *reason)
{
	int r = 0;

	for (unsigned int i = 0; i < p->conditions.nr_wanted; i++) {
		const struct write_row *row = note_write(p, &p->conditions.wanted[i]);

		if (row && row->refused && !r)
			r = settings_check(row->name, row->value, reason);
	}
	return r;
}

static int resolve_steps(struct plan *p, const struct cell *cell, const struct step *steps,
			 unsigned int n, struct error *reason)
{
	struct assignment *a = &p->assignment;

	for (unsigned int i = 0; i < n; i++) {
		struct op_call *call = &a->calls[a->nr_calls];
		const struct op *op = steps[i].op;
		int r;

		a->active[a->nr_calls] = pattern_match(steps[i].when, &cell->params, p->host);
		r = op_call_resolve(op, steps[i].args, &p->conditions, p->host, call, reason);
		if (!r && a->active[a->nr_calls] && op->supported)
			r = op->supported(call, &p->conditions, p->host, reason);
		if (r)
			return r;
		a->nr_calls++;
	}
	return 0;
}

static uint64_t allowed_bytes(const struct plan *p)
{
	uint64_t reserve = budget_reserve_bytes(p->host);

	if (p->arguments->max_memory_bytes)
		return p->arguments->max_memory_bytes;
	return p->host->available_bytes > reserve ? p->host->available_bytes - reserve : 0;
}

static void note_time(struct plan *p, uint64_t peak_bytes)
{
	const struct measure *m = &p->scenario->measure;
	double pass = (double)p->assignment.nr_calls * STEP_NS;
	double touching = (double)peak_bytes / (double)BYTES_TOUCHED_S * 1e9;

	p->nr_runs++;
	p->repetition_ns += REPETITION_NS;
	if (m->for_ns)
		p->repetition_ns += (double)m->for_ns + touching;
	else
		p->repetition_ns += (double)m->iterations * (pass + touching);
}

static int resolve_cell(struct plan *p, const struct cell *cell, struct error *reason)
{
	int r = params_resolve(&cell->params, p->host, &p->conditions, reason);

	p->assignment.nr_calls = 0;
	p->assignment.conditions = &p->conditions;
	p->assignment.host = p->host;
	if (!r)
		r = check_writes(p, reason);
	if (!r)
		r = resolve_steps(p, cell, p->scenario->setup, p->scenario->nr_setup, reason);
	if (!r)
		r = resolve_steps(p, cell, p->scenario->steps, p->scenario->nr_steps, reason);
	return r;
}

static void study_cell(struct plan *p, const struct cell *cell)
{
	struct error reason = { "" };
	uint64_t peak;

	p->nr_studied++;
	if (resolve_cell(p, cell, &reason)) {
		note_reason(p, cell->index, reason.text);
		return;
	}
	peak = budget_peak_bytes(&p->assignment);
	if (peak > p->peak_bytes) {
		p->peak_bytes = peak;
		p->peak_cell = cell->index;
	}
	if (peak > allowed_bytes(p) && !p->scenario->may_oom) {
		if (!p->nr_refused++)
			p->first_refused = cell->index;
		return;
	}
	note_time(p, peak < allowed_bytes(p) ? peak : allowed_bytes(p));
}

static void print_cell(const struct plan *p, const struct cell *cell)
{
	char text[1024];

	if (p->arguments->all || p->nr_cells <= SHOWN_CELLS)
		printf("  %6" PRIu64 "  %s\n", cell->index,
		       cell_format(&p->scenario->matrix, cell, text, sizeof(text)));
}

/* One pass over all numbers: print the first cells, count, and study all or a sample. */
static void walk_cells(struct plan *p)
{
	const struct matrix *m = &p->scenario->matrix;
	uint64_t numbers = matrix_numbers(m), every = 1;
	struct cell cell;

	if (!p->arguments->all && numbers > STUDIED_CELLS)
		every = (numbers + STUDIED_CELLS - 1) / STUDIED_CELLS;
	for (uint64_t i = 0; i < numbers; i++) {
		if (!matrix_cell(m, p->host, i, &cell))
			continue;
		p->nr_cells++;
		print_cell(p, &cell);
		/* A sample in step with the axes would see one value of some of them only. */
		if (every == 1 || (i * 0x9e3779b97f4a7c15u >> 32) % every == 0)
			study_cell(p, &cell);
	}
	if (!p->arguments->all && p->nr_cells > SHOWN_CELLS)
		printf("          ... and %" PRIu64 " more: --all shows them\n",
		       p->nr_cells - SHOWN_CELLS);
}

static void print_head(const struct plan *p, uint64_t seed)
{
	const struct scenario *s = p->scenario;

	printf("%s", s->name);
	if (s->summary)
		printf(": %s", s->summary);
	printf("\n\nOrder: seed %" PRIu64 "%s\n\nCells:\n", seed,
	       p->arguments->seed_given ? "" : " (a fresh one each time, unless --seed gives it)");
}

static void print_counts(const struct plan *p)
{
	const struct repetition_plan *plan = &p->scenario->repetitions;
	uint64_t numbers = matrix_numbers(&p->scenario->matrix);

	printf("\n%" PRIu64 " cell%s", p->nr_cells, p->nr_cells == 1 ? "" : "s");
	if (p->nr_cells < numbers)
		printf(" (%" PRIu64 " more excluded)", numbers - p->nr_cells);
	if (plan->min == plan->max)
		printf(", %u repetition%s each\n", plan->min, plan->min == 1 ? "" : "s");
	else if (plan->compare >= 0)
		printf(", %u to %u repetitions each, until the values of %s are told apart or "
		       "shown to be within %g %%: at most %" PRIu64 " comparisons\n",
		       plan->min, plan->max, axes[plan->compare]->name, plan->margin * 100,
		       scenario_comparisons(p->scenario));
	else
		printf(", %u to %u repetitions each, until the interval of the median is %g %% "
		       "wide\n",
		       plan->min, plan->max, plan->until * 100);
	if (p->nr_studied < p->nr_cells)
		printf("What follows is from an even sample of %" PRIu64
		       " cells: --all looks at all.\n",
		       p->nr_studied);
}

/*
 * So many cells at once need so much evidence for one of them: said before the run, since no
 * analysis can find it afterwards.
 */
static void print_reach(const struct plan *p)
{
	const struct scenario *s = p->scenario;
	const struct repetition_plan *plan = &s->repetitions;
	size_t most = 0;

	if (plan->compare >= 0) /* said already */
		return;
	for (unsigned int i = 0; axes[i]; i++) {
		uint64_t n = scenario_comparisons_by(s, i);
		size_t needed = n ? holm_pairs_needed((size_t)n, compare_defaults.alpha) : 0;

		if (needed && !most)
			printf("A verdict of 'overmap compare' takes %zu repetitions by %s", needed,
			       axes[i]->name);
		else if (needed)
			printf(", %zu by %s", needed, axes[i]->name);
		most = needed > most ? needed : most;
	}
	if (most > plan->min)
		printf(", and here are %s%u (see repetitions: {compare: AXIS})",
		       plan->max > plan->min ? "at least " : "", plan->min);
	if (most)
		printf(".\n");
}

/* A setting's values in one row: name, present value, all that would be written. */
static void add_write(const struct plan *p, unsigned int first, struct columns *columns)
{
	const char *name = p->writes[first].name;
	char now[128] = "?", values[512] = "", note[128] = "";
	const char *row[] = { name, now, values, note };
	size_t used = 0;

	for (unsigned int i = 0; i < first; i++)
		if (strcmp(p->writes[i].name, name) == 0)
			return;
	if (settings_read(name, now, sizeof(now), NULL) < 0)
		snprintf(now, sizeof(now), "?");
	for (unsigned int i = first; i < p->nr_writes; i++) {
		const struct write_row *write = &p->writes[i];

		if (strcmp(write->name, name) != 0 || used >= sizeof(values))
			continue;
		used += (size_t)snprintf(values + used, sizeof(values) - used, "%s%s",
					 used ? ", " : "", write->value);
		if (write->refused)
			snprintf(note, sizeof(note), "not permitted: %s",
				 strerror(-write->refused));
	}
	columns_add(columns, row);
}

static void print_writes(const struct plan *p)
{
	static const struct column_head heads[] = { { "SETTING", false },
						    { "NOW", false },
						    { "WOULD BE", false },
						    { "", false },
						    { NULL, false } };
	struct columns columns;

	if (!p->nr_writes) {
		printf("\nNothing would be written to the system.\n");
		return;
	}
	printf("\nWould be written to the system, and put back after:\n");
	columns_begin(&columns, heads);
	for (unsigned int i = 0; i < p->nr_writes; i++)
		add_write(p, i, &columns);
	columns_print(&columns);
	if (p->nr_writes == WRITES_MAX)
		printf("  ... and more\n");
}

/* What a count is out of, where not every cell was looked at. */
static const char *of_sample(const struct plan *p)
{
	return p->nr_studied < p->nr_cells ? " of the sample" : "";
}

static void print_memory(const struct plan *p)
{
	char peak[32], allowed[32];

	printf("\nMemory: at most %s resident", bytes_format(p->peak_bytes, peak, sizeof(peak)));
	if (p->peak_bytes)
		printf(", in cell %" PRIu64, p->peak_cell);
	printf("; %s may be used\n", bytes_format(allowed_bytes(p), allowed, sizeof(allowed)));
	if (p->nr_refused)
		printf("  %" PRIu64 " cell%s%s would be refused for it, cell %" PRIu64
		       " first: touch less, or say may_oom: true\n",
		       p->nr_refused, p->nr_refused == 1 ? "" : "s", of_sample(p),
		       p->first_refused);
}

static void print_skips(const struct plan *p)
{
	if (!p->nr_skipped)
		return;
	printf("\nWould be skipped here: %" PRIu64 " cell%s%s\n", p->nr_skipped,
	       p->nr_skipped == 1 ? "" : "s", of_sample(p));
	for (unsigned int i = 0; i < p->nr_reasons; i++)
		printf("  %6" PRIu64 "  %s (cell %" PRIu64 " first)\n", p->reasons[i].nr,
		       p->reasons[i].text, p->reasons[i].first_cell);
	if (p->other_reasons)
		printf("  %6" PRIu64 "  for other reasons\n", p->other_reasons);
}

/* As duration_format(), and days where a run of a whole matrix would take them. */
static char *format_estimate(double ns, char *ret, size_t length)
{
	double hours = ns / 3600e9;

	if (hours < 2)
		return duration_format((uint64_t)ns, ret, length);
	if (hours < 48)
		snprintf(ret, length, "%.1f hours", hours);
	else
		snprintf(ret, length, "%.0f days", hours / 24);
	return ret;
}

static void print_time(const struct plan *p)
{
	const struct repetition_plan *plan = &p->scenario->repetitions;
	char least[48], most[48];
	double each;

	if (!p->nr_runs)
		return;
	each = p->repetition_ns * (double)p->nr_cells / (double)p->nr_studied;
	format_estimate(each * plan->min, least, sizeof(least));
	format_estimate(each * plan->max, most, sizeof(most));
	printf("\nTime: about %s", least);
	if (plan->max != plan->min)
		printf(" to %s", most);
	printf(", reckoned with 3 ms a repetition%s and 1 GiB/s for touching memory\n",
	       p->scenario->measure.for_ns ? ", the time to measure" : "");
}

/* How the limited time would be spent; each: what one repetition of every cell takes. */
static void print_limit(const struct plan *p)
{
	const struct repetition_plan *plan = &p->scenario->repetitions;
	double limit = (double)p->arguments->time_limit_ns, each;
	char text[32];

	if (!p->arguments->time_limit_ns || !p->nr_runs)
		return;
	each = p->repetition_ns * (double)p->nr_cells / (double)p->nr_studied;
	printf("Time limit: %s: ", duration_format((uint64_t)limit, text, sizeof(text)));
	if (each * plan->max <= limit) {
		printf("enough for all %u of each.\n", plan->max);
		return;
	}
	if (each * plan->min >= limit || plan->min == plan->max) {
		printf("about %.0f of the %u that each needs, round by round.\n",
		       ceil(limit / each), plan->min);
		return;
	}
	printf("%u of each take %.0f %%; the rest, about %.0f repetitions, goes round by round "
	       "to the %s narrow most a second.\n",
	       plan->min, each * plan->min / limit * 100,
	       (limit / each - plan->min) * (double)p->nr_cells,
	       plan->compare >= 0 ? "comparisons whose intervals" : "cells whose intervals");
}

static void plan_scenario(struct plan *p)
{
	print_head(p, p->arguments->seed_given ? p->arguments->seed : random_seed());
	walk_cells(p);
	print_counts(p);
	print_reach(p);
	print_writes(p);
	print_memory(p);
	print_skips(p);
	print_time(p);
	print_limit(p);
}

static int plan_file(const struct arguments *a, const struct host *host, const char *path)
{
	AUTO_FREE struct plan *p = calloc(1, sizeof(*p));
	struct scenario *s = NULL;
	int r;

	if (!p)
		return -ENOMEM;
	r = scenario_load(path, stderr, &s, NULL);
	if (r)
		return r;
	p->arguments = a;
	p->scenario = s;
	p->host = host;
	plan_scenario(p);
	scenario_free(s);
	return 0;
}

int cmd_plan(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct host host;
	struct error err;
	int status = 0;

	if (argp_parse(&plan_argp, argc, argv, 0, NULL, &a))
		return EXIT_USAGE;
	if (host_read(&host, &err)) {
		fprintf(stderr, "overmap plan: %s\n", err.text);
		return EXIT_USAGE;
	}
	for (int i = 0; i < a.nr_files; i++) {
		if (i)
			putchar('\n');
		if (plan_file(&a, &host, a.files[i]))
			status = EXIT_USAGE;
	}
	return status;
}
