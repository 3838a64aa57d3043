/* SPDX-License-Identifier: MIT */
/* Reads how often and how long to measure, what to expect, and what is allowed. */
#include "scenario/reader.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "scenario/record.h"
#include "stats/holm.h"
#include "stats/looks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REPETITIONS_MAX 1000000u
#define CHARTS_MAX      32

static int read_count(struct reader *r, const struct node *key, const struct node *value,
		      uint64_t minimum, uint64_t maximum, uint64_t *ret)
{
	const char *text = reader_scalar(r, key, value);
	struct error err;
	uint64_t n;

	if (!text)
		return -EINVAL;
	if (count_parse(text, &n, &err)) {
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
		return -EINVAL;
	}
	if (n < minimum && maximum == UINT64_MAX) {
		mistakes_add(r->mistakes, value->place,
			     "%s: %" PRIu64 " is too small: at least %" PRIu64, key->text, n,
			     minimum);
		return -EINVAL;
	}
	if (n < minimum || n > maximum) {
		mistakes_add(r->mistakes, value->place,
			     "%s: %" PRIu64 " is too %s: choose %" PRIu64 " to %" PRIu64, key->text,
			     n, n < minimum ? "small" : "large", minimum, maximum);
		return -EINVAL;
	}
	*ret = n;
	return 0;
}

static int read_duration(struct reader *r, const struct node *key, const struct node *value,
			 uint64_t *ret_ns)
{
	const char *text = reader_scalar(r, key, value);
	struct error err;
	uint64_t ns;

	if (!text)
		return -EINVAL;
	if (duration_parse(text, &ns, &err)) {
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
		return -EINVAL;
	}
	if (!ns) {
		mistakes_add(r->mistakes, value->place, "%s: %s is no time: try 2s", key->text,
			     text);
		return -EINVAL;
	}
	*ret_ns = ns;
	return 0;
}

/* One of the words, or −EINVAL after a mistake. */
static int read_choice(struct reader *r, const struct node *key, const struct node *value,
		       const char *const *words)
{
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return -EINVAL;
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	reader_unknown(r, value->place, key->text, text, words);
	return -EINVAL;
}

static bool want_mapping(struct reader *r, const struct node *key, const struct node *value,
			 const char *example)
{
	if (value->kind == NODE_MAPPING && value->nr)
		return true;
	mistakes_add(r->mistakes, value->kind == NODE_SCALAR ? value->place : key->place,
		     "'%s' takes a mapping: try {%s}", key->text, example);
	return false;
}

static void read_iterations(struct reader *r, const struct node *key, const struct node *value)
{
	read_count(r, key, value, 1, UINT64_MAX, &r->scenario->measure.iterations);
}

static void read_for(struct reader *r, const struct node *key, const struct node *value)
{
	if (!read_duration(r, key, value, &r->scenario->measure.for_ns))
		r->scenario->measure.iterations = 0;
}

/* An option that does nothing is a mistake. Steps that could not be read may be those that it
 * means.
 */
static void check_events(struct reader *r, const struct node *value)
{
	const struct node *list = node_find(r->root, "steps", NULL);
	const struct scenario *s = r->scenario;
	const char *names[64] = { NULL };
	char text[256];

	if (s->find || !list || list->nr != s->nr_steps)
		return;
	for (unsigned int i = 0; i < s->nr_steps; i++)
		if (s->steps[i].op->event)
			return;
	for (size_t i = 0, n = 0; ops[i]; i++)
		if (ops[i]->event && n + 1 < ARRAY_LENGTH(names))
			names[n++] = ops[i]->name;
	mistakes_add(r->mistakes, value->place,
		     "events are those of %s, and no timed step is one: leave 'events' out",
		     text_alternatives(names, text, sizeof(text)));
}

static void read_events(struct reader *r, const struct node *key, const struct node *value)
{
	static const char *const words[] = { "loop", "each", NULL };

	r->scenario->measure.each_event = read_choice(r, key, value, words) == 1;
	if (!r->scenario->measure.each_event)
		return;
	r->scenario->measure.perf.cheap = false;
	check_events(r, value);
}

static void read_histograms(struct reader *r, const struct node *key, const struct node *value)
{
	static const char *const words[] = { "merged", "per-worker", NULL };

	r->scenario->measure.by_worker = read_choice(r, key, value, words) == 1;
}

