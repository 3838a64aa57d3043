/* SPDX-License-Identifier: MIT */
#include "run/steps.h"

#include <errno.h>

static int resolve(struct assignment *a, const struct step *steps, unsigned int n,
		   const struct params *params, struct conditions *now, struct error *err)
{
	for (unsigned int i = 0; i < n; i++) {
		struct op_call *call = &a->calls[a->nr_calls];
		bool active = pattern_match(steps[i].when, params, a->host);
		/* "50% mapping" is half of what the mapping is by then, where there is one. */
		const struct conditions *c = now->map.length_bytes ? now : a->conditions;
		int r = op_call_resolve(steps[i].op, steps[i].args, c, a->host, call, err);

		if (!r && active)
			r = op_follow(call, a->conditions, a->host, now, err);
		if (r)
			return r;
		call->each_event = steps[i].each_event;
		a->active[a->nr_calls++] = active;
	}
	return 0;
}

/* What a pass leaves the next begins with, and every argument was made ready for the first. */
static int same_length(uint64_t found_bytes, const struct conditions *now, struct error *err)
{
	char found[32], left[32];

	if (!found_bytes || !now->map.length_bytes || found_bytes == now->map.length_bytes)
		return 0;
	return error_set(err, -ENOTSUP,
			 "the steps cannot be repeated: they find a mapping of %s and leave one of "
			 "%s: give it its length back, or measure one iteration",
			 bytes_format_exact(found_bytes, found, sizeof(found)),
			 bytes_format_exact(now->map.length_bytes, left, sizeof(left)));
}

int steps_resolve(struct assignment *a, const struct scenario *s, const struct params *params,
		  struct error *err)
{
	struct conditions now = *a->conditions;
	uint64_t found_bytes;
	int r;

	a->nr_calls = 0;
	r = resolve(a, s->setup, s->nr_setup, params, &now, err);
	a->nr_setup = a->nr_calls;
	found_bytes = now.map.length_bytes;
	if (!r)
		r = resolve(a, s->steps, s->nr_steps, params, &now, err);
	return r || a->iterations == 1 ? r : same_length(found_bytes, &now, err);
}
