/* SPDX-License-Identifier: MIT */
/* What a run carries from cell to cell. Known to run/ only. */
#ifndef RUN_SUPERVISOR_H
#define RUN_SUPERVISOR_H

#include "run/area.h"
#include "run/crew.h"
#include "run/find.h"
#include "run/placer.h"
#include "run/repetition.h"
#include "run/run.h"
#include "run/tracks.h"
#include "sys/settings.h"

#include <signal.h>

struct supervisor {
	const struct scenario *scenario;
	struct host *host;
	struct host start; /* as it was: sizes are shares of this */
	bool apart;        /* no cell's steps are a chain: see run/chain.h */
	const struct run_options *options;
	const struct run_sink *sink;
	struct settings *settings;
	struct tracks *tracks;
	struct collector *collector;
	struct placer *placer;
	struct area area;
	struct find_room *room; /* NULL: the scenario searches for nothing */
	struct watch watch;
	struct run_summary summary;
	uint64_t began_ns, sequence;
	uint64_t nr_here;       /* repetitions of this process */
	double elapsed_ns;      /* that these took */
	uint64_t earlier_ns;    /* that earlier processes of the run took */
	uint64_t last_ended_ns; /* CLOCK_REALTIME: an earlier process' last repetition */
	sigset_t old_signals;

	/* The repetition at hand. */
	struct cell cell;
	struct conditions conditions;
	struct assignment assignment;
	struct repetition record;
};

/*
 * Fill s->record for s->cell: by running it, or by saying why not (skipped, refused, failed).
 * −errno where the run cannot go on.
 */
int visit_cell(struct supervisor *s, struct error *err);

/*
 * Before the first: is one cell's time to be taken apart? Then it is in all, since cells that are
 * compared are to be timed in one way.
 */
bool visit_any_apart(struct supervisor *s);

#endif
