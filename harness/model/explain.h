/* SPDX-License-Identifier: MIT */
/*
 * A prediction in words and sums: the sentence, the arithmetic with this machine's figures, and
 * what would make it succeed, which is tried on the model before it is said. Pure text.
 */
#ifndef MODEL_EXPLAIN_H
#define MODEL_EXPLAIN_H

#include "model/model.h"

#include <stddef.h>

#define TERMS_MAX    12
#define REMEDIES_MAX 8

struct term {
	char sign;      /* '+', '-', '=', '<' (must stay below), or ' ' for the first */
	char label[96]; /* "50 % of RAM" */
	bool is_count;  /* of mappings, not of bytes */
	uint64_t value; /* bytes */
};

/* The comparison that decided a mapping's fate, line by line. Returns how many; 0: nothing to sum.
 */
unsigned int prediction_terms(const struct model *m, const struct map_request *request,
			      const struct prediction *p, struct term ret[TERMS_MAX]);

struct remedy {
	char text[160];         /* "add noreserve" */
	struct prediction then; /* what the model says with it: granted */
};

/*
 * Changes that, each by itself, make a mapping succeed that p refuses. The model has granted every
 * one of them. Returns how many.
 */
unsigned int prediction_remedies(const struct model *m, const struct map_request *request,
				 const struct prediction *p, struct remedy ret[REMEDIES_MAX]);

/* "private anonymous writable, no-reserve": the request in words. Returns ret. */
char *request_describe(const struct map_request *request, char *ret, size_t length);

/*
 * The whole in one sentence: "mmap of 47.1 GiB private anonymous writable memory is refused with
 * ENOMEM: heuristic overcommit refuses …". Returns ret.
 */
char *prediction_sentence(const struct model *m, const struct map_request *request,
			  const struct prediction *p, char *ret, size_t length);

/*
 * The same for what has happened: "mmap of 47.1 GiB private anonymous writable was refused with
 * ENOMEM: heuristic overcommit refuses …". op: that was refused ("map", "touch", …); outcome as in
 * results. Returns ret.
 */
char *happening_sentence(const struct map_request *request, const struct prediction *p,
			 const char *op, const char *outcome, char *ret, size_t length);

/*
 * The most telling remedies as a sentence: "Add noreserve (MAP_NORESERVE), or
 * vm.overcommit_memory=1 (always)."; "" where there are none. Returns ret.
 */
char *remedies_sentence(const struct remedy *remedies, unsigned int n, char *ret, size_t length);

/* "Linux 5.2 and later", "up to Linux 5.1", "every Linux since 4.19". Returns ret. */
char *rule_versions(const struct rule *rule, char *ret, size_t length);

#endif
