/* SPDX-License-Identifier: MIT */
/*
 * overmap power: how small a difference this machine can show. The noise is that of a result's own
 * cells: neighbouring rounds of one cell are held against each other, where nothing differs.
 */
#include "cmd/cmd.h"
#include "cmd/names.h"

#include "base/cleanup.h"
#include "base/size.h"
#include "cmd/cells.h"
#include "cmd/table.h"
#include "result/json.h"
#include "stats/compare.h"
#include "stats/holm.h"
#include "stats/power.h"

#include <argp.h>
#include <math.h>
#include <string.h>

enum { OPTION_METRIC = 256, OPTION_FILTER, OPTION_ALL, OPTION_MARGIN, OPTION_POWER, OPTION_JSON };

struct arguments {
	struct cell_filter filter;
	struct names metrics;
	bool all, json;
	double margin, power;
	const char *path;
};

/* One cell and metric against itself. */
struct row {
	char *cell;
	const struct result_metric *metric;
	size_t pairs;      /* of neighbouring rounds */
	size_t n;          /* repetitions: the pairs that a comparison of two such cells has */
	double noise;      /* of one pair, in logarithms */
	double detectable; /* by n pairs, as a share */
	double needed;     /* pairs for a verdict at the margin */
	double p;          /* A/A: nothing should differ */
};

struct rows {
	struct row *items;
	size_t n, room;
};

static const struct argp_option options[] = {
	{ "metric", OPTION_METRIC, "NAME", 0, "This metric, or all of a step; may be repeated", 0 },
	{ "filter", OPTION_FILTER, "AXIS=VALUE", 0, "Only such cells; may be repeated", 0 },
	{ "all", OPTION_ALL, NULL, 0, "Every metric, not only each step's first", 0 },
	{ "margin", OPTION_MARGIN, "PERCENT", 0, "What is no difference (default: 1%)", 0 },
	{ "power", OPTION_POWER, "PERCENT", 0, "Chance to find what is there (default: 80%)", 0 },
	{ "json", OPTION_JSON, NULL, 0, "Full figures as JSON", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct error err = { "" };
	int r = 0;

	switch (key) {
	case OPTION_METRIC:
		names_add(&a->metrics, text);
		break;
	case OPTION_FILTER:
		r = cell_filter_add(&a->filter, text, &err);
		break;
	case OPTION_ALL:
		a->all = true;
		break;
	case OPTION_MARGIN:
		r = percent_parse(text, &a->margin, &err);
		break;
	case OPTION_POWER:
		r = percent_parse(text, &a->power, &err);
		if (!r && (a->power < 0.5 || a->power >= 1))
			argp_error(state, "--power: %s: choose 50%% to less than 100%%", text);
		break;
	case OPTION_JSON:
		a->json = true;
		break;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one result, please");
		a->path = text;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which result?");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (r)
		argp_error(state, "%s", err.text);
	return 0;
}

/*
 * Rounds 0 and 1, 2 and 3, …; which of the two is called A alternates, so that a drift is not taken
 * for a difference.
 */
static size_t pair_neighbours(const double *values, size_t n, struct compare_pair *pairs)
{
	for (size_t i = 0; i < n / 2; i++) {
		bool swapped = i % 2;

		pairs[i] = (struct compare_pair){
			.a = values[2 * i + swapped],
			.b = values[2 * i + !swapped],
			.order = swapped ? ORDER_BA : ORDER_AB,
		};
	}
	return n / 2;
}

static struct row *add_row(struct rows *rows)
{
	if (rows->n == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 32;
		struct row *grown = realloc(rows->items, room * sizeof(*grown));

		if (!grown)
			return NULL;
		rows->items = grown;
		rows->room = room;
	}
	rows->items[rows->n] = (struct row){ .noise = NAN };
	return &rows->items[rows->n++];
}

static int judge_cell(const struct cells *cells, uint32_t cell, unsigned int metric, double *values,
		      struct compare_pair *pairs, struct rows *rows)
{
	size_t n = cells_values(cells, cell, metric, values);
	struct comparison c;
	struct row *row;
	char name[1024];
	int r;

	if (!n)
		return 0;
	r = compare_pairs(pairs, pair_neighbours(values, n, pairs), &compare_defaults, &c);
	if (r)
		return r;
	row = add_row(rows);
	if (!row)
		return -ENOMEM;
	row->cell = strdup(cells_name(cells->r, cell, -1, name, sizeof(name)));
	row->metric = &cells->r->metrics[metric];
	row->pairs = c.n;
	row->n = n;
	row->noise = c.noise;
	row->p = c.p;
	return row->cell ? 0 : -ENOMEM;
}

static int judge_cells(const struct cells *cells, const enum metric_choice *choice,
		       struct rows *rows)
{
	uint32_t most = 0;
	int r = 0;

	for (uint32_t i = 0; i < cells->r->nr_cells; i++)
		if (cells->r->cells[i].nr_repetitions > most)
			most = cells->r->cells[i].nr_repetitions;

	AUTO_FREE double *values = calloc(most + 1, sizeof(*values));
	AUTO_FREE struct compare_pair *pairs = calloc(most + 1, sizeof(*pairs));

	if (!values || !pairs)
		return -ENOMEM;
	for (uint32_t cell = 0; !r && cell < cells->r->nr_cells; cell++)
		for (unsigned int i = 0; !r && cells->kept[cell] && i < cells->r->nr_metrics; i++)
			if (choice[i] != METRIC_NO)
				r = judge_cell(cells, cell, i, values, pairs, rows);
	return r;
}

/* As one family: what a comparison of all these cells with others could show. */
static void plan(const struct arguments *a, struct rows *rows)
{
	double alpha = compare_defaults.alpha, each = alpha / (double)rows->n;
	double margin = log1p(a->margin);

	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->items[i];

		row->detectable = expm1(
			power_detectable(row->noise, (double)row->n, each, a->power));
		row->needed = fmax(
			power_pairs_needed(row->noise, margin, each, a->power),
			power_pairs_for_equivalence(row->noise, margin, alpha, a->power));
		if (isnan(row->noise))
			row->needed = row->detectable = NAN;
	}
}

static int noisiest_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (isnan(x->noise) || isnan(y->noise))
		return isnan(x->noise) - isnan(y->noise);
	return (x->noise < y->noise) - (x->noise > y->noise);
}

