/* SPDX-License-Identifier: MIT */
/*
 * overmap selftest aa: the same cells under two names. How often is a difference claimed, and would
 * chance alone have claimed as many?
 */
#include "cmd/selftest.h"

#include "base/cleanup.h"
#include "result/json.h"
#include "stats/coins.h"
#include "stats/compare_values.h"

#include <math.h>

static const char *const step_names[] = { "map", "touch", "touch-2", "unmap" };

#define STEPS ARRAY_LENGTH(step_names)

/* A size's steps are measured in the same two processes: they share the coin of each round. */
struct findings {
	const struct trial *t;
	size_t n;
	struct comparison *comparisons; /* [n] size by size, a size's steps together */
	double *differences;            /* [n × rounds] ln(B/A), NaN: no pair */
	struct coins coins;
	size_t nr_holm, nr_equivalent;
};

static void put_aa(FILE *out, const struct trial *t)
{
	trial_put_matrix(out, t, "selftest-aa", 10);
	fputs("  - map\n  - touch\n  - touch\n  - unmap\n", out);
}

static void take_differences(struct findings *f, size_t i)
{
	unsigned int size = (unsigned int)(i / STEPS), step = (unsigned int)(i % STEPS);
	double *differences = f->differences + i * f->t->nr_rounds;
	struct compare_pair pair;

	for (size_t round = 0; round < f->t->nr_rounds; round++)
		differences[round] = trial_pair(f->t, round, size, step, step, &pair) &&
						     pair.a > 0 && pair.b > 0
					     ? compare_log_ratio(pair.a, pair.b)
					     : NAN;
}

static int find(struct findings *f)
{
	const struct trial *t = f->t;
	struct coins_differences d = {
		.nr_groups = t->nr_sizes,
		.nr_series = STEPS,
		.nr_rounds = t->nr_rounds,
	};
	int r = 0;

	f->comparisons = calloc(f->n, sizeof(*f->comparisons));
	f->differences = calloc(f->n * t->nr_rounds, sizeof(*f->differences));
	if (!f->comparisons || !f->differences)
		return -ENOMEM;
	for (size_t i = 0; !r && i < f->n; i++) {
		take_differences(f, i);
		r = trial_compare(t, (unsigned int)(i / STEPS), i % STEPS, i % STEPS,
				  &f->comparisons[i]);
	}
	d.values = f->differences;
	if (!r)
		r = coins_toss(&d, compare_defaults.alpha, t->arguments->seed, &f->coins);
	if (!r)
		r = compare_family(f->comparisons, f->n);
	for (size_t i = 0; !r && i < f->n; i++) {
		const struct comparison *c = &f->comparisons[i];

		f->nr_holm += c->p_adjusted <= c->options.alpha;
		f->nr_equivalent += c->verdict == COMPARE_VERDICT_EQUIVALENT;
	}
	return r;
}

static void print_steps(const struct findings *f)
{
	for (size_t step = 0; step < STEPS; step++) {
		size_t found = 0;

		for (size_t i = step; i < f->n; i += STEPS)
			found += trial_claimed(&f->comparisons[i]);
		printf("  %-8s %zu of %zu\n", step_names[step], found, f->n / STEPS);
	}
}

static void print_text(const struct findings *f)
{
	const struct coins *c = &f->coins;
	double alpha = compare_defaults.alpha * 100;

	printf("A/A: %zu comparisons of a cell with itself, ", f->n);
	trial_print_seed(f->t, trial_fewest_pairs(f->comparisons, f->n));
	printf("differences claimed at %g %%: %zu of %zu\n", alpha, c->claims, f->n);
	print_steps(f);
	printf("by chance: %.1f, and 19 times of 20 from %g to %g, since steps of one process are "
	       "not independent; as many or more: p %.2g\n"
	       "B above A in %zu of %zu pairs, A above B in %zu; as far from even by chance: "
	       "p %.2g\n",
	       c->expected, c->low, c->high, c->p_claims, c->nr_above, c->nr_pairs, c->nr_below,
	       c->p_signs);
	printf("claimed with Holm's correction, as compare does: %zu\n"
	       "shown to be equivalent within %g %%: %zu\n",
	       f->nr_holm, f->t->arguments->margin * 100, f->nr_equivalent);
}

static cJSON *comparison_json(const struct findings *f, size_t i)
{
	const struct comparison *c = &f->comparisons[i];
	const double *differences = f->differences + i * f->t->nr_rounds;
	cJSON *object = cJSON_CreateObject();
	uint64_t above = 0, below = 0;
	AUTO_FREE char *name = NULL;
	size_t length;
	FILE *out = open_memstream(&name, &length);

	if (out) {
		trial_put_size(out, (unsigned int)(i / STEPS), false);
		fclose(out);
	}
	for (size_t round = 0; round < f->t->nr_rounds; round++) {
		above += differences[round] > 0;
		below += differences[round] < 0;
	}
	json_add(object, "size", name ? json_text(name) : NULL);
	json_add_text(object, "step", step_names[i % STEPS]);
	json_add_u64(object, "pairs", c->n);
	json_add_u64(object, "b_above", above);
	json_add_u64(object, "a_above", below);
	json_add_double(object, "ratio", c->effect);
	json_add_double(object, "p", c->p);
	json_add_double(object, "holm_p", c->p_adjusted);
	return object;
}

static int print_json(const struct findings *f, struct error *err)
{
	cJSON *document = cJSON_CreateObject(), *array;
	const struct coins *c = &f->coins;

	json_add_text(document, "overmap", "selftest-aa");
	json_add_u64(document, "schema", 1);
	json_add_u64(document, "seed", f->t->arguments->seed);
	json_add_u64(document, "failed_repetitions", f->t->nr_failed);
	json_add_double(document, "alpha", compare_defaults.alpha);
	json_add_double(document, "margin", f->t->arguments->margin);
	json_add_u64(document, "claims", c->claims);
	json_add_double(document, "claims_expected", c->expected);
	json_add_double(document, "claims_low", c->low);
	json_add_double(document, "claims_high", c->high);
	json_add_double(document, "claims_p", c->p_claims);
	json_add_u64(document, "pairs", c->nr_pairs);
	json_add_u64(document, "b_above", c->nr_above);
	json_add_u64(document, "a_above", c->nr_below);
	json_add_double(document, "signs_p", c->p_signs);
	json_add_u64(document, "holm_claims", f->nr_holm);
	json_add_u64(document, "equivalent", f->nr_equivalent);
	array = json_add_array(document, "comparisons");
	for (size_t i = 0; i < f->n; i++)
		json_append(array, comparison_json(f, i));
	return json_write(document, false, stdout, err);
}

static int judge(const struct trial *t, struct error *err)
{
	struct findings f = { .t = t, .n = (size_t)t->nr_sizes * STEPS };
	int r = find(&f);

	if (r)
		r = error_set_errno(err, r, "cannot compare");
	else if (t->arguments->json)
		r = print_json(&f, err);
	else
		print_text(&f);
	free(f.comparisons);
	free(f.differences);
	return r;
}

int selftest_aa(const struct selftest_arguments *a, struct error *err)
{
	uint64_t comparisons = a->comparisons ? a->comparisons : 100;
	struct trial t = {
		.arguments = a,
		.nr_steps = STEPS,
		/* As many as asked for or a few more: a size gives several. */
		.nr_sizes = (unsigned int)((comparisons + STEPS - 1) / STEPS),
		.nr_rounds = a->pairs ? a->pairs : 20,
	};
	int r = trial_run(&t, put_aa, err);

	if (!r)
		r = judge(&t, err);
	free(t.values);
	return r;
}
