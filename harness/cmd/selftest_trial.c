/* SPDX-License-Identifier: MIT */
#include "cmd/selftest.h"

#include "base/cleanup.h"
#include "run/progress.h"
#include "run/run.h"
#include "scenario/scenario.h"

#include <inttypes.h>
#include <math.h>

#define PAGES_FIRST 64 /* of the smallest mapping */
#define PAGES_STEP  4  /* from one mapping to the next */

static struct trial_value *value_at(const struct trial *t, size_t round, uint64_t cell,
				    unsigned int step)
{
	return &t->values[(round * 2 * t->nr_sizes + cell) * t->nr_steps + step];
}

/* A trial while it runs. */
struct running {
	struct trial *trial;
	struct progress progress;
};

static int take_repetition(void *context, const struct cell *cell, const struct repetition *r,
			   struct error *err)
{
	struct trial *t = ((struct running *)context)->trial;

	(void)err;
	if (r->outcome.kind != OUTCOME_OK) {
		t->nr_failed++;
		snprintf(t->failure, sizeof(t->failure), "%s: %s", outcome_name(&r->outcome),
			 r->outcome.detail);
		return 0;
	}
	for (unsigned int i = 0; i < t->nr_steps && r->round < t->nr_rounds; i++)
		*value_at(t, r->round, cell->index, i) = (struct trial_value){
			.metric = r->steps[i].metric[0],
			.sequence = r->sequence,
			.ran = true,
		};
	return 0;
}

static void take_progress(void *context, const struct run_progress *p)
{
	struct running *running = context;

	progress_update(&running->progress, p);
}

static uint64_t pages_of(unsigned int size)
{
	return PAGES_FIRST + (uint64_t)PAGES_STEP * size;
}

void trial_put_size(FILE *out, unsigned int size, bool b)
{
	uint64_t page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;

	if (b)
		fprintf(out, "%" PRIu64 " pages", pages_of(size));
	else
		fprintf(out, "%" PRIu64 "KiB", pages_of(size) * page_kib);
}

void trial_put_matrix(FILE *out, const struct trial *t, const char *name, unsigned int iterations)
{
	fprintf(out, "scenario: %s\nmatrix:\n  hugepages: none\n  size: [", name);
	for (unsigned int i = 0; i < t->nr_sizes; i++) {
		fputs(i ? ", " : "", out);
		trial_put_size(out, i, false);
		fputs(", ", out);
		trial_put_size(out, i, true);
	}
	fprintf(out, "]\nmeasure: {iterations: %u}\nrepetitions: %zu\nsteps:\n", iterations,
		t->nr_rounds);
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

int trial_run(struct trial *t, void (*put)(FILE *out, const struct trial *t), struct error *err)
{
	const struct selftest_arguments *a = t->arguments;
	struct running running = { .trial = t };
	struct run_options options = { .seed = a->seed, .time_limit_ns = a->time_limit_ns };
	struct run_sink sink = {
		.context = &running,
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
		progress_open(&running.progress, a->quiet);
		r = run_scenario(s, &host, &options, &sink, &summary, err);
		progress_clear(&running.progress);
	}
	scenario_free(s);
	if (!r && summary.signal)
		r = error_set(err, -EINTR, "ended by a signal");
	return r;
}

/* The metric of the step that ran: in ab it is another step for A than for B. */
static const struct trial_value *measured(const struct trial *t, size_t round, uint64_t cell,
					  unsigned int first, unsigned int last)
{
	for (unsigned int step = first; step <= last; step++) {
		const struct trial_value *v = value_at(t, round, cell, step);

		if (v->ran && !isnan(v->metric))
			return v;
	}
	return NULL;
}

bool trial_pair(const struct trial *t, size_t round, unsigned int size, unsigned int first,
		unsigned int last, struct compare_pair *ret)
{
	const struct trial_value *a = measured(t, round, 2 * (uint64_t)size, first, last),
				 *b = measured(t, round, 2 * (uint64_t)size + 1, first, last);

	if (!a || !b)
		return false;
	*ret = (struct compare_pair){
		.a = a->metric,
		.b = b->metric,
		.order = a->sequence < b->sequence ? ORDER_AB : ORDER_BA,
	};
	return true;
}

int trial_compare(const struct trial *t, unsigned int size, unsigned int first, unsigned int last,
		  struct comparison *ret)
{
	AUTO_FREE struct compare_pair *pairs = calloc(t->nr_rounds, sizeof(*pairs));
	struct compare_options options = compare_defaults;
	size_t n = 0;

	if (!pairs)
		return -ENOMEM;
	for (size_t round = 0; round < t->nr_rounds; round++)
		n += trial_pair(t, round, size, first, last, &pairs[n]);
	options.randomised = true;
	options.margin = t->arguments->margin;
	return compare_pairs(pairs, n, &options, ret);
}

void trial_print_seed(const struct trial *t, size_t pairs)
{
	printf("%zu pairs each, seed %" PRIu64 "\n", pairs, t->arguments->seed);
	if (t->nr_failed)
		printf("%" PRIu64 " repetitions failed: %s\n", t->nr_failed, t->failure);
	if (pairs < SELFTEST_PAIRS_LEAST)
		printf("fewer than %d pairs can show nothing: give it more --time-limit or fewer "
		       "--comparisons\n",
		       SELFTEST_PAIRS_LEAST);
}

size_t trial_fewest_pairs(const struct comparison *c, size_t n)
{
	size_t fewest = n ? c[0].n : 0;

	for (size_t i = 1; i < n; i++)
		fewest = c[i].n < fewest ? c[i].n : fewest;
	return fewest;
}
