/* SPDX-License-Identifier: MIT */
/*
 * How far a run is: a bar that is redrawn on a terminal, a plain line every so often elsewhere.
 */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include "run/run.h"

#include <stdbool.h>
#include <stdint.h>

enum progress_style { PROGRESS_NONE, PROGRESS_LINES, PROGRESS_BAR };

struct progress {
	enum progress_style style;
	bool colour;
	uint64_t last_ns; /* when something was last written */
	bool drawn;       /* a bar stands on the screen's last line */
};

/*
 * quiet: nothing at all. Else a bar where stderr is a terminal that can redraw a line (TERM is not
 * "dumb"), with colour unless NO_COLOR is set; else lines.
 */
void progress_open(struct progress *p, bool quiet);

/* Ten times a second at most on a terminal, every 10 s elsewhere. */
void progress_update(struct progress *p, const struct run_progress *now);

/* Take the bar away, so that something else can be written. */
void progress_clear(struct progress *p);

#endif
