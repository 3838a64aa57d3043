/* SPDX-License-Identifier: MIT */
/*
 * overmap compare: is B different from A? Inside one run, between runs, or between samples that
 * other programs measured; with an exit status that a pipeline can use.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "cmd/compare_arguments.h"
#include "cmd/compare_table.h"
#include "result/environment.h"

/* Of this subcommand; EXIT_USAGE is everybody's. */
enum { COMPARE_EXIT_SLOWER = 1, COMPARE_EXIT_INCONCLUSIVE = 3, COMPARE_EXIT_INCOMPARABLE = 4 };

static int read_result(struct result **ret, const char *path, struct error *err)
{
	int r = result_read(ret, path, 0, err);

	if (!r && (*ret)->note)
		fprintf(stderr, "overmap: %s\n", (*ret)->note);
	return r;
}

static int refuse_emulated(const struct compare_arguments *a, const struct result *r,
			   struct error *err)
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
static int check_environments(const struct compare_arguments *arguments, struct result **results,
			      size_t n, struct comparisons *c, struct error *err)
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

static int compare_sides(const struct compare_arguments *a, struct comparisons *c,
			 struct error *err)
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

static int compare_inside(const struct compare_arguments *a, struct comparisons *c,
			  struct error *err)
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

static int compare_sample_files(const struct compare_arguments *a, struct comparisons *c,
				struct error *err)
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

static int write_comparisons(const struct compare_arguments *a, const struct comparisons *c,
			     FILE *stream, struct error *err)
{
	struct compare_table_options table = {
		.format = a->format == FORMAT_MARKDOWN ? TABLE_MARKDOWN : TABLE_TEXT,
		.all = a->contrast.all,
		.colors = !a->output && stream_colors(stream),
		.width = !a->output && a->format != FORMAT_MARKDOWN ? stream_width(stream) : 0,
	};

	if (a->format == FORMAT_JSON)
		return comparisons_write_json(c, stream, err);
	if (a->format == FORMAT_CSV)
		return comparisons_write_csv(c, stream, err);
	return compare_table_print(c, stream, &table, err);
}

static int output(const struct compare_arguments *a, const struct comparisons *c, struct error *err)
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
static void tell_csv(const struct compare_arguments *a, const struct comparisons *c)
{
	const struct sentences *all[] = { &c->differences, &c->unmatched, &c->warnings };

	for (size_t k = 0; a->format == FORMAT_CSV && k < ARRAY_LENGTH(all); k++)
		for (size_t i = 0; i < all[k]->n; i++)
			fprintf(stderr, "overmap: %s\n", all[k]->texts[i]);
}

static int exit_status(const struct compare_arguments *a, const struct comparisons *c)
{
	bool inconclusive = false;

	for (size_t i = 0; i < c->n; i++) {
		enum compare_verdict verdict = c->rows[i].result.verdict;

		if (!c->rows[i].primary)
			continue;
		/* An indicated slowdown counts. */
		if (c->rows[i].result.worse_beyond_margin)
			return COMPARE_EXIT_SLOWER;
		inconclusive |= verdict == COMPARE_VERDICT_INCONCLUSIVE ||
				verdict == COMPARE_VERDICT_INDICATIVE;
	}
	return a->strict && inconclusive ? COMPARE_EXIT_INCONCLUSIVE : 0;
}

static int compare(const struct compare_arguments *a, struct comparisons *c, struct error *err)
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

static int report(const struct compare_arguments *a, const struct comparisons *c, int r,
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
	struct comparisons c = { .n = 0 };
	struct compare_arguments a;
	const char *wrong;
	struct error err;
	int r, status;

	argv[0] = name;
	wrong = compare_arguments_read(&a, argc, argv);
	if (wrong) {
		fprintf(stderr, "overmap compare: %s\n", wrong);
		status = EXIT_USAGE;
	} else {
		r = compare(&a, &c, &err);
		if (!r)
			r = output(&a, &c, &err);
		status = report(&a, &c, r, &err);
	}
	comparisons_free(&c);
	compare_arguments_free(&a);
	return status;
}
