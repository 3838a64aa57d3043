/* SPDX-License-Identifier: MIT */
/* One cell's turn: settings, conditions, steps and budget made ready, the repetition run and
 * judged. */
#include "run/supervisor.h"

#include "base/file.h"
#include "run/budget.h"
#include "run/chain.h"
#include "run/conform.h"
#include "run/find.h"
#include "run/steps.h"

#include <stdio.h>
#include <string.h>

/* To look at more would take longer than it saves. */
#define CHAINED_CELLS_MAX 4096

static void skip(struct supervisor *s, enum outcome_kind kind, const struct error *reason)
{
	s->record.outcome = (struct outcome){ .kind = kind, .step = -1 };
	snprintf(s->record.outcome.detail, sizeof(s->record.outcome.detail), "%.*s",
		 (int)sizeof(s->record.outcome.detail) - 1, reason->text);
}

/* Sizes stay shares of what the machine had at the start: only what settings change is read again.
 */
static int refresh_host(struct supervisor *s, struct error *err)
{
	int r = host_refresh(s->host, err);

	s->host->available_bytes = s->start.available_bytes;
	return r;
}

/* Is the axis that wants the setting one that the scenario cannot do without? */
static bool required(const struct scenario *s)
{
	for (unsigned int i = 0; i < AXES_MAX; i++)
		if (s->requires_axis[i])
			return true;
	return false;
}

/* The run's own settings, then the cell's: where both name one, the cell's value rules. */
static unsigned int gather_settings(const struct supervisor *s, struct setting_wanted *ret)
{
	const struct conditions *c = &s->conditions;
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->options->nr_set; i++)
		if (!conditions_wanted(c, s->options->set[i].name))
			ret[n++] = s->options->set[i];
	for (unsigned int i = 0; i < c->nr_wanted; i++)
		ret[n++] = (struct setting_wanted){ c->wanted[i].name, c->wanted[i].value };
	return n;
}

/*
 * System-wide values of the cell. 1: the cell is skipped; −errno: the run cannot go on.
 */
static int apply_settings(struct supervisor *s, struct error *err)
{
	struct setting_wanted wanted[WANTED_MAX + RUN_SET_MAX];
	unsigned int n = gather_settings(s, wanted);
	struct error reason = { "" };
	int r = 0;

	for (unsigned int i = 0; i < n && !r; i++)
		r = settings_check(wanted[i].name, wanted[i].value, &reason);
	if (!r)
		r = settings_apply(s->settings, wanted, n, &reason);
	if (!r)
		return n ? refresh_host(s, err) : 0;
	/* What was asked for by --set is the same in all cells: then there is no run. */
	if (!s->conditions.nr_wanted) {
		s->summary.not_permitted = true;
		return error_set(err, r, "%s", reason.text);
	}
	/* No fault of one cell: the others would meet it too, and half a comparison misleads. */
	if (r == -EBUSY || r == -ENOSPC || r == -EROFS || r == -EIO) {
		s->summary.not_permitted = true;
		return error_set(err, r, "%s", reason.text);
	}
	if (required(s->scenario)) {
		s->summary.not_permitted = true;
		return error_set(err, r, "%s (the scenario requires it)", reason.text);
	}
	skip(s, OUTCOME_SKIPPED, &reason);
	return 1;
}

/* Everything as plain numbers. −errno with the reason for a skip. */
static int assign(struct supervisor *s, struct error *reason)
{
	const struct scenario *scenario = s->scenario;
	int r;

	s->assignment = (struct assignment){
		.conditions = &s->conditions,
		.host = s->host,
		.clock = &s->summary.clock,
		.area = &s->area,
		.iterations = scenario->measure.iterations,
		.for_ns = scenario->measure.for_ns,
		.room = s->room,
		.apart = s->apart,
	};
	if (s->conditions.layout == LAYOUT_SHARED && s->conditions.workers == WORKER_PROCESS)
		return error_set(reason, -ENOTSUP,
				 "layout shared: one mapping cannot be shared by worker processes; "
				 "use workers: threads");
	r = steps_resolve(&s->assignment, scenario, &s->cell.params, reason);
	for (unsigned int i = 0; i < s->assignment.nr_calls; i++)
		s->assignment.calls[i].op = find_running(s->assignment.calls[i].op);
	if (!r)
		r = placer_place(s->placer, &s->conditions, &s->assignment, reason);
	return r;
}

static int fit_area(struct supervisor *s, struct error *err)
{
	if (s->area.nr_workers == s->conditions.nr_workers &&
	    s->area.nr_steps == s->assignment.nr_calls)
		return 0;
	area_close(&s->area);
	return area_open(&s->area, s->conditions.nr_workers, s->assignment.nr_calls, err);
}

