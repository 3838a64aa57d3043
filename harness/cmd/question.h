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

#include <argp.h>

#define QUESTION_LIMITS_MAX 4
#define QUESTION_SET_MAX    16

struct question {
	/* As given; NULL: what the axis says of itself */
	const char *size, *flags, *protection, *overcommit, *hugepages, *address;
	unsigned int nr_limits;
	char *limits[QUESTION_LIMITS_MAX]; /* "as=4GiB" */
	unsigned int nr_set;
	struct field set[QUESTION_SET_MAX]; /* settings, as "name" and "value" */
	const char *system;                 /* a snapshot file; NULL: this machine */
	bool json;
};

/* The question resolved: everything that the model asks for. Large: keep it off small stacks. */
struct asked {
	struct snapshot system;       /* as it stands */
	struct host host;             /* as the question's settings make it */
	struct conditions conditions; /* with the request: conditions.map */
	struct model model;           /* of host and the process */
};

/* Keys of the options that fill a question; a command lists those that it takes, and adds its own.
 */
enum question_option {
	QUESTION_SIZE = 256,
	QUESTION_FLAGS,
	QUESTION_PROTECTION,
	QUESTION_OVERCOMMIT,
	QUESTION_HUGEPAGES,
	QUESTION_ADDRESS,
	QUESTION_LIMIT,
	QUESTION_SET,
	QUESTION_SYSTEM,
	QUESTION_JSON,
	QUESTION_OPTIONS, /* where a command's own keys begin */
};

/* Take one option, cutting text at a sign. A mistake ends the program, as argp_error() does. */
error_t question_option(struct question *q, int key, char *text, struct argp_state *state);

/*
 * The machine is taken as it is, but for what the question says of it: a huge page pool too, which
 * a run would enlarge. −EINVAL for words that make no sense, −ENOTSUP for what the machine has not,
 * −errno otherwise.
 */
int question_resolve(const struct question *q, struct asked *ret, struct error *err);

#endif