void read_measure(struct reader *r, const struct node *key, const struct node *value)
{
	static const struct key_row rows[] = {
		{ "iterations", read_iterations }, { "for", read_for },   { "events", read_events },
		{ "histograms", read_histograms }, { "perf", read_perf }, { NULL, NULL },
	};
	static const char *const known[] = { "iterations", "for",  "events",
					     "histograms", "perf", NULL };
	const struct node *second;

	if (!want_mapping(r, key, value, "iterations: 100"))
		return;
	reader_check(r, value, known);
	reader_read(r, value, rows);
	if (node_find(value, "iterations", NULL) && node_find(value, "for", &second))
		mistakes_add(r->mistakes, second->place,
			     "'iterations' and 'for' exclude each other: remove one");
}

static void read_outcome(struct reader *r, const struct node *key, const struct node *value,
			 struct expect_rule *rule)
{
	static const char *const likely[] = { "ok",      "oom-killed", "timeout", "skipped",
					      "refused", "degraded",   "ENOMEM",  "EAGAIN",
					      "EPERM",   "EINVAL",     "EEXIST",  "ENOSPC",
					      "SIGBUS",  "SIGSEGV",    NULL };
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	if (!outcome_name_known(text)) {
		reader_unknown(r, value->place, "outcome", text, likely);
		return;
	}
	rule->outcome = strdup(text);
	if (!rule->outcome)
		reader_memory(r);
}

static bool has_step(const struct scenario *s, const char *name)
{
	for (unsigned int i = 0; i < s->nr_setup; i++)
		if (s->setup[i].name && strcmp(s->setup[i].name, name) == 0)
			return true;
	for (unsigned int i = 0; i < s->nr_steps; i++)
		if (s->steps[i].name && strcmp(s->steps[i].name, name) == 0)
			return true;
	return false;
}

static void unknown_step(struct reader *r, const struct node *value)
{
	const struct scenario *s = r->scenario;
	const char *names[2 * STEPS_MAX + 1] = { NULL };
	size_t n = 0;

	for (unsigned int i = 0; i < s->nr_setup; i++)
		names[n++] = s->setup[i].name;
	for (unsigned int i = 0; i < s->nr_steps; i++)
		names[n++] = s->steps[i].name;
	if (n)
		reader_unknown(r, value->place, "step", value->text, names);
}

static void read_rule_step(struct reader *r, const struct node *key, const struct node *value,
			   struct expect_rule *rule)
{
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	if (!has_step(r->scenario, text)) {
		unknown_step(r, value);
		return;
	}
	if (rule->outcome && strcmp(rule->outcome, "ok") == 0) {
		mistakes_add(r->mistakes, key->place,
			     "'ok' is the outcome of all steps: remove 'step'");
		return;
	}
	rule->step = strdup(text);
	if (!rule->step)
		reader_memory(r);
}

static void read_rule(struct reader *r, const struct node *key, const struct node *node,
		      struct expect_rule *rule)
{
	static const char *const known[] = { "when", "outcome", "step", NULL };
	const struct node *value, *at;

	if (node->kind != NODE_MAPPING || !node->nr) {
		mistakes_add(r->mistakes, node->kind == NODE_SCALAR ? node->place : key->place,
			     "a rule of 'expect' is a mapping: try {when: {size: 1TiB}, outcome: "
			     "ENOMEM, step: map}");
		return;
	}
	reader_check(r, node, known);
	value = node_find(node, "when", &at);
	if (value)
		rule->when = read_new_pattern(r, at, value);
	value = node_find(node, "outcome", &at);
	if (value)
		read_outcome(r, at, value, rule);
	else
		mistakes_add(r->mistakes, node->keys[0]->place,
			     "the rule has no outcome: add 'outcome: ok', or what is expected");
	value = node_find(node, "step", &at);
	if (value)
		read_rule_step(r, at, value, rule);
}

static bool new_rules(struct reader *r, unsigned int nr)
{
	r->scenario->rules = calloc(nr, sizeof(*r->scenario->rules));
	if (!r->scenario->rules) {
		reader_memory(r);
		return false;
	}
	r->scenario->nr_rules = nr;
	r->scenario->expect = EXPECT_RULES;
	return true;
}

