/* SPDX-License-Identifier: MIT */
/*
 * Other processes as /proc shows them, for who must know whether one is still there when there may
 * be no memory to be had: nothing here allocates.
 */
#ifndef SYS_PROCESS_STAT_H
#define SYS_PROCESS_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Of /proc/PID/stat, see proc_pid_stat(5). */
struct process_stat {
	char state;
	pid_t group, session;
	uint64_t start_ticks;
};

/* −ENOENT, −ESRCH: there is no such process. −EBADMSG: not the line that the kernel writes. */
int process_stat_read(pid_t pid, struct process_stat *ret);

/* Is any process of a group and session left that is no zombie? The group's leader may be gone. */
bool process_group_alive(pid_t group, pid_t session);

#endif
