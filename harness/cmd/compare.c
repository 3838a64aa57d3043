/* SPDX-License-Identifier: MIT */
/*
 * overmap compare: is B different from A? Inside one run, between runs, or between samples that
 * other programs measured; with an exit status that a pipeline can use.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/size.h"
#include "base/text.h"
#include "cmd/compare_table.h"
#include "cmd/contrast.h"
#include "result/environment.h"

#include <argp.h>
#include <string.h>

/* Of this subcommand; EXIT_USAGE is everybody's. */
enum { COMPARE_EXIT_SLOWER = 1, COMPARE_EXIT_INCONCLUSIVE = 3, COMPARE_EXIT_INCOMPARABLE = 4 };

enum {
	OPTION_A = 256,
	OPTION_B,
	OPTION_BY,
	OPTION_BASELINE,
	OPTION_SAMPLES,
	OPTION_PAIRED,
	OPTION_ALPHA,
	OPTION_MARGIN,
	OPTION_BETTER,
	OPTION_TRANSFORM,
	OPTION_METRIC,
	OPTION_FILTER,
	OPTION_ALL,
	OPTION_STRICT,
	OPTION_FORCE,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What is compared:", 1 },
	{ "by", OPTION_BY, "AXIS", 0, "Inside one result: the values of this axis", 1 },
	{ "baseline", OPTION_BASELINE, "VALUE", 0, "of the axis (default: its first value)", 1 },
	{ "a", OPTION_A, NULL, 0, "The results that follow are side A", 1 },
	{ "b", OPTION_B, NULL, 0, "The results that follow are side B", 1 },
	{ "samples", OPTION_SAMPLES, NULL, 0,
	  "The files hold numbers, one a line, or are hyperfine's or Google Benchmark's JSON", 1 },
	{ "paired", OPTION_PAIRED, NULL, 0, "Samples: the first of A with the first of B, …", 1 },
	{ "better", OPTION_BETTER, "WHICH", 0, "Samples: lower (default) or higher is better", 1 },
	{ "metric", OPTION_METRIC, "NAME", 0,
	  "A metric, or all of a step, as the declared ones (default: each step's first)", 1 },
	{ "filter", OPTION_FILTER, "AXIS=VALUE", 0, "Only such cells; may be repeated", 1 },
	{ NULL, 0, NULL, 0, "How:", 2 },
	{ "margin", OPTION_MARGIN, "PERCENT", 0, "What is no difference (default: 1%)", 2 },
	{ "alpha", OPTION_ALPHA, "NUMBER", 0, "Chance of any false claim (default: 0.05)", 2 },
	{ "transform", OPTION_TRANSFORM, "WHICH", 0, "log (ratios, default) or none (differences)",
	  2 },
	{ "force", OPTION_FORCE, NULL, 0, "Compare what cannot be compared", 2 },
	{ "strict", OPTION_STRICT, NULL, 0, "Exit with 3 where a row is inconclusive", 2 },
	{ NULL, 0, NULL, 0, "Output:", 3 },
	{ "all", OPTION_ALL, NULL, 0, "Every metric, row and sentence", 3 },
	{ "format", 'f', "FORMAT", 0, "text (default), json, csv or markdown", 3 },
	{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 3 },
	{ 0 },
};

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_MARKDOWN };
static const char *const formats[] = { "text", "json", "csv", "markdown", NULL };
static const char *const betters[] = { "lower", "higher", NULL };
static const char *const transforms[] = { "log", "none", NULL };

struct paths {
	const char **items;
	size_t n;
};

struct arguments {
	struct contrast contrast;
	const char *by, *baseline, *output;
	const char **metrics;
	size_t nr_metrics;
	bool samples, paired, strict, force, sides, better_given;
	enum format format;
	struct paths plain, a, b;
	struct paths *current; /* where the next result goes */
};

static int choice(const char *what, const char *text, const char *const *words,
		  struct argp_state *state)
{
	char all[128];

	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	argp_error(state, "--%s: no '%s': choose %s", what, text,
		   text_alternatives(words, all, sizeof(all)));
	return 0;
}

static void add_path(struct paths *p, const char *path, struct argp_state *state)
{
	const char **grown = realloc(p->items, (p->n + 1) * sizeof(*grown));

	if (!grown)
		argp_failure(state, EXIT_USAGE, ENOMEM, "arguments");
	p->items = grown;
	p->items[p->n++] = path;
}

