/* SPDX-License-Identifier: MIT */
/* A worker's life: it takes its place, prepares, does the setup and the timed passes, finishes. */
#ifndef RUN_WORK_H
#define RUN_WORK_H

/* argument: its struct seat. Returns NULL; what became of it is in the report. */
void *work_through(void *argument);

#endif
