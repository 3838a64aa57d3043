/* SPDX-License-Identifier: MIT */
/*
 * overmap selftest: what comparisons on this machine are worth. aa runs the same cells under two
 * names and counts how often a difference is claimed; ab slows one of the two down by a known share
 * and counts how often that is found.
 */
#include "cmd/selftest.h"

#include "base/random.h"
#include "base/size.h"
#include "cmd/cmd.h"

#include <argp.h>
#include <string.h>

#define COMPARISONS_MAX 400
#define TIME_LIMIT_NS   60000000000u

enum {
	OPTION_COMPARISONS = 256,
	OPTION_PAIRS,
	OPTION_TIME_LIMIT,
	OPTION_SEED,
	OPTION_MARGIN,
	OPTION_JSON,
};

struct arguments {
	const char *what;
	struct selftest_arguments trial;
	bool seed_given;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct selftest_arguments *t = &a->trial;
	struct error err = { "" };
	int r = 0;

	switch (key) {
	case OPTION_COMPARISONS:
		r = count_parse(text, &t->comparisons, &err);
		if (!r && (!t->comparisons || t->comparisons > COMPARISONS_MAX))
			argp_error(state, "--comparisons: choose 1 to %d", COMPARISONS_MAX);
		break;
	case OPTION_PAIRS:
		r = count_parse(text, &t->pairs, &err);
		if (!r && (t->pairs < SELFTEST_PAIRS_LEAST || t->pairs > 10000))
			argp_error(state, "--pairs: choose %d to 10000", SELFTEST_PAIRS_LEAST);
		break;
	case OPTION_TIME_LIMIT:
		r = limit_parse(text, &t->time_limit_ns, &err);
		break;
	case OPTION_SEED:
		r = count_parse(text, &t->seed, &err);
		a->seed_given = true;
		break;
	case OPTION_MARGIN:
		r = percent_parse(text, &t->margin, &err);
		break;
	case OPTION_JSON:
		t->json = true;
		break;
	case 'q':
		t->quiet = true;
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
		{ "json", OPTION_JSON, NULL, 0, "aa: each comparison, and the wins of B, as JSON",
		  0 },
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
	struct arguments a = {
		.trial = { .time_limit_ns = TIME_LIMIT_NS, .margin = compare_defaults.margin },
	};
	struct error err = { "" };
	int r;

	argv[0] = name;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (!a.seed_given)
		a.trial.seed = random_seed();
	r = strcmp(a.what, "aa") == 0 ? selftest_aa(&a.trial, &err) : selftest_ab(&a.trial, &err);
	if (r)
		fprintf(stderr, "overmap selftest: %s\n", err.text);
	return r ? EXIT_DIFFERS : 0;
}
