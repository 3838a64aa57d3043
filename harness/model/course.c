/* SPDX-License-Identifier: MIT */
/*
 * Where a call may be refused for a reason that lies outside the rules (contents, advice that fits
 * only some mappings), the course says indeterminate, never "ok" by default.
 */
#include "model/course_steps.h"

#include "model/check.h"

#include "base/cleanup.h"

#include <signal.h>
#include <string.h>

uint64_t course_argument(const struct op_call *call, const char *name, uint64_t otherwise)
{
	for (unsigned int i = 0; call->op->args && call->op->args[i].name; i++) {
		if (strcmp(call->op->args[i].name, name) == 0)
			return call->args[i];
	}
	return otherwise;
}

bool course_chose(const struct op_call *call, const char *name, const char *word)
{
	for (unsigned int i = 0; call->op->args && call->op->args[i].name; i++) {
		const struct arg *arg = &call->op->args[i];

		if (strcmp(arg->name, name) == 0 && arg->type == ARG_CHOICE)
			return strcmp(arg->choices[call->args[i]], word) == 0;
	}
	return false;
}

int course_choice(const struct op_call *call, const char *name, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (course_chose(call, name, words[i]))
			return i;
	}
	return -1;
}

void course_leave_open(const struct course *c, struct prediction *ret)
{
	check_granted(ret);
	ret->mapping = c->mapping;
	ret->verdict = VERDICT_INDETERMINATE;
}

void course_reach(struct course *c, uint64_t bytes, bool write, struct prediction *ret)
{
	struct model_mapping all = c->parted ? c->head : c->mapping;

	if (bytes > all.length_bytes)
		bytes = all.length_bytes;
	if (c->parted && !all.hole_bytes && bytes > c->head_bytes) {
		course_leave_open(c, ret);
		return;
	}
	model_touch(&c->model, &all, bytes, write, ret);
	/* What all workers touch together must fit into memory too. */
	if (ret->verdict == VERDICT_GRANTED && c->nr_mappings > 1) {
		all.hole_bytes = 0; /* they do not reach it */
		all.length_bytes *= c->nr_mappings;
		all.object_bytes *= c->nr_mappings;
		model_touch(&c->model, &all, bytes * c->nr_mappings, write, ret);
	}
	if (ret->verdict != VERDICT_GRANTED)
		return;
	if (bytes > c->reached_bytes) {
		model_apply(&c->model, ret);
		c->reached_bytes = bytes;
	}
	if (write && (c->mapping.traits & MAPPED_ANONYMOUS))
		c->mapping.traits |= MAPPED_TOUCHED;
}

bool course_meets_parts(const struct course *c, uint64_t from, uint64_t bytes,
			struct prediction *ret)
{
	uint64_t length = c->mapping.length_bytes, hole = c->head.hole_offset;
	uint64_t end = bytes < length - from ? from + bytes : length;

	if (!c->parted)
		return false;
	if (c->head.hole_bytes && end > hole && from < hole + c->head.hole_bytes)
		check_refuse(ret, RULE_HOLE, end, hole);
	else
		course_leave_open(c, ret);
	return true;
}

void course_no_signal(struct prediction *p, int at_protection, int at_object)
{
	if (p->verdict != VERDICT_DEFERRED || rule_get(p->rule)->signal == SIGKILL)
		return;
	p->verdict = VERDICT_REFUSED;
	p->error = p->rule == RULE_PROTECTION_FAULT ? at_protection
		   : p->rule == RULE_HOLE           ? rule_get(p->rule)->error
						    : at_object;
}

static const struct {
	const char *name;
	bool anywhere; /* asks for no mapping */
	bool by_part;  /* knows that parts of a mapping may differ */
	course_step_fn *step;
} steps[] = {
	{ "map", true, true, course_map },
	{ "touch", false, true, course_touch },
	{ "unmap", false, true, course_unmap },
	{ "protect", false, true, course_protect },
	{ "remap", false, true, course_remap },
	{ "fork", false, true, course_fork },
	{ "lock", false, true, course_lock },
	{ "unlock", false, true, course_unlock },
	{ "advise", false, true, course_advise },
	{ "refault", false, false, course_refault },
	{ "commit", false, false, course_commit },
	{ "brk", true, true, course_brk },
	{ "churn", true, true, course_churn },
	{ "many", true, true, course_many },
	{ "fill", false, true, course_fill },
	{ "verify", false, true, course_verify },
	{ "chase", false, true, course_chase },
	{ "stream", false, false, course_stream },
	{ "userfault", false, false, course_userfault },
	{ "sync", false, true, course_sync },
	{ "move", false, false, course_move },
	{ "delay", false, true, course_delay },
};

/* May it leave something else in the mapping than what was there, or more than that? */
static bool overwrites(const struct course *c, const struct op_call *call)
{
	static const char *const discards[] = { "dontneed", "free", "remove", NULL };
	const char *name = call->op->name;

	if (strcmp(name, "touch") == 0)
		return course_chose(call, "access", "write") &&
		       !course_chose(call, "method", "populate");
	if (strcmp(name, "advise") == 0)
		return course_choice(call, "advice", discards) >= 0;
	if (strcmp(name, "remap") == 0)
		return course_argument(call, "to", 0) > c->mapping.length_bytes;
	return call->op->traits & OP_OVERWRITES || strcmp(name, "chase") == 0;
}

bool course_step(struct course *c, const struct op_call *call, struct prediction *ret)
{
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
		if (strcmp(steps[i].name, call->op->name) != 0)
			continue;
		if (!c->mapped && !steps[i].anywhere)
			return false;
		/* Places far apart may lie on both sides of a hole. */
		if (c->parted && (!steps[i].by_part ||
				  course_argument(call, "stride", 0) > c->model.host->page_bytes))
			break;
		c->filled = c->filled && !overwrites(c, call);
		steps[i].step(c, call, ret);
		return true;
	}
	course_leave_open(c, ret); /* nobody has told what the rules make of it */
	return true;
}
