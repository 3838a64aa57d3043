/* SPDX-License-Identifier: MIT */
/* The largest mapping that the rules grant, to the page, and the rule that binds. Pure. */
#ifndef MODEL_CEILING_H
#define MODEL_CEILING_H

#include "model/model.h"

struct ceiling {
	uint64_t bytes;     /* the largest length that is granted; 0: none is */
	uint64_t low_bytes; /* surely granted up to here; below `bytes` where a band lies between */
	uint64_t high_bytes;      /* surely refused beyond */
	enum rule_id rule;        /* that stands against one page more; RULE_NONE: nothing does */
	struct prediction beyond; /* of one page (or huge page) more */
};

/* request's length is of no account. With a counter that may be off, bytes lies in the band's
 * middle. */
void model_ceiling(const struct model *m, const struct map_request *request, struct ceiling *ret);

#endif
