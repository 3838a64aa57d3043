/* SPDX-License-Identifier: MIT */
/*
 * How long a thread has waited for a CPU: what a step took where there are more workers than CPUs,
 * less that, is what it would have taken alone.
 */
#ifndef SYS_RUNQUEUE_H
#define SYS_RUNQUEUE_H

#include <stdint.h>

/*
 * A descriptor for the calling thread, to close(), or −errno: -ENOTSUP where the kernel does not
 * account for it (neither CONFIG_SCHEDSTATS nor CONFIG_TASK_DELAY_ACCT, sched-stats(5)).
 */
int runqueue_open(void);

/*
 * ns that the thread which opened it has been ready to run and had no CPU, since it began: the
 * second figure of /proc/PID/schedstat. It grows when the thread is given a CPU, so of the thread
 * itself it is always up to date. 0 where fd is negative. One system call, some 0.5 µs.
 */
uint64_t runqueue_waited_ns(int fd);

#endif