static const char *step_name(const struct supervisor *s, int step)
{
	if (step >= 0)
		return s->scenario->steps[step].name;
	return step <= -2 ? s->scenario->setup[-2 - step].name : NULL;
}

/* Rules of the file, or the model's word; where the model has none, that is counted. */
static void judge(struct supervisor *s, const struct run_prediction *predicted)
{
	struct repetition *r = &s->record;
	const char *at = step_name(s, r->outcome.step);
	const struct expect_rule *rule;

	conform_conditions(&s->conditions, s->host, r);
	if (s->scenario->expect == EXPECT_OK) {
		conform_outcome("ok", NULL, at, r);
	} else if (s->scenario->expect == EXPECT_RULES) {
		rule = scenario_expect(s->scenario, &s->cell, s->host);
		if (rule)
			conform_outcome(rule->outcome, rule->step, at, r);
	} else if (s->scenario->expect == EXPECT_MODEL && s->room) {
		find_conform(s->room, r);
	} else if (s->scenario->expect == EXPECT_MODEL) {
		r->indeterminate = !predicted->outcome[0];
		if (!r->indeterminate)
			conform_outcome(predicted->outcome, step_name(s, predicted->step), at, r);
	}
}

static void predict(struct supervisor *s, struct run_prediction *ret)
{
	*ret = (struct run_prediction){ .step = -1 };
	if (!s->sink->predict)
		return;
	s->record.committed_bytes = s->host->committed_bytes;
	s->sink->predict(s->sink->context, s->host, &s->assignment, ret);
	if (ret->rule)
		snprintf(s->record.rule, sizeof(s->record.rule), "%s", ret->rule);
}

static void read_back(struct supervisor *s)
{
	static const char *const modes[] = { "heuristic", "always", "never" };
	uint64_t mode;

	if (file_read_u64("/proc/sys/vm/overcommit_memory", &mode) == 0 && mode < 3)
		snprintf(s->record.effective_overcommit, sizeof(s->record.effective_overcommit),
			 "%s", modes[mode]);
}

static int run_process(struct supervisor *s, struct error *err)
{
	const struct scenario *scenario = s->scenario;
	struct run_prediction predicted = { .step = -1 };
	int r;

	r = fit_area(s, err);
	if (r)
		return r;
	read_back(s);
	if (s->room)
		find_room_begin(s->room, s->host, s->options->max_memory_bytes);
	else
		predict(s, &predicted);
	s->watch.timeout_ns = s->options->timeout_ns ? s->options->timeout_ns
						     : scenario->timeout_ns;
	s->watch.reserve_bytes = scenario->may_oom ? budget_reserve_bytes(s->host) / 2 : 0;
	r = repetition_run(&s->assignment, &s->watch, &s->record, err);
	if (r)
		return r;
	repetition_collect(s->collector, &s->assignment, &s->record);
	if (s->room)
		find_collect(s->scenario->find, s->room, &s->record);
	judge(s, &predicted);
	return 0;
}

bool visit_any_apart(struct supervisor *s)
{
	const struct matrix *m = &s->scenario->matrix;
	uint64_t numbers = matrix_numbers(m);
	struct error reason;

	if (s->room || numbers > CHAINED_CELLS_MAX)
		return true;
	for (uint64_t i = 0; i < numbers; i++) {
		if (!matrix_cell(m, s->host, i, &s->cell) ||
		    params_resolve(&s->cell.params, s->host, &s->conditions, &reason) ||
		    assign(s, &reason))
			continue;
		if (!chain_possible(&s->assignment))
			return true;
	}
	return false;
}

int visit_cell(struct supervisor *s, struct error *err)
{
	struct error reason = { "" };
	int r;

	r = params_resolve(&s->cell.params, s->host, &s->conditions, &reason);
	if (r) {
		skip(s, r == -ENOTSUP ? OUTCOME_SKIPPED : OUTCOME_FAILED, &reason);
		return 0;
	}
	r = apply_settings(s, err);
	if (r)
		return r < 0 ? r : 0;
	/* Again: a share of the commit limit is a share of what the settings have made it. */
	if (s->conditions.nr_wanted || s->options->nr_set)
		r = params_resolve(&s->cell.params, s->host, &s->conditions, &reason);
	if (!r)
		r = assign(s, &reason);
	if (r) {
		skip(s, r == -ENOTSUP || r == -ENODATA ? OUTCOME_SKIPPED : OUTCOME_FAILED, &reason);
		return 0;
	}
	if (!s->scenario->may_oom &&
	    budget_check(&s->assignment, s->options->max_memory_bytes, &reason)) {
		skip(s, OUTCOME_REFUSED, &reason);
		return 0;
	}
	return run_process(s, err);
}