/* "0.05" or "5%". */
static void parse_alpha(const char *text, double *ret, struct argp_state *state)
{
	char *end;
	double value = strtod(text, &end);

	if (*end == '%')
		value /= 100;
	if (end == text || (*end && strcmp(end, "%") != 0) || !(value > 0) || !(value < 0.5))
		argp_error(state, "--alpha: \"%s\": choose more than 0 and less than 0.5", text);
	*ret = value;
}

static void parse_margin(const char *text, double *ret, struct argp_state *state)
{
	struct error err;

	if (percent_parse(text, ret, &err))
		argp_error(state, "--margin: %s", err.text);
}

static void add_metric(struct arguments *a, const char *name, struct argp_state *state)
{
	const char **grown = realloc(a->metrics, (a->nr_metrics + 2) * sizeof(*grown));

	if (!grown)
		argp_failure(state, EXIT_USAGE, ENOMEM, "arguments");
	a->metrics = grown;
	a->metrics[a->nr_metrics++] = name;
	a->metrics[a->nr_metrics] = NULL;
}

static error_t parse_how(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct compare_options *how = &a->contrast.options;

	switch (key) {
	case OPTION_ALPHA:
		parse_alpha(text, &how->alpha, state);
		return 0;
	case OPTION_MARGIN:
		parse_margin(text, &how->margin, state);
		a->contrast.margin_given = true;
		return 0;
	case OPTION_BETTER:
		how->better = choice("better", text, betters, state);
		a->better_given = true;
		return 0;
	case OPTION_TRANSFORM:
		how->transform = choice("transform", text, transforms, state);
		return 0;
	case OPTION_STRICT:
		a->strict = true;
		return 0;
	case OPTION_FORCE:
		a->force = true;
		return 0;
	case 'f':
		a->format = choice("format", text, formats, state);
		return 0;
	case 'o':
		a->output = text;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct error err;

	switch (key) {
	case OPTION_BY:
		a->by = text;
		return 0;
	case OPTION_BASELINE:
		a->baseline = text;
		return 0;
	case OPTION_A:
	case OPTION_B:
		a->current = key == OPTION_A ? &a->a : &a->b;
		a->sides = true;
		return 0;
	case OPTION_SAMPLES:
		a->samples = true;
		return 0;
	case OPTION_PAIRED:
		a->paired = true;
		return 0;
	case OPTION_METRIC:
		add_metric(a, text, state);
		return 0;
	case OPTION_FILTER:
		if (cell_filter_add(&a->contrast.filter, text, &err))
			argp_error(state, "--filter: %s", err.text);
		return 0;
	case OPTION_ALL:
		a->contrast.all = true;
		return 0;
	case ARGP_KEY_ARG:
		add_path(a->current, text, state);
		return 0;
	default:
		return parse_how(key, text, state);
	}
}

static const struct argp compare_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "RESULT [--by AXIS]\nA.json B.json\n--a RESULT... --b RESULT...\n--samples A "
		    "[B]",
	.doc = "Compare values of an axis inside one run, two runs, several runs a side, or "
	       "samples of other programs.\v"
	       "Exit status: 0 nothing is slower; 1 slower beyond the margin (an indicated "
	       "slowdown counts); 2 usage, or an input that cannot be read; 3 inconclusive, under "
	       "--strict; 4 the environments cannot be compared, unless --force.",
};

/* What of the arguments does not go together; NULL: all does. */
static const char *contradiction(const struct arguments *a)
{
	if (a->sides && (a->plain.n || !a->a.n || !a->b.n))
		return "--a takes the results of one side and --b those of the other: --a A1.json "
		       "A2.json --b B1.json B2.json";
	if (a->sides && (a->samples || a->by))
		return "--a and --b take whole results: leave out --samples and --by";
	if (a->samples && a->by)
		return "samples have no axes: leave out --by";
	if (a->samples && (a->nr_metrics || a->contrast.filter.n))
		return "samples have no metrics and no cells: leave out --metric and --filter";
	if (!a->samples && (a->paired || a->better_given))
		return "--paired and --better are for --samples: results know both themselves";
	if (!a->sides && (!a->plain.n || a->plain.n > 2))
		return "one result, or two: several a side with --a A... --b B...";
	if (a->baseline && (a->plain.n == 2 || a->sides || a->samples))
		return "--baseline is a value of the axis inside one result";
	if (a->by && a->plain.n != 1)
		return "--by compares inside one result";
	if (a->samples && a->paired && a->plain.n == 1)
		return "--paired needs two files";
	return NULL;
}