static void format_share(double share, char *ret, size_t length)
{
	if (!isfinite(share))
		snprintf(ret, length, "-");
	else
		snprintf(ret, length, "%.3g %%", share * 100);
}

static void set_row(struct table *t, size_t i, const struct row *row)
{
	char noise[32], detectable[32];

	format_share(expm1(row->noise), noise, sizeof(noise));
	format_share(row->detectable, detectable, sizeof(detectable));
	table_set(t, i, 0, "%s", row->cell);
	table_set(t, i, 1, "%s", row->metric->name);
	table_set(t, i, 2, "%zu", row->n);
	table_set(t, i, 3, "%s", noise);
	table_set(t, i, 4, "%s", detectable);
	if (isfinite(row->needed))
		table_set(t, i, 5, "%.0f", row->needed);
	else
		table_set(t, i, 5, "-");
	table_set(t, i, 6, isnan(row->p) ? "-" : "%.2f", row->p);
}

static int print_table(const struct arguments *a, const struct rows *rows, struct error *err)
{
	static const char *const names[] = {
		"cell", "metric", "n", "noise of a pair", "n pairs show", "pairs needed", "p of A/A"
	};
	struct table *t = NULL;
	size_t claimed = 0;
	int r = table_new(&t, rows->n, ARRAY_LENGTH(names));

	if (r)
		return error_set(err, r, "out of memory");
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		table_add(t, names[i], i < 2 ? 0 : TABLE_RIGHT);
	for (size_t i = 0; i < rows->n; i++) {
		set_row(t, i, &rows->items[i]);
		claimed += rows->items[i].p <= compare_defaults.alpha;
	}
	r = table_print(t, stdout, TABLE_TEXT, stream_colors(stdout), err);
	table_free(t);
	printf("\nA comparison of these %zu together, at %g %% with Holm's correction, a power of "
	       "%g %% and a margin of %g %%.\nNoise: from neighbouring rounds of the same cell. Of "
	       "their A/A comparisons %zu of %zu differ at %g %%.\n",
	       rows->n, compare_defaults.alpha * 100, a->power * 100, a->margin * 100, claimed,
	       rows->n, compare_defaults.alpha * 100);
	printf("Needed at the least, whatever the noise: %zu pairs.\n",
	       holm_pairs_needed(rows->n, compare_defaults.alpha));
	return r;
}

static int print_json(const struct arguments *a, const struct rows *rows, struct error *err)
{
	cJSON *document = cJSON_CreateObject(), *array;

	json_add_text(document, "overmap", "power");
	json_add_u64(document, "schema", 1);
	json_add_double(document, "margin", a->margin);
	json_add_double(document, "power", a->power);
	json_add_double(document, "alpha", compare_defaults.alpha);
	array = json_add_array(document, "rows");
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->items[i];
		cJSON *object = cJSON_CreateObject();

		json_add_text(object, "cell", row->cell);
		json_add_text(object, "metric", row->metric->name);
		json_add_u64(object, "repetitions", row->n);
		json_add_u64(object, "pairs", row->pairs);
		json_add_double(object, "noise", row->noise);
		json_add_double(object, "detectable", row->detectable);
		json_add_double(object, "needed", row->needed);
		json_add_double(object, "p", row->p);
		json_append(array, object);
	}
	return json_write(document, false, stdout, err);
}

static int power(const struct arguments *a, const struct result *r, struct rows *rows,
		 struct error *err)
{
	enum metric_choice *choice = NULL;
	struct cells cells = { .r = NULL };
	int error = metrics_choose(r, a->metrics.items, a->all, &choice, err);

	if (!error)
		error = cells_open(&cells, r, &a->filter, NULL, err);
	if (error) {
		free(choice);
		return error;
	}
	error = judge_cells(&cells, choice, rows);
	cells_close(&cells);
	free(choice);
	if (error)
		return error_set_errno(err, error, "cannot judge %s", r->path);
	if (!rows->n)
		return error_set(err, -ENODATA, "%s: no cell has measured anything", r->path);
	plan(a, rows);
	qsort(rows->items, rows->n, sizeof(*rows->items), noisiest_first);
	return a->json ? print_json(a, rows, err) : print_table(a, rows, err);
}

int cmd_power(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "RESULT",
		.doc = "Say how small a difference this machine can show, from the noise between "
		       "neighbouring rounds of a result's cells, and how many pairs a verdict "
		       "needs.",
	};
	static char name[] = "overmap power";
	struct arguments a = { .margin = compare_defaults.margin, .power = compare_defaults.power };
	struct result *result = NULL;
	struct rows rows = { .n = 0 };
	struct error err;
	int r;

	argv[0] = name;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	r = result_read(&result, a.path, 0, &err);
	if (!r && result->note)
		fprintf(stderr, "overmap: %s\n", result->note);
	if (!r)
		r = power(&a, result, &rows, &err);
	if (r)
		fprintf(stderr, "overmap: %s\n", err.text);
	result_free(result);
	for (size_t i = 0; i < rows.n; i++)
		free(rows.items[i].cell);
	free(rows.items);
	names_free(&a.metrics);
	return r ? EXIT_USAGE : 0;
}
