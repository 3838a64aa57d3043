/* SPDX-License-Identifier: MIT */
#include "cmd/recording.h"

#include "model/outcome.h"
#include "sys/process.h"

#include <stdio.h>
#include <string.h>

static void print_repetition(const struct recording *recording, const struct cell *cell,
			     const struct repetition *r)
{
	const struct scenario *s = recording->scenario;
	const char *step = r->outcome.step >= 0 ? s->steps[r->outcome.step].name : NULL;
	char name[256];

	fprintf(stderr, "round %u  %s  %s%s%s%s%s%s\n", r->round + 1,
		cell_format(&s->matrix, cell, name, sizeof(name)), outcome_name(&r->outcome),
		step ? " at " : "", step ? step : "", r->outcome.detail[0] ? ": " : "",
		r->outcome.detail, r->expected_known && !r->as_expected ? "  NOT AS EXPECTED" : "");
}

static int take_repetition(void *context, const struct cell *cell, const struct repetition *r,
			   struct error *err)
{
	struct recording *recording = context;

	if (recording->verbose) {
		progress_clear(&recording->progress);
		print_repetition(recording, cell, r);
	}
	return recorder_repetition(recording->recorder, cell, r, err);
}

static void take_progress(void *context, const struct run_progress *p)
{
	struct recording *recording = context;

	progress_update(&recording->progress, p);
}

/* On the screen each time; in the result once, though the run was resumed. */
static void take_warning(void *context, const char *kind, const char *sentence)
{
	struct recording *recording = context;
	bool known = recording->resume && resume_has_warning(recording->resume, kind, sentence);

	/* What guards a run is in its result; on the screen it would be said every time. */
	if (recording->verbose || strcmp(kind, "guard") != 0) {
		progress_clear(&recording->progress);
		fprintf(stderr, "overmap: warning: %s: %s\n", kind, sentence);
	}
	if (!known)
		recorder_warn(recording->recorder, kind, sentence, NULL);
}

/* Setup steps are calls below nr_setup; outcome.step counts them downward from −2. */
static int outcome_step(const struct assignment *a, int call)
{
	if (call < 0)
		return -1;
	return call < (int)a->nr_setup ? -2 - call : call - (int)a->nr_setup;
}

static void predict(void *context, const struct host *host, const struct assignment *a,
		    struct run_prediction *ret)
{
	struct process_memory process;
	struct outlook outlook;

	(void)context;
	if (process_memory_read(&process, PROCESS_MAPS, NULL))
		return;
	model_outcome(host, &process, a->conditions, a->calls, a->active, a->nr_calls, &outlook);
	if (outlook.rule != RULE_NONE)
		ret->rule = rule_get(outlook.rule)->name;
	snprintf(ret->outcome, sizeof(ret->outcome), "%s", outlook.outcome);
	ret->step = outcome_step(a, outlook.step);
}

static int replay(void *context, void (*take)(void *taker, const struct repetition *r), void *taker)
{
	struct recording *recording = context;

	if (recording->resume)
		resume_replay(recording->resume, recording->scenario, take, taker);
	return 0;
}

void recording_note(void *context, const char *kind, const char *text)
{
	struct recording *recording = context;
	struct recording_note *note;

	if (recording->nr_notes == NOTES_MAX)
		return;
	note = &recording->notes[recording->nr_notes++];
	snprintf(note->kind, sizeof(note->kind), "%s", kind);
	snprintf(note->text, sizeof(note->text), "%s", text);
}

void recording_tell_notes(struct recording *recording)
{
	for (unsigned int i = 0; i < recording->nr_notes; i++)
		take_warning(recording, recording->notes[i].kind, recording->notes[i].text);
}

struct run_sink recording_sink(struct recording *recording)
{
	return (struct run_sink){
		.context = recording,
		.repetition = take_repetition,
		.progress = take_progress,
		.replay = replay,
		.predict = predict,
		.warn = take_warning,
	};
}
