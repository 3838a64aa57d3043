/* SPDX-License-Identifier: MIT */
/*
 * overmap selftest: what comparisons on this machine are worth. aa runs the same cells under two
 * names and counts how often a difference is claimed; ab slows one of the two down by a known share
 * and counts how often that is found.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "base/size.h"
#include "cmd/columns.h"
#include "run/progress.h"
#include "run/run.h"
#include "scenario/scenario.h"
#include "stats/compare.h"
#include "stats/summary.h"

#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define STEPS_AA        4  /* map, touch, touch, unmap: a comparison each */
#define PAGES_FIRST     64 /* of the smallest mapping */
#define PAGES_STEP      4  /* from one mapping to the next */
#define COMPARISONS_MAX 400
#define PAIRS_LEAST     6 /* fewer cannot show anything at 5 % */
#define TIME_LIMIT_NS   60000000000u

static const double shares[] = { 0.01, 0.02, 0.05 };

enum { OPTION_COMPARISONS = 256, OPTION_PAIRS, OPTION_TIME_LIMIT, OPTION_SEED, OPTION_MARGIN };

struct arguments {
	const char *what;
	uint64_t comparisons, pairs, seed; /* comparisons 0: as many as suits */
	uint64_t time_limit_ns;
	double margin;
	bool quiet, seed_given;
};

/*
 * Two cells a mapping size: the size in KiB is A, the same size in pages is B. They are one cell
 * under two names, and their order in each round is a coin toss.
 */
struct trial {
	const struct arguments *arguments;
	unsigned int nr_sizes, nr_steps;
	size_t nr_rounds;
	struct value {
		double metric;
		uint64_t sequence;
		bool ran;
	} * values; /* [nr_rounds × 2 nr_sizes × nr_steps] */
	struct progress progress;
	uint64_t nr_failed;
	char failure[320];
};

static struct value *value_at(const struct trial *t, size_t round, uint64_t cell, unsigned int step)
{
	return &t->values[(round * 2 * t->nr_sizes + cell) * t->nr_steps + step];
}

static int take_repetition(void *context, const struct cell *cell, const struct repetition *r,
			   struct error *err)
{
	struct trial *t = context;

	(void)err;
	if (r->outcome.kind != OUTCOME_OK) {
		t->nr_failed++;
		snprintf(t->failure, sizeof(t->failure), "%s: %s", outcome_name(&r->outcome),
			 r->outcome.detail);
		return 0;
	}
	for (unsigned int i = 0; i < t->nr_steps && r->round < t->nr_rounds; i++)
		*value_at(t, r->round, cell->index, i) = (struct value){
			.metric = r->steps[i].metric[0],
			.sequence = r->sequence,
			.ran = true,
		};
	return 0;
}

static void take_progress(void *context, const struct run_progress *p)
{
	struct trial *t = context;

	progress_update(&t->progress, p);
}

static uint64_t pages_of(unsigned int size)
{
	return PAGES_FIRST + (uint64_t)PAGES_STEP * size;
}

static void put_size(FILE *out, unsigned int size, bool b)
{
	uint64_t page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;

	if (b)
		fprintf(out, "%" PRIu64 " pages", pages_of(size));
	else
		fprintf(out, "%" PRIu64 "KiB", pages_of(size) * page_kib);
}

static void put_matrix(FILE *out, const struct trial *t, unsigned int iterations)
{
	fputs("matrix:\n  hugepages: none\n  size: [", out);
	for (unsigned int i = 0; i < t->nr_sizes; i++) {
		fputs(i ? ", " : "", out);
		put_size(out, i, false);
		fputs(", ", out);
		put_size(out, i, true);
	}
	fprintf(out, "]\nmeasure: {iterations: %u}\nrepetitions: %zu\nsteps:\n", iterations,
		t->nr_rounds);
}

static void put_aa(FILE *out, const struct trial *t)
{
	fputs("scenario: selftest-aa\n", out);
	put_matrix(out, t, 10);
	fputs("  - map\n  - touch\n  - touch\n  - unmap\n", out);
}

/*
 * Every A runs the step without a slowdown; the B of each share the one with it. Both spin for a
 * while in any case: a process that never does can have slower page faults than one that does, by
 * more than what is to be found.
 */
