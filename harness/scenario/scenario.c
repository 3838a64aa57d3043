/* SPDX-License-Identifier: MIT */
#include "scenario/scenario.h"

#include <stdlib.h>

static void free_step(struct step *step)
{
	for (unsigned int i = 0; step->op && step->op->args && step->op->args[i].name; i++)
		if (step->op->args[i].type == ARG_WORDS)
			free(step->args[i].words);
	if (step->when)
		pattern_clear(step->when);
	free(step->when);
	free(step->name);
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	for (unsigned int i = 0; i < s->nr_setup; i++)
		free_step(&s->setup[i]);
	for (unsigned int i = 0; i < s->nr_steps; i++)
		free_step(&s->steps[i]);
	for (unsigned int i = 0; i < s->nr_rules; i++) {
		if (s->rules[i].when)
			pattern_clear(s->rules[i].when);
		free(s->rules[i].when);
		free(s->rules[i].outcome);
		free(s->rules[i].step);
	}
	for (unsigned int i = 0; i < s->nr_charts; i++)
		free(s->charts[i]);
	matrix_free(&s->matrix);
	free(s->rules);
	free(s->charts);
	free(s->name);
	free(s->summary);
	free(s->path);
	free(s->source);
	free(s);
}

const struct expect_rule *scenario_expect(const struct scenario *s, const struct cell *cell,
					  const struct host *host)
{
	if (s->expect != EXPECT_RULES)
		return NULL;
	for (unsigned int i = s->nr_rules; i-- > 0;)
		if (pattern_match(s->rules[i].when, &cell->params, host))
			return &s->rules[i];
	return NULL;
}

int scenario_primary_metric(const struct op *op)
{
	for (int i = 0; op->metrics && op->metrics[i].name; i++)
		if (op->metrics[i].better != BETTER_NEITHER)
			return i;
	return -1;
}

uint64_t scenario_comparisons_by(const struct scenario *s, unsigned int axis)
{
	uint64_t values = s->matrix.axes[axis].nr_values, n = 0;

	if (values < 2)
		return 0;
	for (unsigned int i = 0; i < s->nr_steps; i++)
		n += scenario_primary_metric(s->steps[i].op) >= 0;
	return n * (s->matrix.nr_product / values) * (values - 1);
}

uint64_t scenario_comparisons(const struct scenario *s)
{
	int axis = s->repetitions.compare;

	return axis < 0 ? 0 : scenario_comparisons_by(s, (unsigned int)axis);
}

char *scenario_events(const struct scenario *s, char *ret, size_t length)
{
	size_t n = 0, left_out = 0;

	snprintf(ret, length, "none");
	for (unsigned int i = 0; i < s->nr_steps; i++) {
		const struct step *step = &s->steps[i];

		left_out += step->op->event && !step->each_event;
		if (step->each_event && n < length)
			n += (size_t)snprintf(ret + n, length - n, "%s%s", n ? " " : "",
					      step->name);
	}
	if (n && !left_out)
		snprintf(ret, length, "each");
	return ret;
}
