/* SPDX-License-Identifier: MIT */
/*
 * overmap explain: the same as predict, for what has happened. The cell is put together again from
 * the scenario and the host that the result holds, the kernel's rules are asked once more, and both
 * sides are said where they differ.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "cmd/cells.h"
#include "cmd/ending.h"
#include "cmd/reasons.h"
#include "result/machine.h"
#include "scenario/scenario.h"

#include <argp.h>
#include <inttypes.h>
#include <string.h>

enum { OPTION_JSON = 256 };

struct arguments {
	const char *path;
	bool json, number_given, cells_given;
	uint64_t number;
	struct cell_filter filter;
};

/* What one result is explained with. Large: on the heap. */
struct inquiry {
	const struct arguments *arguments;
	struct result *result;
	struct scenario *scenario;
	struct cells cells;
	struct explanations *json;
	uint32_t nr_shown, nr_plain; /* nr_plain: cells that ended as wanted */
	struct remade remade;        /* the cell at hand */
	struct ending ending;
};

static const struct argp_option options[] = {
	{ "json", OPTION_JSON, NULL, 0, "Print JSON", 0 },
	{ 0 },
};

/* The result, then a cell: its number, or values of its axes. */
static error_t parse_argument(struct arguments *a, char *text, struct argp_state *state)
{
	struct error err = { "" };

	if (!a->path) {
		a->path = text;
		return 0;
	}
	a->cells_given = true;
	if (strchr(text, '=')) {
		if (cell_filter_add(&a->filter, text, &err))
			argp_error(state, "%s", err.text);
		return 0;
	}
	if (a->number_given || count_parse(text, &a->number, &err))
		argp_error(state,
			   "'%s' is no cell: give its number ('overmap show' has it), or "
			   "AXIS=VALUE",
			   text);
	a->number_given = true;
	return 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPTION_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		return parse_argument(a, text, state);
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no result: 'overmap run' writes one");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp explain_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "RESULT [CELL | AXIS=VALUE...]",
	.doc = "Say why cells of a run were refused or failed: the kernel's rule, the arithmetic "
	       "with the numbers of the machine that it ran on, and what would have made it "
	       "succeed. Without a cell: every one that did not end well.\v"
	       "overmap explain results/larger-than-memory.json\n"
	       "overmap explain r.json overcommit=never 'size=100% ram+swap'",
};

static void print_explanation(const struct explanation *e)
{
	char versions[64];
	const struct rule *rule = rule_get(e->answer.prediction.rule);

	printf("cell %" PRIu64 "  %s\n  %s%s%s", e->number, e->cell, e->outcome,
	       e->step ? " at " : "", e->step ? e->step : "");
	printf(" (%" PRIu32 " of %" PRIu32 " repetitions)\n\n", e->nr_repetitions, e->nr_all);
	reasons_wrap(e->sentence, "");
	putchar('\n');
	if (!e->predicted || (e->answer.prediction.verdict == VERDICT_GRANTED && e->agrees))
		return;
	reasons_terms(&e->answer);
	if (e->curable)
		reasons_remedies(&e->answer);
	printf("The rule: %s, %s (%s).\n\n", rule->name, rule->source,
	       rule_versions(rule, versions, sizeof(versions)));
}

static void tell(struct inquiry *q, const struct explanation *e)
{
	if (q->json)
		explanations_add(q->json, e);
	else
		print_explanation(e);
	q->nr_shown++;
}