static void read_expect_word(struct reader *r, const struct node *key, const struct node *value)
{
	static const char *const words[] = {
		[EXPECT_OK] = "ok", [EXPECT_NOTHING] = "nothing", [EXPECT_MODEL] = "model", NULL
	};
	int word = read_choice(r, key, value, words);

	if (word >= 0)
		r->scenario->expect = (enum expect_kind)word;
}

void read_expect(struct reader *r, const struct node *key, const struct node *value)
{
	struct node *const *items;
	unsigned int nr;

	if (value->kind == NODE_SCALAR) {
		read_expect_word(r, key, value);
		return;
	}
	nr = reader_items(r, key, &value, &items);
	if (!nr || !new_rules(r, nr))
		return;
	for (unsigned int i = 0; i < nr; i++)
		if (!reader_nothing(r, key, items[i]))
			read_rule(r, key, items[i], &r->scenario->rules[i]);
}

static void read_min(struct reader *r, const struct node *key, const struct node *value)
{
	uint64_t n;

	if (!read_count(r, key, value, 1, REPETITIONS_MAX, &n))
		r->scenario->repetitions.min = (unsigned int)n;
}

static void read_max(struct reader *r, const struct node *key, const struct node *value)
{
	uint64_t n;

	if (!read_count(r, key, value, 1, REPETITIONS_MAX, &n))
		r->scenario->repetitions.max = (unsigned int)n;
}

static void read_until(struct reader *r, const struct node *key, const struct node *value)
{
	const char *text = reader_scalar(r, key, value);
	struct error err;
	double until;

	if (!text)
		return;
	if (percent_parse(text, &until, &err))
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
	else if (!(until > 0) || until > 1)
		mistakes_add(r->mistakes, value->place, "%s: %s: choose more than 0%%, up to 100%%",
			     key->text, text);
	else
		r->scenario->repetitions.until = until;
}

static void read_compare(struct reader *r, const struct node *key, const struct node *value)
{
	int row = reader_scalar(r, key, value) ? reader_axis(r, value) : -1;

	if (row < 0)
		return;
	if (r->scenario->matrix.axes[row].nr_values < 2)
		mistakes_add(r->mistakes, value->place,
			     "compare: '%s' has one value: give it two or more in 'matrix'",
			     value->text);
	else
		r->scenario->repetitions.compare = row;
}

static double read_share(struct reader *r, const struct node *key, const struct node *value,
			 double least, double most, double fallback)
{
	const char *text = reader_scalar(r, key, value);
	struct error err;
	double share;

	if (!text)
		return fallback;
	if (percent_parse(text, &share, &err))
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
	else if (!(share >= least) || share > most)
		mistakes_add(r->mistakes, value->place, "%s: %s: choose %g%% to %g%%", key->text,
			     text, least * 100, most * 100);
	else
		return share;
	return fallback;
}

static void read_margin(struct reader *r, const struct node *key, const struct node *value)
{
	r->scenario->repetitions.margin = read_share(r, key, value, 0.0001, 1, 0.01);
}

static void read_power(struct reader *r, const struct node *key, const struct node *value)
{
	r->scenario->repetitions.power = read_share(r, key, value, 0.5, 0.999, 0.8);
}

/* So few pairs that no p can be small enough, however large the difference. */
static void check_reach(struct reader *r, const struct node *key)
{
	struct repetition_plan *plan = &r->scenario->repetitions;
	uint64_t n = scenario_comparisons(r->scenario);
	size_t needed = n ? holm_pairs_needed((size_t)n, 0.05 * looks_share(plan->max)) : 0;

	if (plan->max < needed)
		mistakes_add(r->mistakes, key->place,
			     "%" PRIu64 " comparisons cannot reach a verdict with %u pairs: they "
			     "need %zu; raise 'max', or compare fewer cells",
			     n, plan->max, needed);
}

/* Adaptive repetition: as many pairs as the looks need, at most max. */
static void end_compare(struct reader *r, const struct node *value)
{
	static const char *const others[] = { "min", "until", NULL };
	struct repetition_plan *plan = &r->scenario->repetitions;
	const struct node *at;

	for (int i = 0; others[i]; i++)
		if (node_find(value, others[i], &at))
			mistakes_add(r->mistakes, at->place,
				     "'compare' decides itself when to look: remove '%s'",
				     others[i]);
	if (!node_find(value, "max", NULL))
		plan->max = (unsigned int)looks_pairs(LOOKS - 1);
	plan->min = (unsigned int)looks_pairs(0);
	if (plan->min > plan->max)
		plan->min = plan->max;
}

