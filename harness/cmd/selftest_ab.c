/* SPDX-License-Identifier: MIT */
/* overmap selftest ab: one of two slowed down by a known share, and how often that is found. */
#include "cmd/selftest.h"

#include "base/cleanup.h"
#include "cmd/columns.h"
#include "stats/summary.h"

#include <math.h>

static const double shares[] = { 0.01, 0.02, 0.05 };

/*
 * Every A runs the step without a slowdown; the B of each share the one with it. Both spin for a
 * while in any case: a process that never does can have slower page faults than one that does, by
 * more than what is to be found.
 */
static void put_ab(FILE *out, const struct trial *t)
{
	unsigned int each = t->nr_sizes / ARRAY_LENGTH(shares);

	trial_put_matrix(out, t, "selftest-ab", 20);
	fputs("  - map\n  - delay: {duration: 20us, share: 0%, when: {size: [", out);
	for (unsigned int i = 0; i < t->nr_sizes; i++) {
		fputs(i ? ", " : "", out);
		trial_put_size(out, i, false);
	}
	fputs("]}}\n", out);
	for (unsigned int k = 0; k < ARRAY_LENGTH(shares); k++) {
		fprintf(out, "  - delay: {duration: 20us, share: %g%%, when: {size: [",
			shares[k] * 100);
		for (unsigned int i = 0; i < each; i++) {
			fputs(i ? ", " : "", out);
			trial_put_size(out, k * each + i, true);
		}
		fputs("]}}\n", out);
	}
	fputs("  - unmap\n", out);
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
		found += trial_claimed(&c[i]) && c[i].effect > 1;
		wrong += trial_claimed(&c[i]) && c[i].effect < 1;
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
		r = trial_compare(t, i, 1, last, &c[i]);
	if (r)
		return error_set_errno(err, r, "cannot compare");
	printf("A/B: %u comparisons of first touches with slower ones, ", t->nr_sizes);
	trial_print_seed(t, trial_fewest_pairs(c, t->nr_sizes));
	columns_begin(&columns, heads);
	for (unsigned int k = 0; k < ARRAY_LENGTH(shares); k++)
		add_share(&columns, shares[k], &c[k * each], each);
	r = columns_print(&columns);
	printf("found: slower at %g %%; covered: the %g %% interval holds the share; shows: what "
	       "so many pairs should find 8 times of 10\n",
	       compare_defaults.alpha * 100, (1 - compare_defaults.alpha) * 100);
	return r ? error_set_errno(err, r, "cannot print the table") : 0;
}

int selftest_ab(const struct selftest_arguments *a, struct error *err)
{
	uint64_t comparisons = a->comparisons ? a->comparisons : 30, group = ARRAY_LENGTH(shares);
	struct trial t = {
		.arguments = a,
		.nr_steps = ARRAY_LENGTH(shares) + 3,
		/* As many as asked for or a few more: each share has equally many. */
		.nr_sizes = (unsigned int)((comparisons + group - 1) / group * group),
		.nr_rounds = a->pairs ? a->pairs : 40,
	};
	int r = trial_run(&t, put_ab, err);

	if (!r)
		r = judge_ab(&t, err);
	free(t.values);
	return r;
}
