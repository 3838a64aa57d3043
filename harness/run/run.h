/* SPDX-License-Identifier: MIT */
/*
 * The supervisor: visits the cells round by round in a seeded random order, gives each repetition a
 * fresh process, and hands on what became of it.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/clock.h"
#include "base/error.h"
#include "run/crew.h"
#include "scenario/record.h"
#include "scenario/scenario.h"
#include "sys/cgroup.h"
#include "sys/host.h"
#include "sys/settings.h"

#include <stdbool.h>
#include <stdint.h>

#define RUN_SET_MAX 32

struct run_options {
	uint64_t seed;
	uint64_t max_memory_bytes;        /* 0: what is available less a reserve */
	uint64_t timeout_ns;              /* of one repetition; 0: the scenario's */
	const struct setting_wanted *set; /* in every cell; a cell's own value of a name rules */
	unsigned int nr_set;              /* at most RUN_SET_MAX */
	struct cgroup *cgroup;            /* that repetitions go into; NULL: none */
	uint64_t time_limit_ns;           /* of the whole run, see tracks_due(); 0: none */
	bool count_instructions;          /* see clock_count_instructions() */
};

struct run_progress {
	uint64_t done, total; /* repetitions; total is the least that will run */
	unsigned int round;
	uint64_t elapsed_ns, left_ns; /* left_ns 0: not known yet */
	char cell[160];               /* what runs now */
};

/* What the kernel's rules say beforehand. */
struct run_prediction {
	const char *rule; /* static; NULL: none refuses */
	char outcome[32]; /* as of outcome_name(); "": indeterminate */
	int step;         /* as of outcome.step; −1: none */
};

/* Where a run reports to. Any of them may be NULL. */
struct run_sink {
	void *context;

	/* A finished repetition, skipped and refused ones too. Negative: the run ends with it. */
	int (*repetition)(void *context, const struct cell *cell, const struct repetition *r,
			  struct error *err);
	void (*progress)(void *context, const struct run_progress *p);

	/* What an earlier run of the same seed left: called once, before the first round. */
	int (*replay)(void *context, void (*take)(void *taker, const struct repetition *r),
		      void *taker);

	/* Something to know beside the repetitions: kind is one word ("settings"). */
	void (*warn)(void *context, const char *kind, const char *sentence);

	/* The model's word for a repetition, before it runs, on the host as its settings make it.
	 */
	void (*predict)(void *context, const struct host *host, const struct assignment *a,
			struct run_prediction *ret);
};

struct run_summary {
	uint64_t nr_repetitions, nr_cells;
	uint64_t nr_unexpected, nr_indeterminate, nr_failed, nr_skipped, nr_refused, nr_degraded,
		nr_oom, nr_timeout;
	bool not_permitted;    /* a setting that the scenario requires */
	bool not_restored;     /* a setting */
	int signal;            /* SIGINT or SIGTERM ended the run; 0: none */
	bool out_of_time;      /* the time limit did */
	uint64_t spent_ns;     /* with what earlier processes of the run spent */
	uint64_t nr_unsettled; /* cells without what they are repeated for: tracks_unsettled() */
	struct clock clock;
};

/*
 * Run the scenario. ret is filled in any case. 0 when it ran to its end or a signal ended it (see
 * ret->signal); −errno when it could not go on. Settings are restored in every case.
 */
int run_scenario(const struct scenario *s, struct host *host, const struct run_options *options,
		 const struct run_sink *sink, struct run_summary *ret, struct error *err);

#endif
