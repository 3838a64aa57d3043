/* SPDX-License-Identifier: MIT */
/* What is held against what: the rows of a comparison, made from results or samples. */
#ifndef CMD_CONTRAST_H
#define CMD_CONTRAST_H

#include "cmd/cells.h"
#include "result/comparisons.h"
#include "result/samples.h"

/* What was asked for. */
struct contrast {
	struct compare_options options;
	struct cell_filter filter;
	const char *const *metrics; /* names or steps, NULL-terminated; NULL: the primary ones */
	bool all;                   /* the others too */
	bool margin_given;          /* else the scenario's, where it states one */
};

/*
 * Cells of one run that differ in one axis, paired by round. by NULL: the axis that varies, where
 * only one does; baseline NULL: the first value in the scenario's order. −EINVAL, −ENOMEM.
 */
int contrast_by(const struct result *r, const char *by, const char *baseline,
		const struct contrast *q, struct comparisons *ret, struct error *err);

/*
 * Runs against runs, cells of the same params. One a side: their repetitions are two samples.
 * Several: a run's median is one value; runs of one boot are one value together, unless
 * both sides ran in the same boots. Where A and B took turns in an order that a coin might have
 * given, they are paired by turn.
 */
int contrast_groups(struct result *const *a, size_t nr_a, struct result *const *b, size_t nr_b,
		    const struct contrast *q, struct comparisons *ret, struct error *err);

/*
 * Two files of samples, sets matched by name where there are several; b NULL: the first set of a
 * against each other one. paired: by place. −EINVAL: nothing matches, or other lengths.
 */
int contrast_samples(const char *name_a, const struct samples *a, const char *name_b,
		     const struct samples *b, bool paired, const struct contrast *q,
		     struct comparisons *ret, struct error *err);

#endif
