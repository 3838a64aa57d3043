/* SPDX-License-Identifier: MIT */
#include "cmd/ending.h"

#include "base/cleanup.h"
#include "cmd/cells.h"
#include "model/explain.h"

#include <stdio.h>
#include <string.h>

bool ending_well(const char *outcome)
{
	return strcmp(outcome, "ok") == 0 || strcmp(outcome, "degraded") == 0;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool agrees(const struct remade *m, const struct result_repetition *rep, const char *step)
{
	if (strcmp(m->outlook.outcome, "ok") == 0)
		return ending_well(rep->outcome);
	return strcmp(m->outlook.outcome, rep->outcome) == 0 && same_text(step, rep->step);
}

/* Not the kernel's word: our own, with the reason in detail. NULL: it is the kernel's. */
static const char *own_words(const char *outcome)
{
	static const struct {
		const char *outcome, *text;
	} words[] = {
		{ "skipped", "not possible on that machine" },
		{ "refused", "overmap did not run it: over the memory budget" },
		{ "failed", "the harness itself failed" },
		{ "timeout", "it did not end in time" },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
		if (strcmp(words[i].outcome, outcome) == 0)
			return words[i].text;
	}
	return NULL;
}

/* Prediction and outcome differ: both sides, and which of them was said before it ran. */
static void say_both(const struct remade *m, const struct result_repetition *rep, const char *step,
		     char *ret, size_t length)
{
	const struct outlook *o = &m->outlook;
	const struct rule *rule = rule_get(o->rule);

	snprintf(ret, length,
		 "The kernel: %s%s%s. The rules, with that machine's numbers: %s%s%s (%s).%s%s",
		 rep->outcome, rep->step ? " at " : "", rep->step ? rep->step : "",
		 o->outcome[0] ? o->outcome : "cannot be known", step ? " at " : "",
		 step ? step : "", rule->text, rep->rule ? " Before it ran they said: " : "",
		 rep->rule ? rep->rule : "");
}

static void say(const struct remade *m, struct explanation *e, const struct result_repetition *rep,
		char *ret, size_t length)
{
	struct remedy remedies[REMEDIES_MAX];
	size_t used;
	unsigned int n;

	if (!e->agrees) {
		say_both(m, rep, e->predicted_step, ret, length);
		return;
	}
	if (ending_well(rep->outcome)) {
		prediction_sentence(e->answer.model, e->answer.request, &e->answer.prediction, ret,
				    length);
		used = strlen(ret);
		snprintf(ret + used, length - used, "; it ended %s%s%s.", rep->outcome,
			 rep->detail ? ": " : "", rep->detail ? rep->detail : "");
		return;
	}
	happening_sentence(e->answer.request, &e->answer.prediction, remade_op(m), rep->outcome,
			   ret, length);
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

/* A search: what it found, and the rule that binds there. */
static void say_found(const struct remade *m, const struct result_repetition *rep, char *ret,
		      size_t length)
{
	const struct rule *rule = rep->rule ? rule_find(rep->rule) : NULL;
	char words[96];

	request_describe(&m->request, words, sizeof(words));
	snprintf(ret, length, "Of %s memory: %s.%s%s%s", words,
		 rep->detail ? rep->detail : rep->outcome, rule ? " What binds: " : "",
		 rule ? rule->text : "", rule ? "." : "");
}

bool ending_same(const struct result_repetition *a, const struct result_repetition *b)
{
	return strcmp(a->outcome, b->outcome) == 0 && same_text(a->step, b->step);
}

/* The rules are asked, and the sentence is theirs where they agree. */
static void explain_by_rules(struct ending *e, struct remade *m,
			     const struct result_repetition *rep)
{
	struct explanation *x = &e->explanation;

	remade_ask(m);
	x->predicted = true;
	x->predicted_outcome = m->outlook.outcome;
	x->predicted_step = remade_step(m, e->step, sizeof(e->step));
	x->agrees = agrees(m, rep, x->predicted_step);
	x->answer = (struct answer){ .model = &m->before,
				     .request = &m->request,
				     .prediction = m->outlook.prediction };
	x->curable = x->answer.prediction.verdict == VERDICT_REFUSED &&
		     strcmp(remade_op(m), "map") == 0;
	say(m, x, rep, e->sentence, sizeof(e->sentence));
}

void ending_explain(struct ending *ret, struct remade *m, const struct result *r,
		    const struct result_repetition *rep, uint32_t n)
{
	const struct result_cell *cell = &r->cells[rep->cell];
	const char *own = own_words(rep->outcome);
	struct error reason = { "" };

	ret->explanation = (struct explanation){
		.number = cell->number,
		.cell = cells_name(r, rep->cell, -1, ret->name, sizeof(ret->name)),
		.outcome = rep->outcome,
		.step = rep->step,
		.detail = rep->detail,
		.nr_repetitions = n,
		.nr_all = cell->nr_repetitions,
		.sentence = ret->sentence,
	};
	if (own)
		snprintf(ret->sentence, sizeof(ret->sentence), "%s%s%s.", own,
			 rep->detail ? ": " : "", rep->detail ? rep->detail : "");
	else if (remade_make(m, cell->number, rep->effective.committed_bytes, &reason))
		snprintf(ret->sentence, sizeof(ret->sentence),
			 "It cannot be made again from the result: %s.", reason.text);
	else if (m->scenario->find)
		say_found(m, rep, ret->sentence, sizeof(ret->sentence));
	else
		explain_by_rules(ret, m, rep);
}
