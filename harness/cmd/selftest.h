/* SPDX-License-Identifier: MIT */
/*
 * One run of a selftest: cells in two names, and the comparisons of them. aa and ab say which steps
 * there are, and what to make of the comparisons.
 */
#ifndef CMD_SELFTEST_H
#define CMD_SELFTEST_H

#include "base/error.h"
#include "stats/compare.h"

#include <stdint.h>
#include <stdio.h>

struct selftest_arguments {
	uint64_t comparisons, pairs, seed; /* comparisons, pairs 0: as many as suits */
	uint64_t time_limit_ns;
	double margin;
	bool quiet, json;
};

/*
 * Two cells a mapping size: the size in KiB is A, the same size in pages is B. They are one cell
 * under two names, and their order in each round is a coin toss.
 */
struct trial {
	const struct selftest_arguments *arguments;
	unsigned int nr_sizes, nr_steps;
	size_t nr_rounds;
	struct trial_value {
		double metric;
		uint64_t sequence;
		bool ran;
	} * values; /* [nr_rounds × 2 nr_sizes × nr_steps] */
	uint64_t nr_failed;
	char failure[320];
};

/* Write the scenario less its steps. */
void trial_put_matrix(FILE *out, const struct trial *t, const char *name, unsigned int iterations);

/* The name of a size as A or as B: "256KiB", "64 pages". */
void trial_put_size(FILE *out, unsigned int size, bool b);

/* Run what put writes. The values are the caller's to free, whatever comes of it. */
int trial_run(struct trial *t, void (*put)(FILE *out, const struct trial *t), struct error *err);

/*
 * The pair of one round, from the step of first … last that ran: in ab it is another for A than for
 * B. false: there is none.
 */
bool trial_pair(const struct trial *t, size_t round, unsigned int size, unsigned int first,
		unsigned int last, struct compare_pair *ret);

/* All rounds' pairs of a size as a comparison. −ENOMEM. */
int trial_compare(const struct trial *t, unsigned int size, unsigned int first, unsigned int last,
		  struct comparison *ret);

/* A difference claimed, by its own p: not what the margin says of it. */
static inline bool trial_claimed(const struct comparison *c)
{
	return c->p <= c->options.alpha;
}

/* The fewest pairs of n comparisons. */
size_t trial_fewest_pairs(const struct comparison *c, size_t n);

/* The rest of the first line, and what went wrong. */
void trial_print_seed(const struct trial *t, size_t pairs);

/* Each runs the whole of it and prints what came of it. */
int selftest_aa(const struct selftest_arguments *a, struct error *err);
int selftest_ab(const struct selftest_arguments *a, struct error *err);

#define SELFTEST_PAIRS_LEAST 6 /* fewer cannot show anything at 5 % */

#endif
