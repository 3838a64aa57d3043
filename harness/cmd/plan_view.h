/* SPDX-License-Identifier: MIT */
/* What a plan has found out so far, for those who study cells and those who print. */
#ifndef CMD_PLAN_VIEW_H
#define CMD_PLAN_VIEW_H

#include "run/crew.h"
#include "scenario/scenario.h"

#include <stdbool.h>
#include <stdint.h>

#define PLAN_SHOWN_CELLS 20  /* unless --all */
#define WRITES_MAX       256 /* different values of settings */
#define REASONS_MAX      16  /* different reasons for a skip */

struct plan_arguments {
	bool seed_given, all;
	uint64_t seed, max_memory_bytes, time_limit_ns;
	char **files;
	int nr_files;
};

/* A value that the run would write. */
struct write_row {
	char name[sizeof(((struct wanted *)NULL)->name)];
	char value[sizeof(((struct wanted *)NULL)->value)];
	int refused; /* 0, or why it may not be written */
};

struct reason_row {
	char text[256];
	uint64_t nr, first_cell;
};

struct plan {
	const struct plan_arguments *arguments;
	const struct scenario *scenario;
	const struct host *host;
	uint64_t nr_cells, nr_studied; /* kept by exclude and when; resolved */
	uint64_t nr_skipped, nr_refused, first_refused;
	uint64_t peak_bytes, peak_cell;
	double repetition_ns; /* sum over studied cells that would run */
	uint64_t nr_runs;
	unsigned int nr_writes, nr_reasons;
	struct write_row writes[WRITES_MAX];
	struct reason_row reasons[REASONS_MAX];
	uint64_t other_reasons;
	struct conditions conditions;
	struct assignment assignment;
};

/* Resolve a cell as a run would, and count: skipped, refused, its memory, its time. */
void plan_study_cell(struct plan *p, const struct cell *cell);

/* Bytes that may be resident: --max-memory, or what is available less a reserve. */
uint64_t plan_allowed_bytes(const struct plan *p);

/* The plan on standard output, part by part, in this order. */
void plan_print_head(const struct plan *p, uint64_t seed);
void plan_print_cell(const struct plan *p, const struct cell *cell);
void plan_print_findings(const struct plan *p);

#endif