static void put_ab(FILE *out, const struct trial *t)
{
	unsigned int each = t->nr_sizes / ARRAY_LENGTH(shares);

	fputs("scenario: selftest-ab\n", out);
	put_matrix(out, t, 20);
	fputs("  - map\n  - delay: {duration: 20us, share: 0%, when: {size: [", out);
	for (unsigned int i = 0; i < t->nr_sizes; i++) {
		fputs(i ? ", " : "", out);
		put_size(out, i, false);
	}
	fputs("]}}\n", out);
	for (unsigned int k = 0; k < ARRAY_LENGTH(shares); k++) {
		fprintf(out, "  - delay: {duration: 20us, share: %g%%, when: {size: [",
			shares[k] * 100);
		for (unsigned int i = 0; i < each; i++) {
			fputs(i ? ", " : "", out);
			put_size(out, k * each + i, true);
		}
		fputs("]}}\n", out);
	}
	fputs("  - unmap\n", out);
}

static int load(struct trial *t, void (*put)(FILE *out, const struct trial *t),
		struct scenario **ret, struct error *err)
{
	AUTO_FREE char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return error_set(err, -ENOMEM, "out of memory");
	put(out, t);
	if (fclose(out))
		return error_set(err, -ENOMEM, "out of memory");
	if (scenario_load_text(text, length, "selftest", stderr, ret, NULL))
		return error_set(err, -EINVAL, "the scenario of the selftest does not load");
	return 0;
}

static int run(struct trial *t, void (*put)(FILE *out, const struct trial *t), struct error *err)
{
	const struct arguments *a = t->arguments;
	struct run_options options = { .seed = a->seed, .time_limit_ns = a->time_limit_ns };
	struct run_sink sink = {
		.context = t,
		.repetition = take_repetition,
		.progress = take_progress,
	};
	struct run_summary summary = { 0 };
	struct scenario *s = NULL;
	struct host host;
	int r;

	t->values = calloc(t->nr_rounds * 2 * t->nr_sizes * t->nr_steps, sizeof(*t->values));
	if (!t->values)
		return error_set(err, -ENOMEM, "out of memory");
	r = host_read(&host, err);
	if (!r)
		r = load(t, put, &s, err);
	if (!r) {
		progress_open(&t->progress, a->quiet);
		r = run_scenario(s, &host, &options, &sink, &summary, err);
		progress_clear(&t->progress);
	}
	scenario_free(s);
	if (!r && summary.signal)
		r = error_set(err, -EINTR, "ended by a signal");
	return r;
}

/* The metric of the step that ran: in ab it is another step for A than for B. */
static const struct value *measured(const struct trial *t, size_t round, uint64_t cell,
				    unsigned int first, unsigned int last)
{
	for (unsigned int step = first; step <= last; step++) {
		const struct value *v = value_at(t, round, cell, step);

		if (v->ran && !isnan(v->metric))
			return v;
	}
	return NULL;
}

static int compare_size(const struct trial *t, unsigned int size, unsigned int first,
			unsigned int last, struct comparison *ret)
{
	AUTO_FREE struct compare_pair *pairs = calloc(t->nr_rounds, sizeof(*pairs));
	struct compare_options options = compare_defaults;
	size_t n = 0;

	if (!pairs)
		return -ENOMEM;
	for (size_t round = 0; round < t->nr_rounds; round++) {
		const struct value *a = measured(t, round, 2 * (uint64_t)size, first, last),
				   *b = measured(t, round, 2 * (uint64_t)size + 1, first, last);

		if (a && b)
			pairs[n++] = (struct compare_pair){
				.a = a->metric,
				.b = b->metric,
				.order = a->sequence < b->sequence ? ORDER_AB : ORDER_BA,
			};
	}
	options.randomised = true;
	options.margin = t->arguments->margin;
	return compare_pairs(pairs, n, &options, ret);
}

/* A difference claimed, by its own p: not what the margin says of it. */
static bool claimed(const struct comparison *c)
{
	return c->p <= c->options.alpha;
}

static void print_seed(const struct trial *t, size_t pairs)
{
	printf("%zu pairs each, seed %" PRIu64 "\n", pairs, t->arguments->seed);
	if (t->nr_failed)
		printf("%" PRIu64 " repetitions failed: %s\n", t->nr_failed, t->failure);
	if (pairs < PAIRS_LEAST)
		printf("fewer than %d pairs can show nothing: give it more --time-limit or fewer "
		       "--comparisons\n",
		       PAIRS_LEAST);
}