static void end_until(struct reader *r, const struct node *value)
{
	struct repetition_plan *plan = &r->scenario->repetitions;
	const struct node *max, *until, *other;

	if (node_find(value, "max", &max) && !node_find(value, "until", NULL) &&
	    plan->max > plan->min)
		mistakes_add(
			r->mistakes, max->place,
			"'max' without 'until': add 'until: 2%%', the width of the interval to "
			"stop at");
	if (node_find(value, "until", &until) && !node_find(value, "max", NULL))
		mistakes_add(r->mistakes, until->place,
			     "'until' without 'max': add 'max: 64', where to give up");
	else if (!node_find(value, "max", NULL))
		plan->max = plan->min;
	else if (plan->max < plan->min)
		mistakes_add(r->mistakes, max->place, "max is less than min, which is %u",
			     plan->min);
	if (node_find(value, "margin", &other) || node_find(value, "power", &other))
		mistakes_add(r->mistakes, other->place,
			     "'%s' without 'compare': add 'compare: AXIS', whose values to compare",
			     other->text);
}

void read_repetitions(struct reader *r, const struct node *key, const struct node *value)
{
	static const struct key_row rows[] = {
		{ "min", read_min },
		{ "max", read_max },
		{ "until", read_until },
		{ "compare", read_compare },
		{ "margin", read_margin },
		{ "power", read_power },
		{ NULL, NULL },
	};
	static const char *const known[] = { "min",    "max",   "until", "compare",
					     "margin", "power", NULL };

	if (value->kind == NODE_SCALAR) {
		read_min(r, key, value);
		r->scenario->repetitions.max = r->scenario->repetitions.min;
		return;
	}
	if (!want_mapping(r, key, value, "min: 6, max: 64, until: 2%"))
		return;
	reader_check(r, value, known);
	reader_read(r, value, rows);
	if (!node_find(value, "compare", NULL)) {
		end_until(r, value);
		return;
	}
	end_compare(r, value);
	check_reach(r, key);
}

void read_may_oom(struct reader *r, const struct node *key, const struct node *value)
{
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	if (value->plain && strcmp(text, "true") == 0)
		r->scenario->may_oom = true;
	else if (!value->plain || strcmp(text, "false") != 0)
		mistakes_add(r->mistakes, value->place,
			     "'may_oom' is true or false, in these words and without quotes");
}

void read_timeout(struct reader *r, const struct node *key, const struct node *value)
{
	read_duration(r, key, value, &r->scenario->timeout_ns);
}

void read_requires(struct reader *r, const struct node *key, const struct node *value)
{
	struct node *const *items;
	unsigned int nr = reader_items(r, key, &value, &items);

	for (unsigned int i = 0; i < nr; i++) {
		int row;

		if (!reader_scalar(r, key, items[i]))
			continue;
		row = reader_axis(r, items[i]);
		if (row < 0)
			continue;
		if (!axes[row]->system_wide)
			mistakes_add(r->mistakes, items[i]->place,
				     "'%s' changes no setting of the system: remove it from "
				     "'requires'",
				     items[i]->text);
		else
			r->scenario->requires_axis[row] = true;
	}
}

static bool is_chart_name(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

void read_charts(struct reader *r, const struct node *key, const struct node *value)
{
	struct scenario *s = r->scenario;
	struct node *const *items;
	unsigned int nr = reader_items(r, key, &value, &items);

	if (nr > CHARTS_MAX) {
		mistakes_add(r->mistakes, key->place, "more than %d charts", CHARTS_MAX);
		return;
	}
	s->charts = calloc(nr + 1, sizeof(*s->charts));
	for (unsigned int i = 0; i < nr && s->charts; i++) {
		const char *text = reader_scalar(r, key, items[i]);

		if (!text)
			continue;
		if (!is_chart_name(text)) {
			mistakes_add(r->mistakes, items[i]->place,
				     "'%s' is no name of a chart: a-z, 0-9 and '-'", text);
			continue;
		}
		s->charts[s->nr_charts] = strdup(text);
		if (!s->charts[s->nr_charts])
			break;
		s->nr_charts++;
	}
	if (!s->charts)
		reader_memory(r);
}
