/* SPDX-License-Identifier: MIT */
/*
 * overmap explain: the same as predict, for what has happened. The cell is put together again from
 * the scenario and the host that the result holds, the kernel's rules are asked once more, and both
 * sides are said where they differ.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "cmd/cells.h"
#include "cmd/reasons.h"
#include "model/outcome.h"
#include "result/answer.h"
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
	struct snapshot machine; /* when the run began */
	struct explanations *json;
	uint32_t nr_shown, nr_plain; /* nr_plain: cells that ended as wanted */

	/* The cell at hand. */
	struct cell cell;
	struct conditions conditions;
	struct map_request request;
	unsigned int nr_setup, nr_calls;
	struct op_call calls[2 * STEPS_MAX];
	bool active[2 * STEPS_MAX];
	struct host under;
	struct model before;
	struct outlook outlook;
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

/* ---- The cell made again ---- */

static int resolve_steps(struct inquiry *q, const struct step *steps, unsigned int n,
			 const struct host *host, struct error *err)
{
	for (unsigned int i = 0; i < n; i++) {
		int r = op_call_resolve(steps[i].op, steps[i].args, &q->conditions, host,
					&q->calls[q->nr_calls], err);

		if (r)
			return r;
		q->active[q->nr_calls++] = !steps[i].when ||
					   pattern_match(steps[i].when, &q->cell.params, host);
	}
	return 0;
}

static void find_request(struct inquiry *q)
{
	q->request = q->conditions.map;
	for (unsigned int i = 0; i < q->nr_calls; i++) {
		if (q->active[i] && strcmp(q->calls[i].op->name, "map") == 0 && q->calls[i].args[0])
			q->request.address = q->calls[i].args[0];
	}
}

/* Conditions, calls and the machine under them. −errno: the cell cannot be made on this host. */
static int make_cell(struct inquiry *q, const struct result_repetition *rep, struct error *err)
{
	const struct scenario *s = q->scenario;
	double committed = rep->effective.committed_bytes;
	int r;

	if (!matrix_cell(&s->matrix, &q->machine.host, q->result->cells[rep->cell].number,
			 &q->cell))
		return error_set(err, -ENOENT, "the scenario has no such cell on that machine");
	r = params_resolve(&q->cell.params, &q->machine.host, &q->conditions, err);
	if (r)
		return r;
	model_host_under(&q->machine.host, &q->conditions, &q->under);
	/* Again: a share of the commit limit is a share of what the settings have made it. */
	r = params_resolve(&q->cell.params, &q->under, &q->conditions, err);
	q->nr_calls = 0;
	if (!r)
		r = resolve_steps(q, s->setup, s->nr_setup, &q->under, err);
	q->nr_setup = q->nr_calls;
	if (!r)
		r = resolve_steps(q, s->steps, s->nr_steps, &q->under, err);
	if (committed > 0)
		q->under.committed_bytes = (uint64_t)committed;
	find_request(q);
	return r;
}

static void ask_rules(struct inquiry *q)
{
	model_outcome_under(&q->under, &q->machine.process, &q->conditions, q->calls, q->active,
			    q->nr_calls, &q->outlook, &q->before);
}

/* The name of the step that a call is; NULL: none. */
static const char *call_name(const struct inquiry *q, int call, char *ret, size_t length)
{
	if (call < 0)
		return NULL;
	if (call < (int)q->nr_setup)
		snprintf(ret, length, "setup %s", q->scenario->setup[call].name);
	else
		snprintf(ret, length, "%s", q->scenario->steps[call - (int)q->nr_setup].name);
	return ret;
}

/* ---- What is said ---- */

static bool ran_well(const char *outcome)
{
	return strcmp(outcome, "ok") == 0 || strcmp(outcome, "degraded") == 0;
}

/* Not the kernel's word: our own, with the reason in detail. */
static bool is_ours(const char *outcome)
{
	return strcmp(outcome, "skipped") == 0 || strcmp(outcome, "refused") == 0 ||
	       strcmp(outcome, "failed") == 0 || strcmp(outcome, "timeout") == 0;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool agrees(const struct inquiry *q, const struct result_repetition *rep, const char *step)
{
	if (strcmp(q->outlook.outcome, "ok") == 0)
		return ran_well(rep->outcome);
	return strcmp(q->outlook.outcome, rep->outcome) == 0 && same_text(step, rep->step);
}

static void say_ours(const struct result_repetition *rep, char *ret, size_t length)
{
	static const struct {
		const char *outcome, *text;
	} words[] = {
		{ "skipped", "not possible on that machine" },
		{ "refused", "overmap did not run it: over the memory budget" },
		{ "failed", "the harness itself failed" },
		{ "timeout", "it did not end in time" },
	};
	const char *text = "";

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
		if (strcmp(words[i].outcome, rep->outcome) == 0)
			text = words[i].text;
	}
	snprintf(ret, length, "%s%s%s.", text, rep->detail ? ": " : "",
		 rep->detail ? rep->detail : "");
}