static size_t fewest_pairs(const struct comparison *c, size_t n)
{
	size_t fewest = n ? c[0].n : 0;

	for (size_t i = 1; i < n; i++)
		fewest = c[i].n < fewest ? c[i].n : fewest;
	return fewest;
}

static void print_aa_step(const char *name, const struct comparison *c, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += claimed(&c[i]);
	printf("  %-8s %zu of %zu\n", name, found, n);
}

static int judge_aa(struct trial *t, struct error *err)
{
	static const char *const names[STEPS_AA] = { "map", "touch", "touch-2", "unmap" };
	size_t n = (size_t)t->nr_sizes * STEPS_AA, found = 0, holm = 0, equivalent = 0;
	AUTO_FREE struct comparison *c = calloc(n, sizeof(*c));
	int r = c ? 0 : -ENOMEM;

	for (unsigned int step = 0; !r && step < STEPS_AA; step++)
		for (unsigned int i = 0; !r && i < t->nr_sizes; i++)
			r = compare_size(t, i, step, step, &c[step * t->nr_sizes + i]);
	for (size_t i = 0; !r && i < n; i++)
		found += claimed(&c[i]);
	if (!r)
		r = compare_family(c, n);
	if (r)
		return error_set_errno(err, r, "cannot compare");
	for (size_t i = 0; i < n; i++) {
		holm += c[i].p_adjusted <= c[i].options.alpha;
		equivalent += c[i].verdict == COMPARE_VERDICT_EQUIVALENT;
	}
	printf("A/A: %zu comparisons of a cell with itself, ", n);
	print_seed(t, fewest_pairs(c, n));
	printf("differences claimed at %g %%: %zu of %zu (%.1f are to be expected)\n",
	       compare_defaults.alpha * 100, found, n, compare_defaults.alpha * (double)n);
	for (unsigned int step = 0; step < STEPS_AA; step++)
		print_aa_step(names[step], &c[step * t->nr_sizes], t->nr_sizes);
	printf("claimed with Holm's correction, as compare does: %zu\n"
	       "shown to be equivalent within %g %%: %zu\n",
	       holm, t->arguments->margin * 100, equivalent);
	return 0;
}

/* One share: how often found, what was estimated, how often the interval held the truth. */
static void add_share(struct columns *columns, double share, const struct comparison *c, size_t n)
{
	AUTO_FREE double *effects = calloc(n + 1, sizeof(*effects));
	size_t found = 0, wrong = 0, covered = 0;
	char text[6][48];
	const char *row[] = { text[0], text[1], text[2], text[3], text[4], text[5] };
	double detectable = 0;

	for (size_t i = 0; effects && i < n; i++) {
		found += claimed(&c[i]) && c[i].effect > 1;
		wrong += claimed(&c[i]) && c[i].effect < 1;
		covered += c[i].wide.low <= 1 + share && 1 + share <= c[i].wide.high;
		effects[i] = c[i].effect;
		detectable += c[i].detectable / (double)n;
	}
	snprintf(text[0], sizeof(text[0]), "%g %%", share * 100);
	snprintf(text[1], sizeof(text[1]), "%zu of %zu", found, n);
	snprintf(text[2], sizeof(text[2]), "%zu", wrong);
	snprintf(text[3], sizeof(text[3]), "%+.2f %%",
		 effects && n ? (summary_median(effects, n) - 1) * 100 : NAN);
	snprintf(text[4], sizeof(text[4]), "%zu of %zu", covered, n);
	snprintf(text[5], sizeof(text[5]), "%.2g %%", detectable * 100);
	columns_add(columns, row);
}

static int judge_ab(struct trial *t, struct error *err)
{
	static const struct column_head heads[] = {
		{ "SLOWER BY", true }, { "FOUND", true },   { "OTHER WAY", true },
		{ "ESTIMATED", true }, { "COVERED", true }, { "SHOWS", true },
		{ NULL, false },
	};
	unsigned int each = t->nr_sizes / ARRAY_LENGTH(shares), last = ARRAY_LENGTH(shares) + 1;
	AUTO_FREE struct comparison *c = calloc(t->nr_sizes, sizeof(*c));
	struct columns columns;
	int r = c ? 0 : -ENOMEM;

	for (unsigned int i = 0; !r && i < t->nr_sizes; i++)
		r = compare_size(t, i, 1, last, &c[i]);
	if (r)
		return error_set_errno(err, r, "cannot compare");
	printf("A/B: %u comparisons of first touches with slower ones, ", t->nr_sizes);
	print_seed(t, fewest_pairs(c, t->nr_sizes));
	columns_begin(&columns, heads);
	for (unsigned int k = 0; k < ARRAY_LENGTH(shares); k++)
		add_share(&columns, shares[k], &c[k * each], each);
	r = columns_print(&columns);
	printf("found: slower at %g %%; covered: the %g %% interval holds the share; shows: what "
	       "so many pairs should find 8 times of 10\n",
	       compare_defaults.alpha * 100, (1 - compare_defaults.alpha) * 100);
	return r ? error_set_errno(err, r, "cannot print the table") : 0;
}