/* Each way that its repetitions ended once, with how often. */
static void explain_cell(struct inquiry *q, uint32_t cell)
{
	const struct result *r = q->result;
	const uint32_t *first = q->cells.by_cell + q->cells.first[cell];
	uint32_t n = r->cells[cell].nr_repetitions;
	bool shown = false;

	for (uint32_t i = 0; i < n; i++) {
		const struct result_repetition *rep = &r->repetitions[first[i]];
		uint32_t alike = 0, earlier = 0;

		for (uint32_t k = 0; k < n; k++) {
			bool same = ending_same(&r->repetitions[first[k]], rep);

			alike += same;
			earlier += same && k < i;
		}
		if (earlier ||
		    (!q->arguments->cells_given && ending_well(rep->outcome) && rep->as_expected))
			continue;
		ending_explain(&q->ending, &q->remade, r, rep, alike);
		tell(q, &q->ending.explanation);
		shown = true;
	}
	q->nr_plain += !shown;
}

static int by_number(const void *a, const void *b, void *context)
{
	const struct result *r = context;
	uint64_t x = r->cells[*(const uint32_t *)a].number,
		 y = r->cells[*(const uint32_t *)b].number;

	return (x > y) - (x < y);
}

/* Cells stand in a result as they ran, which is at random. */
static int explain_in_order(struct inquiry *q, int64_t only)
{
	struct result *r = q->result;
	AUTO_FREE uint32_t *order = calloc(r->nr_cells + 1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->nr_cells; i++)
		order[i] = i;
	qsort_r(order, r->nr_cells, sizeof(*order), by_number, r);
	for (uint32_t i = 0; i < r->nr_cells; i++) {
		if (q->cells.kept[order[i]] && (only < 0 || order[i] == (uint32_t)only))
			explain_cell(q, order[i]);
	}
	return 0;
}

static int explain_all(struct inquiry *q, struct error *err)
{
	const struct arguments *a = q->arguments;
	int64_t only = a->number_given ? result_cell_index(q->result, a->number) : -1;

	if (a->number_given && only < 0)
		return error_set(err, -ENOENT, "%s: has no cell %" PRIu64, a->path, a->number);
	if (explain_in_order(q, only))
		return error_set(err, -ENOMEM, "out of memory");
	if (q->json)
		return explanations_write(q->json, stdout, err);
	if (!q->nr_shown)
		printf("Nothing to explain: all %" PRIu32 " cells ended as they were to.\n",
		       q->nr_plain);
	else if (q->nr_plain)
		printf("%" PRIu32 " other cell%s ended as %s to.\n", q->nr_plain,
		       q->nr_plain == 1 ? "" : "s", q->nr_plain == 1 ? "it was" : "they were");
	return 0;
}

static int load(struct inquiry *q, struct error *err)
{
	const struct arguments *a = q->arguments;
	const char *source;
	int r = result_read(&q->result, a->path, 0, err);

	if (r)
		return r;
	if (q->result->note)
		fprintf(stderr, "overmap: %s\n", q->result->note);
	source = result_text(q->result, "scenario/source");
	if (!source ||
	    scenario_load_text(source, strlen(source), "scenario", NULL, &q->scenario, NULL))
		return error_set(err, -EINVAL,
				 "%s: its scenario is none that this overmap can read", a->path);
	q->remade.scenario = q->scenario;
	r = result_machine(q->result, &q->remade.machine, err);
	if (!r)
		r = cells_open(&q->cells, q->result, &a->filter, NULL, err);
	if (!r && a->json && explanations_new(&q->json, a->path))
		r = error_set(err, -ENOMEM, "out of memory");
	return r;
}

int cmd_explain(int argc, char **argv)
{
	struct arguments arguments = { .path = NULL };
	AUTO_FREE struct inquiry *q = calloc(1, sizeof(*q));
	struct error err = { "" };
	int r;

	argp_parse(&explain_argp, argc, argv, 0, NULL, &arguments);
	if (!q)
		return EXIT_DIFFERS;
	q->arguments = &arguments;
	r = load(q, &err);
	if (!r)
		r = explain_all(q, &err);
	if (r)
		fprintf(stderr, "overmap: %s\n", err.text);
	if (q->cells.first)
		cells_close(&q->cells);
	scenario_free(q->scenario);
	result_free(q->result);
	return r ? EXIT_USAGE : 0;
}
