/* SPDX-License-Identifier: MIT */
/*
 * What a whole repetition is to end as: the steps of a cell, one after the other, on the machine as
 * its settings make it. This is where the model meets axes and ops.
 */
#ifndef MODEL_OUTCOME_H
#define MODEL_OUTCOME_H

#include "axes/axis.h"
#include "model/model.h"
#include "ops/op.h"

struct outlook {
	enum verdict verdict;
	enum rule_id rule;
	int step;         /* index of the call that ends it; −1: none */
	char outcome[32]; /* "ok", "ENOMEM", "SIGBUS", "oom-killed"; "": indeterminate */
	struct prediction prediction; /* of that call, else of the last map */
};

/*
 * The machine as the conditions make it: vm.* values, pools and limits that they want, in *ret.
 * Wanted values that the rules do not ask about are passed over.
 */
void model_host_under(const struct host *host, const struct conditions *c, struct host *ret);

/*
 * Predict a repetition: the calls in order, for as many mappings as there are workers. host is the
 * machine as it stands, process the one that will map (for a forked child: its parent's will do).
 * active may be NULL: all calls. An operation that the rules do not know changes nothing.
 */
void model_outcome(const struct host *host, const struct process_memory *process,
		   const struct conditions *c, const struct op_call *calls, const bool *active,
		   unsigned int nr_calls, struct outlook *ret);

/*
 * The same on a machine that is as the conditions make it (model_host_under()), which must outlive
 * *ret_before: the machine and process just before the call of ret->prediction. May be NULL.
 */
void model_outcome_under(const struct host *under, const struct process_memory *process,
			 const struct conditions *c, const struct op_call *calls,
			 const bool *active, unsigned int nr_calls, struct outlook *ret,
			 struct model *ret_before);

#endif
