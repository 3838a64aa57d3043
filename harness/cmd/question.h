/* SPDX-License-Identifier: MIT */
/*
 * A question about one mapping, as `predict` and `ceiling` take it: the words of the axes, and the
 * machine that it is put to, this one or a snapshot.
 */
#ifndef CMD_QUESTION_H
#define CMD_QUESTION_H

#include "axes/axis.h"
#include "model/model.h"
#include "result/snapshot.h"

#define QUESTION_LIMITS_MAX 4

struct question {
	/* As given; NULL: what the axis says of itself */
	const char *size, *flags, *protection, *overcommit, *hugepages, *address;
	unsigned int nr_limits;
	char *limits[QUESTION_LIMITS_MAX]; /* "as=4GiB" */
	const char *system;                /* a snapshot file; NULL: this machine */
};

/* The question resolved: everything that the model asks for. Large: keep it off small stacks. */
struct asked {
	struct snapshot system;       /* as it stands */
	struct host host;             /* as the question's settings make it */
	struct conditions conditions; /* with the request: conditions.map */
	struct model model;           /* of host and the process */
};

/* Keep "name=size" for --limit. −EINVAL where it has no such form, −ENOSPC for too many. */
int question_limit(struct question *q, char *text, struct error *err);

/* −EINVAL for words that make no sense, −ENOTSUP for what the machine has not, −errno otherwise. */
int question_resolve(const struct question *q, struct asked *ret, struct error *err);

#endif
