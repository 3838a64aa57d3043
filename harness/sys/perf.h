/* SPDX-License-Identifier: MIT */
/*
 * Performance events of a thread, and of all that it starts, while they are switched on. Events
 * that the CPU can count at once form a group, so that their ratios are of the same instructions;
 * groups take turns where it has fewer counters than there are events.
 */
#ifndef SYS_PERF_H
#define SYS_PERF_H

#include <stdbool.h>
#include <stdint.h>

#define PERF_EVENTS_MAX 16
#define PERF_NAME_MAX   64

/* Which events, by their names; see sys/perf_event.h. */
struct perf_choice {
	unsigned int nr;
	char names[PERF_EVENTS_MAX][PERF_NAME_MAX];
	bool cheap; /* not named, nor all events timed: none that costs time in every page fault */
};

#define PERF_METRIC_MAX (PERF_NAME_MAX + 8)

/* "perf.NAME": what the event is called among the metrics. Returns ret. */
const char *perf_metric(const struct perf_choice *choice, unsigned int event,
			char ret[PERF_METRIC_MAX]);

/* What is counted where nobody says: cycles, instructions, TLB and cache misses, page faults. */
void perf_choose_usual(struct perf_choice *ret);

/* Does it cost time in each fault, and nobody wants it? Then it is absent. */
bool perf_left_out(const struct perf_choice *choice, unsigned int event);

/*
 * Find out what each means, whether it can be had, and what goes into a group. Once before
 * perf_open() and any fork; again for another choice. Takes some 10 ms.
 */
void perf_prepare(const struct perf_choice *choice);

/* How many were prepared; of each, by index: its name; why it cannot be had here, or NULL: it can;
 * what to know of its figures, or NULL; its unit, and what it is, or NULL. */
unsigned int perf_count(void);
const char *perf_name(unsigned int event);
const char *perf_absence(unsigned int event);
const char *perf_note(unsigned int event);
const char *perf_unit(unsigned int event);
const char *perf_help(unsigned int event);

struct perf;

/*
 * Open them for the calling thread and the threads and children that it will have, not counting
 * yet. *ret is NULL where there is none. What could be had before and cannot now has its error in
 * perf_read(). −ENOMEM.
 */
int perf_open(struct perf **ret);

/* Count from here, to here: a system call a group each. NULL is fine. */
void perf_start(const struct perf *p);
void perf_stop(const struct perf *p);

/* perf_event_open(2), "Reading results": enabled while it was switched on, running on a counter. */
struct perf_reading {
	uint64_t count, enabled_ns, running_ns;
	int32_t error; /* −errno; 0: it was counted */
};

void perf_read(const struct perf *p, struct perf_reading ret[PERF_EVENTS_MAX]);

/* NULL is fine. */
void perf_close(struct perf *p);

/* Of all who counted. NaN: not to be had. */
struct perf_total {
	double value; /* scaled up to all of the time that it was switched on */
	double share; /* of that time, in which it had a counter: the least of all. 0: never */
};

/* The sum over workers, each scaled by its own share. */
void perf_add_up(const struct perf_reading *const *workers, unsigned int nr, unsigned int event,
		 struct perf_total *ret);

#endif