static int read_result(struct result **ret, const char *path, struct error *err)
{
	int r = result_read(ret, path, 0, err);

	if (!r && (*ret)->note)
		fprintf(stderr, "overmap: %s\n", (*ret)->note);
	return r;
}

static int refuse_emulated(const struct arguments *a, const struct result *r, struct error *err)
{
	if (!environment_without_time(r) || a->force)
		return 0;
	return error_set(err, -EXDEV,
			 "%s cannot be compared, unless with --force: its times were taken on an "
			 "emulated processor and say nothing about real ones; a guest with --clock "
			 "instructions counts what repeats",
			 r->path);
}

static void warn_incomplete(struct comparisons *c, const struct result *r)
{
	if (!r->complete)
		comparisons_say(c, &c->warnings, "%s: the run is incomplete", r->path);
}

/* Differences as sentences; how many are grave. */
static int compare_environments(const struct result *a, const struct result *b,
				struct comparisons *c, size_t *ret_grave)
{
	struct environment e;
	int r = environment_compare(a, b, &e);

	if (r)
		return r;
	for (size_t i = 0; i < e.n; i++) {
		const struct environment_difference *d = &e.differences[i];

		comparisons_say(c, &c->differences, "%s: %s in A, %s in B%s%s", d->what, d->a, d->b,
				d->grave ? ": " : "", d->grave ? d->grave : "");
	}
	*ret_grave += e.nr_grave;
	environment_free(&e);
	return 0;
}

/* Every run against the first of A: differences inside a side are no better. */
static int check_environments(const struct arguments *arguments, struct result **results, size_t n,
			      struct comparisons *c, struct error *err)
{
	size_t grave = 0;
	int r = 0;

	for (size_t i = 1; !r && i < n; i++)
		r = compare_environments(results[0], results[i], c, &grave);
	if (r)
		return error_set(err, r, "out of memory");
	if (!grave || arguments->force)
		return 0;
	error_set(err, -EXDEV,
		  "%s and %s cannot be compared, unless with --force:", results[0]->path,
		  n == 2 ? results[1]->path : "the others");
	return -EXDEV;
}

static int compare_sides(const struct arguments *a, struct comparisons *c, struct error *err)
{
	size_t nr_a = a->sides ? a->a.n : 1, nr_b = a->sides ? a->b.n : 1, n = nr_a + nr_b;
	AUTO_FREE struct result **results = calloc(n, sizeof(struct result *));
	int r = 0;

	if (!results)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < n; i++) {
		const char *path = !a->sides  ? a->plain.items[i]
				   : i < nr_a ? a->a.items[i]
					      : a->b.items[i - nr_a];

		r = read_result(&results[i], path, err);
		if (!r)
			r = refuse_emulated(a, results[i], err);
		if (!r)
			warn_incomplete(c, results[i]);
	}
	if (!r)
		r = check_environments(a, results, n, c, err);
	if (!r)
		r = contrast_groups(results, nr_a, results + nr_a, nr_b, &a->contrast, c, err);
	for (size_t i = 0; i < n; i++)
		result_free(results[i]);
	return r;
}

static int compare_inside(const struct arguments *a, struct comparisons *c, struct error *err)
{
	struct result *result = NULL;
	int r = read_result(&result, a->plain.items[0], err);

	if (!r)
		r = refuse_emulated(a, result, err);
	if (!r) {
		warn_incomplete(c, result);
		r = contrast_by(result, a->by, a->baseline, &a->contrast, c, err);
	}
	result_free(result);
	return r;
}

static int compare_sample_files(const struct arguments *a, struct comparisons *c, struct error *err)
{
	struct samples first = { .nr_sets = 0 }, second = { .nr_sets = 0 };
	const char *one = a->plain.items[0], *other = a->plain.n > 1 ? a->plain.items[1] : NULL;
	int r = samples_read(one, &first, err);

	if (!r && other)
		r = samples_read(other, &second, err);
	if (!r)
		r = contrast_samples(one, &first, other, other ? &second : NULL, a->paired,
				     &a->contrast, c, err);
	samples_free(&first);
	samples_free(&second);
	return r;
}

