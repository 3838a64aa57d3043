/* SPDX-License-Identifier: MIT */
#include "cmd/compare_arguments.h"

#include "base/size.h"
#include "base/text.h"
#include "cmd/cmd.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

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

static const char *const formats[] = { "text", "json", "csv", "markdown", NULL };
static const char *const betters[] = { "lower", "higher", NULL };
static const char *const transforms[] = { "log", "none", NULL };

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

static error_t parse_how(int key, char *text, struct argp_state *state)
{
	struct compare_arguments *a = state->input;
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
	struct compare_arguments *a = state->input;
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
		names_add(&a->metrics, text);
		return 0;
	case OPTION_FILTER:
		if (cell_filter_add(&a->contrast.filter, text, &err))
			argp_error(state, "--filter: %s", err.text);
		return 0;
	case OPTION_ALL:
		a->contrast.all = true;
		return 0;
	case ARGP_KEY_ARG:
		names_add(a->current, text);
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
	       "Exit status: 0 nothing is surely slower by more than the margin; 1 something is "
	       "(an indicated slowdown counts); 2 usage, or an input that cannot be read; 3 "
	       "inconclusive, under "
	       "--strict; 4 the environments cannot be compared, unless --force.",
};

/* What of the arguments does not go together; NULL: all does. */
static const char *contradiction(const struct compare_arguments *a)
{
	if (a->sides && (a->plain.n || !a->a.n || !a->b.n))
		return "--a takes the results of one side and --b those of the other: --a A1.json "
		       "A2.json --b B1.json B2.json";
	if (a->sides && (a->samples || a->by))
		return "--a and --b take whole results: leave out --samples and --by";
	if (a->samples && a->by)
		return "samples have no axes: leave out --by";
	if (a->samples && (a->metrics.n || a->contrast.filter.n))
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

const char *compare_arguments_read(struct compare_arguments *ret, int argc, char **argv)
{
	*ret = (struct compare_arguments){ .contrast.options = compare_defaults };
	ret->current = &ret->plain;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&compare_argp, argc, argv, ARGP_IN_ORDER, NULL, ret);
	ret->contrast.metrics = ret->metrics.items;
	return contradiction(ret);
}

void compare_arguments_free(struct compare_arguments *a)
{
	names_free(&a->metrics);
	free(a->plain.items);
	free(a->a.items);
	free(a->b.items);
}
