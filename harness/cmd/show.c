/* SPDX-License-Identifier: MIT */
/*
 * overmap show: what became of each cell, and what it cost. What a reader wants first is where, on
 * which kernel, whether it is all there; then the outcomes; then the medians with how sure they
 * are.
 */
#include "cmd/show.h"

#include "cmd/cmd.h"
#include "cmd/names.h"
#include "cmd/percentiles.h"
#include "cmd/show_view.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

static int show_view(struct view *v, struct error *err)
{
	struct table *t = NULL;
	size_t dropped;
	int r = view_choose_metrics(v, err);

	if (r)
		return r;
	/* Axes, metrics, outcome, n, and what the kernel gave. */
	if (table_new(&t, v->r->nr_cells, v->r->nr_axes + v->r->nr_metrics + 5))
		return error_set(err, -ENOMEM, "out of memory");
	r = show_fill_table(v, t);
	if (r) {
		error_set(err, r, "out of memory");
		goto out;
	}
	dropped = table_fit(t, v->options->all ? 0 : v->options->width);
	show_print_header(v);
	r = table_print(t, v->stream, v->options->format, v->options->colors, err);
	if (!r)
		r = percentiles_print(v->r, v->cells, v->stream, v->options, err);
	if (!r)
		r = show_print_footer(v, t, dropped);
	if (!r && (fflush(v->stream) || ferror(v->stream)))
		r = error_set_errno(err, errno ? -errno : -EIO, "cannot write the table");
out:
	table_free(t);
	return r;
}

int show_result(const struct result *result, FILE *stream, const struct show_options *options,
		struct error *err)
{
	struct view v = { .r = result, .options = options, .stream = stream };
	int r = view_init(&v);

	if (r)
		error_set(err, r, "out of memory");
	else
		r = show_view(&v, err);
	view_clear(&v);
	return r;
}

int show_read(struct result **ret, const char *path, struct error *err)
{
	/* Standard input can be read but once. */
	bool piped = strcmp(path, "-") == 0;
	int r = result_read(ret, path, piped ? RESULT_STEPS : 0, err);

	if (r || piped || !percentiles_wanted(*ret))
		return r;
	result_free(*ret);
	*ret = NULL;
	return result_read(ret, path, RESULT_STEPS, err);
}

struct arguments {
	struct show_options options;
	struct names metrics;
	const char *path;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'm':
		names_add(&a->metrics, text);
		return 0;
	case 'a':
		a->options.all = true;
		return 0;
	case 'f':
		if (strcmp(text, "text") != 0 && strcmp(text, "markdown") != 0)
			argp_error(state, "no format '%s': choose text or markdown", text);
		a->options.format = text[0] == 'm' ? TABLE_MARKDOWN : TABLE_TEXT;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one result, please");
		a->path = text;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which result?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_show(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "metric", 'm', "NAME", 0, "Show this metric, or all of this step (repeatable)",
		  0 },
		{ "all", 'a', NULL, 0, "Show every metric and every reason", 0 },
		{ "format", 'f', "FORMAT", 0, "text (default) or markdown", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "RESULT",
		.doc = "Print the summary table of a result: what became of each cell, and what it "
		       "cost. RESULT may be a journal too; - is standard input.",
	};
	struct arguments a = { .path = NULL };
	struct result *result = NULL;
	struct error err;
	int r;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return EXIT_USAGE;
	a.options.metrics = a.metrics.items;
	a.options.width = a.options.format == TABLE_TEXT ? stream_width(stdout) : 0;
	a.options.colors = stream_colors(stdout);
	r = show_read(&result, a.path, &err);
	if (!r && result->note)
		fprintf(stderr, "overmap: %s\n", result->note);
	if (!r)
		r = show_result(result, stdout, &a.options, &err);
	if (r)
		fprintf(stderr, "overmap: %s\n", err.text);
	result_free(result);
	names_free(&a.metrics);
	return r ? EXIT_USAGE : 0;
}
