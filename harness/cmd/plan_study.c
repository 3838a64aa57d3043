/* SPDX-License-Identifier: MIT */
/* One cell of a plan: as a run would resolve it, touching nothing. */
#include "cmd/plan_view.h"

#include "run/budget.h"
#include "run/steps.h"
#include "sys/settings.h"

#include <stdio.h>
#include <string.h>

/* What the estimate of time reckons with; it says so. */
#define REPETITION_NS   3000000u     /* fork, start, journal line */
#define STEP_NS         5000u        /* a step without memory */
#define BYTES_TOUCHED_S (1ull << 30) /* first touches of base pages, one worker */

static void note_reason(struct plan *p, uint64_t cell, const char *text)
{
	struct reason_row *row;

	p->nr_skipped++;
	for (unsigned int i = 0; i < p->nr_reasons; i++) {
		row = &p->reasons[i];
		if (strncmp(row->text, text, sizeof(row->text) - 1) == 0) {
			row->nr++;
			return;
		}
	}
	if (p->nr_reasons == REASONS_MAX) {
		p->other_reasons++;
		return;
	}
	row = &p->reasons[p->nr_reasons++];
	snprintf(row->text, sizeof(row->text), "%.*s", (int)sizeof(row->text) - 1, text);
	row->nr = 1;
	row->first_cell = cell;
}

/* The row of a wanted value, with whether it may be written; asked once a value. */
static const struct write_row *note_write(struct plan *p, const struct wanted *wanted)
{
	struct write_row *row;

	for (unsigned int i = 0; i < p->nr_writes; i++)
		if (strcmp(p->writes[i].name, wanted->name) == 0 &&
		    strcmp(p->writes[i].value, wanted->value) == 0)
			return &p->writes[i];
	if (p->nr_writes == WRITES_MAX)
		return NULL;
	row = &p->writes[p->nr_writes++];
	memcpy(row->name, wanted->name, sizeof(row->name));
	memcpy(row->value, wanted->value, sizeof(row->value));
	row->refused = settings_check(row->name, row->value, NULL);
	return row;
}

static int check_writes(struct plan *p, struct error *reason)
{
	int r = 0;

	for (unsigned int i = 0; i < p->conditions.nr_wanted; i++) {
		const struct write_row *row = note_write(p, &p->conditions.wanted[i]);

		if (row && row->refused && !r)
			r = settings_check(row->name, row->value, reason);
	}
	return r;
}

uint64_t plan_allowed_bytes(const struct plan *p)
{
	if (p->arguments->max_memory_bytes)
		return p->arguments->max_memory_bytes;
	return budget_allowed_bytes(p->host);
}

static void note_time(struct plan *p, uint64_t peak_bytes)
{
	const struct measure *m = &p->scenario->measure;
	double pass = (double)p->assignment.nr_calls * STEP_NS;
	double touching = (double)peak_bytes / (double)BYTES_TOUCHED_S * 1e9;

	p->nr_runs++;
	p->repetition_ns += REPETITION_NS;
	if (m->for_ns)
		p->repetition_ns += (double)m->for_ns + touching;
	else
		p->repetition_ns += (double)m->iterations * (pass + touching);
}

static int resolve_cell(struct plan *p, const struct cell *cell, struct error *reason)
{
	int r = params_resolve(&cell->params, p->host, &p->conditions, reason);

	p->assignment.iterations = p->scenario->measure.iterations;
	p->assignment.conditions = &p->conditions;
	p->assignment.host = p->host;
	if (!r)
		r = check_writes(p, reason);
	return r ? r : steps_resolve(&p->assignment, p->scenario, &cell->params, reason);
}

void plan_study_cell(struct plan *p, const struct cell *cell)
{
	struct error reason = { "" };
	uint64_t peak;

	p->nr_studied++;
	if (resolve_cell(p, cell, &reason)) {
		note_reason(p, cell->index, reason.text);
		return;
	}
	peak = budget_peak_bytes(&p->assignment);
	if (peak > p->peak_bytes) {
		p->peak_bytes = peak;
		p->peak_cell = cell->index;
	}
	if (peak > plan_allowed_bytes(p) && !p->scenario->may_oom) {
		if (!p->nr_refused++)
			p->first_refused = cell->index;
		return;
	}
	note_time(p, peak < plan_allowed_bytes(p) ? peak : plan_allowed_bytes(p));
}