static int selftest(const struct arguments *a, struct error *err)
{
	bool aa = strcmp(a->what, "aa") == 0;
	unsigned int per = aa ? STEPS_AA : 1, group = aa ? 1 : ARRAY_LENGTH(shares);
	uint64_t comparisons = a->comparisons ? a->comparisons : aa ? 100 : 30;
	struct trial t = {
		.arguments = a,
		.nr_steps = aa ? STEPS_AA : ARRAY_LENGTH(shares) + 3,
		.nr_rounds = a->pairs ? a->pairs
			     : aa     ? 20
				      : 40,
	};
	int r;

	/* As many as asked for or a few more: a size gives several, and shares have equally many.
	 */
	t.nr_sizes = (unsigned int)((comparisons + per - 1) / per);
	t.nr_sizes = (t.nr_sizes + group - 1) / group * group;
	r = run(&t, aa ? put_aa : put_ab, err);
	if (!r)
		r = aa ? judge_aa(&t, err) : judge_ab(&t, err);
	free(t.values);
	return r;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct error err = { "" };
	int r = 0;

	switch (key) {
	case OPTION_COMPARISONS:
		r = count_parse(text, &a->comparisons, &err);
		if (!r && (!a->comparisons || a->comparisons > COMPARISONS_MAX))
			argp_error(state, "--comparisons: choose 1 to %d", COMPARISONS_MAX);
		break;
	case OPTION_PAIRS:
		r = count_parse(text, &a->pairs, &err);
		if (!r && (a->pairs < PAIRS_LEAST || a->pairs > 10000))
			argp_error(state, "--pairs: choose %d to 10000", PAIRS_LEAST);
		break;
	case OPTION_TIME_LIMIT:
		r = limit_parse(text, &a->time_limit_ns, &err);
		break;
	case OPTION_SEED:
		r = count_parse(text, &a->seed, &err);
		a->seed_given = true;
		break;
	case OPTION_MARGIN:
		r = percent_parse(text, &a->margin, &err);
		break;
	case 'q':
		a->quiet = true;
		break;
	case ARGP_KEY_ARG:
		if (a->what || (strcmp(text, "aa") != 0 && strcmp(text, "ab") != 0))
			argp_error(state, "one of: aa, ab");
		a->what = text;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "one of: aa, ab");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (r)
		argp_error(state, "%s", err.text);
	return 0;
}

int cmd_selftest(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "comparisons", OPTION_COMPARISONS, "N", 0,
		  "At least so many (default: 100 for aa, 30 for ab)", 0 },
		{ "pairs", OPTION_PAIRS, "N", 0,
		  "Pairs of each, if time allows (default: 20 for aa, 40 for ab)", 0 },
		{ "time-limit", OPTION_TIME_LIMIT, "TIME", 0,
		  "Begin no round after TIME (default: 60s)", 0 },
		{ "margin", OPTION_MARGIN, "PERCENT", 0, "What is no difference (default: 1%)", 0 },
		{ "seed", OPTION_SEED, "N", 0, "Seed of the order (default: a fresh one)", 0 },
		{ "quiet", 'q', NULL, 0, "No progress", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "aa\nab",
		.doc = "Find out what comparisons on this machine are worth. aa: the same cells "
		       "under two names, and how often a difference is claimed all the same. ab: "
		       "one of the two made slower by 1, 2 and 5 %, and how often that is found.",
	};
	static char name[] = "overmap selftest";
	struct arguments a = { .time_limit_ns = TIME_LIMIT_NS, .margin = compare_defaults.margin };
	struct error err = { "" };
	int r;

	argv[0] = name;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (!a.seed_given)
		a.seed = random_seed();
	r = selftest(&a, &err);
	if (r)
		fprintf(stderr, "overmap selftest: %s\n", err.text);
	return r ? EXIT_DIFFERS : 0;
}
