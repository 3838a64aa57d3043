/* SPDX-License-Identifier: MIT */
/*
 * Time stamps for the timed region. Where the kernel itself trusts the counter (x86: clocksource
 * tsc; aarch64: always) a stamp is one fenced read of it; else it is CLOCK_MONOTONIC.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/error.h"

#include <stdint.h>
#include <time.h>

enum clock_kind {
	CLOCK_KIND_MONOTONIC,    /* a tick is 1 ns */
	CLOCK_KIND_COUNTER,      /* a tick is one count of the TSC or of cntvct_el0 */
	CLOCK_KIND_INSTRUCTIONS, /* an emulator's counter: an instruction is called 1 ns */
};

struct clock {
	enum clock_kind kind;
	double ns_per_tick;
	double stamp_cost_ns; /* of one clock_ticks(): what an execution between two of them has */
	double next_cost_ns;  /* of one clock_next(): what each event of a chain has */
	/* What all differences between stamps are multiples of: a counter may go forward by many
	 * ticks at a time. */
	double resolution_ns;
};

/* CLOCK_MONOTONIC in ns. */
uint64_t clock_now_ns(void);

/* CLOCK_REALTIME in ns since 1970. */
uint64_t clock_realtime_ns(void);

/* The word for a kind in results: "monotonic", "counter", "instructions". */
const char *clock_kind_name(enum clock_kind kind);

/*
 * Choose the kind and calibrate it against CLOCK_MONOTONIC_RAW for some 20 ms. Once a process; the
 * result is valid in children.
 */
void clock_calibrate(struct clock *ret);

/*
 * The clock of a machine whose emulator lets virtual time go forward by 1 ns with every instruction
 * (QEMU: -icount shift=0,sleep=off). The frequency of its counter is known and exact: a calibration
 * would only add its error.
 */
void clock_count_instructions(struct clock *ret);

/*
 * The step that n differences between stamps (at least one not 0) are multiples of, in ticks; 1
 * where it is below 4, which cannot be told from rounding. Sorts them.
 */
uint64_t clock_step_ticks(uint64_t *delta, unsigned int n);

#if defined(__x86_64__)
static inline uint64_t clock_counter(void)
{
	uint32_t low, high, aux;

	/* rdtscp waits for earlier instructions; lfence keeps later ones from starting. */
	__asm__ volatile("rdtscp; lfence" : "=a"(low), "=d"(high), "=c"(aux)::"memory");
	return (uint64_t)high << 32 | low;
}

/* Waits for what came before only: see clock_next(). */
static inline uint64_t clock_counter_next(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}
#elif defined(__aarch64__)
#define clock_counter_next clock_counter
static inline uint64_t clock_counter(void)
{
	uint64_t ticks;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
	return ticks;
}
#else
#define clock_counter_next clock_counter
static inline uint64_t clock_counter(void)
{
	return 0;
}
#endif

static inline uint64_t clock_ticks(const struct clock *clock)
{
	struct timespec now;

	if (clock->kind != CLOCK_KIND_MONOTONIC)
		return clock_counter();
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * A stamp in a chain, where the end of one event is the start of the next: cheaper, since what
 * comes after need not wait for it; what starts early by some cycles still ends before the next
 * stamp.
 */
static inline uint64_t clock_next(const struct clock *clock)
{
	return clock->kind == CLOCK_KIND_COUNTER ? clock_counter_next() : clock_ticks(clock);
}

static inline uint64_t clock_ticks_to_ns(const struct clock *clock, uint64_t ticks)
{
	return (uint64_t)((double)ticks * clock->ns_per_tick + 0.5);
}

#endif
