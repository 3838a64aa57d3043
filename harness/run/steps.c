/* SPDX-License-Identifier: MIT */
#include "run/steps.h"

static int resolve(struct assignment *a, const struct step *steps, unsigned int n,
		   const struct params *params, struct conditions *now, struct error *err)
{
	for (unsigned int i = 0; i < n; i++) {
		struct op_call *call = &a->calls[a->nr_calls];
		bool active = pattern_match(steps[i].when, params, a->host);
		int r = op_call_resolve(steps[i].op, steps[i].args, a->conditions, a->host, call,
					err);

		if (!r && active)
			r = op_follow(call, a->conditions, a->host, now, err);
		if (r)
			return r;
		call->each_event = steps[i].each_event;
		a->active[a->nr_calls++] = active;
	}
	return 0;
}

int steps_resolve(struct assignment *a, const struct scenario *s, const struct params *params,
		  struct error *err)
{
	struct conditions now = *a->conditions;
	int r;

	a->nr_calls = 0;
	r = resolve(a, s->setup, s->nr_setup, params, &now, err);
	a->nr_setup = a->nr_calls;
	return r ? r : resolve(a, s->steps, s->nr_steps, params, &now, err);
}