static int write_comparisons(const struct arguments *a, const struct comparisons *c, FILE *stream,
			     struct error *err)
{
	struct compare_table_options table = {
		.format = a->format == FORMAT_MARKDOWN ? TABLE_MARKDOWN : TABLE_TEXT,
		.all = a->contrast.all,
		.colors = !a->output && stream_colors(stream),
	};

	if (a->format == FORMAT_JSON)
		return comparisons_write_json(c, stream, err);
	if (a->format == FORMAT_CSV)
		return comparisons_write_csv(c, stream, err);
	return compare_table_print(c, stream, &table, err);
}

static int output(const struct arguments *a, const struct comparisons *c, struct error *err)
{
	struct file_replace file = { 0 };
	int r;

	if (!a->output)
		return write_comparisons(a, c, stdout, err);
	r = file_replace_begin(&file, a->output, err);
	if (r)
		return r;
	r = write_comparisons(a, c, file.stream, err);
	if (!r)
		return file_replace_commit(&file, err);
	file_replace_abort(&file);
	return r;
}

/* CSV has no room for sentences: they go to the screen, not away. */
static void tell_csv(const struct arguments *a, const struct comparisons *c)
{
	const struct sentences *all[] = { &c->differences, &c->unmatched, &c->warnings };

	for (size_t k = 0; a->format == FORMAT_CSV && k < ARRAY_LENGTH(all); k++)
		for (size_t i = 0; i < all[k]->n; i++)
			fprintf(stderr, "overmap: %s\n", all[k]->texts[i]);
}

static int exit_status(const struct arguments *a, const struct comparisons *c)
{
	bool inconclusive = false;

	for (size_t i = 0; i < c->n; i++) {
		enum compare_verdict verdict = c->rows[i].result.verdict;

		if (!c->rows[i].primary)
			continue;
		if (compared_is_slower(&c->rows[i]))
			return COMPARE_EXIT_SLOWER;
		inconclusive |= verdict == COMPARE_VERDICT_INCONCLUSIVE ||
				verdict == COMPARE_VERDICT_INDICATIVE;
	}
	return a->strict && inconclusive ? COMPARE_EXIT_INCONCLUSIVE : 0;
}

static int compare(const struct arguments *a, struct comparisons *c, struct error *err)
{
	int r;

	if (a->samples)
		r = compare_sample_files(a, c, err);
	else if (a->sides || a->plain.n == 2)
		r = compare_sides(a, c, err);
	else
		r = compare_inside(a, c, err);
	if (!c->options.alpha)
		c->options = a->contrast.options;
	if (r)
		return r;
	if (!c->n) {
		for (size_t i = 0; i < c->unmatched.n; i++)
			fprintf(stderr, "overmap: %s\n", c->unmatched.texts[i]);
		return error_set(err, -ENODATA, "nothing is there on both sides to compare");
	}
	r = comparisons_judge(c);
	return r ? error_set(err, r, "out of memory") : 0;
}

static int report(const struct arguments *a, const struct comparisons *c, int r,
		  const struct error *err)
{
	if (!r) {
		tell_csv(a, c);
		return exit_status(a, c);
	}
	fprintf(stderr, "overmap: %s\n", err->text);
	if (r != -EXDEV)
		return EXIT_USAGE;
	for (size_t i = 0; i < c->differences.n; i++)
		fprintf(stderr, "  %s\n", c->differences.texts[i]);
	return COMPARE_EXIT_INCOMPARABLE;
}

int cmd_compare(int argc, char **argv)
{
	static char name[] = "overmap compare";
	struct arguments a = { .contrast.options = compare_defaults };
	struct comparisons c = { .n = 0 };
	const char *wrong;
	struct error err;
	int r, status;

	argv[0] = name;
	a.current = &a.plain;
	argp_parse(&compare_argp, argc, argv, ARGP_IN_ORDER, NULL, &a);
	wrong = contradiction(&a);
	if (wrong) {
		fprintf(stderr, "overmap compare: %s\n", wrong);
		status = EXIT_USAGE;
	} else {
		a.contrast.metrics = a.metrics;
		r = compare(&a, &c, &err);
		if (!r)
			r = output(&a, &c, &err);
		status = report(&a, &c, r, &err);
	}
	comparisons_free(&c);
	free(a.metrics);
	free(a.plain.items);
	free(a.a.items);
	free(a.b.items);
	return status;
}