/* Prediction and outcome differ: both sides, and which of them was said before it ran. */
static void say_both(const struct inquiry *q, const struct result_repetition *rep, const char *step,
		     char *ret, size_t length)
{
	const struct outlook *o = &q->outlook;
	const struct rule *rule = rule_get(o->rule);

	snprintf(ret, length,
		 "The kernel: %s%s%s. The rules, with that machine's numbers: %s%s%s (%s).%s%s",
		 rep->outcome, rep->step ? " at " : "", rep->step ? rep->step : "",
		 o->outcome[0] ? o->outcome : "cannot be known", step ? " at " : "",
		 step ? step : "", rule->text, rep->rule ? " Before it ran they said: " : "",
		 rep->rule ? rep->rule : "");
}

static const char *op_of(const struct inquiry *q)
{
	return q->outlook.step < 0 ? "map" : q->calls[q->outlook.step].op->name;
}

static void say(const struct inquiry *q, struct explanation *e, const struct result_repetition *rep,
		char *ret, size_t length)
{
	struct remedy remedies[REMEDIES_MAX];
	size_t used;
	unsigned int n;

	if (!e->agrees) {
		say_both(q, rep, e->predicted_step, ret, length);
		return;
	}
	if (ran_well(rep->outcome)) {
		prediction_sentence(e->answer.model, e->answer.request, &e->answer.prediction, ret,
				    length);
		used = strlen(ret);
		snprintf(ret + used, length - used, "; it ended %s%s%s.", rep->outcome,
			 rep->detail ? ": " : "", rep->detail ? rep->detail : "");
		return;
	}
	happening_sentence(e->answer.request, &e->answer.prediction, op_of(q), rep->outcome, ret,
			   length);
	if (!e->curable)
		return;
	used = strlen(ret);
	n = prediction_remedies(e->answer.model, e->answer.request, &e->answer.prediction,
				remedies);
	ret[used++] = ' ';
	remedies_sentence(remedies, n, ret + used, length - used);
	if (!ret[used])
		ret[used - 1] = '\0';
}

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

/* A search: what it found, and the rule that binds there. */
static void say_found(const struct inquiry *q, const struct result_repetition *rep, char *ret,
		      size_t length)
{
	const struct rule *rule = rep->rule ? rule_find(rep->rule) : NULL;
	char words[96];

	request_describe(&q->request, words, sizeof(words));
	snprintf(ret, length, "Of %s memory: %s.%s%s%s", words,
		 rep->detail ? rep->detail : rep->outcome, rule ? " What binds: " : "",
		 rule ? rule->text : "", rule ? "." : "");
}

/* One way that repetitions of a cell ended. */
static void explain_ending(struct inquiry *q, const struct result_repetition *rep, uint32_t n)
{
	const struct result *r = q->result;
	struct error reason = { "" };
	char sentence[1024], name[512], step[128];
	struct explanation e = {
		.number = r->cells[rep->cell].number,
		.cell = cells_name(r, rep->cell, -1, name, sizeof(name)),
		.outcome = rep->outcome,
		.step = rep->step,
		.detail = rep->detail,
		.nr_repetitions = n,
		.nr_all = r->cells[rep->cell].nr_repetitions,
		.sentence = sentence,
	};

	if (is_ours(rep->outcome)) {
		say_ours(rep, sentence, sizeof(sentence));
	} else if (make_cell(q, rep, &reason)) {
		snprintf(sentence, sizeof(sentence), "It cannot be made again from the result: %s.",
			 reason.text);
	} else if (q->scenario->find) {
		say_found(q, rep, sentence, sizeof(sentence));
	} else {
		ask_rules(q);
		e.predicted = true;
		e.predicted_outcome = q->outlook.outcome;
		e.predicted_step = call_name(q, q->outlook.step, step, sizeof(step));
		e.agrees = agrees(q, rep, e.predicted_step);
		e.answer = (struct answer){ .model = &q->before,
					    .request = &q->request,
					    .prediction = q->outlook.prediction };
		e.curable = e.answer.prediction.verdict == VERDICT_REFUSED &&
			    strcmp(op_of(q), "map") == 0;
		say(q, &e, rep, sentence, sizeof(sentence));
	}
	tell(q, &e);
}

static bool same_ending(const struct result_repetition *a, const struct result_repetition *b)
{
	return strcmp(a->outcome, b->outcome) == 0 && same_text(a->step, b->step);
}

/* Each way that its repetitions ended once, with how often. */
static void explain_cell(struct inquiry *q, uint32_t cell)
{
	const struct result *r = q->result;
	const uint32_t *first = &q->cells.by_cell[q->cells.first[cell]];
	uint32_t n = r->cells[cell].nr_repetitions;
	bool shown = false;

	for (uint32_t i = 0; i < n; i++) {
		const struct result_repetition *rep = &r->repetitions[first[i]];
		uint32_t alike = 0, earlier = 0;

		for (uint32_t k = 0; k < n; k++) {
			bool same = same_ending(&r->repetitions[first[k]], rep);

			alike += same;
			earlier += same && k < i;
		}
		if (earlier ||
		    (!q->arguments->cells_given && ran_well(rep->outcome) && rep->as_expected))
			continue;
		explain_ending(q, rep, alike);
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
	r = result_machine(q->result, &q->machine, err);
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
