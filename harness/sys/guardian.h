/* SPDX-License-Identifier: MIT */
/*
 * A process that outlives the one it guards: when that goes, however it goes, the guardian kills
 * the repetition that it left and does one last duty.
 */
#ifndef SYS_GUARDIAN_H
#define SYS_GUARDIAN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct guardian;

/* What the guardian does, in its own process. Neither may need memory. */
struct guardian_duty {
	int (*prepare)(void *context); /* before the start is reported; 0 or −errno */
	void (*last)(void *context);   /* after the death of whom it guards */
	void *context;
	const int *keep; /* descriptors that stay open in it */
	size_t nr_keep;
};

/*
 * Start a guardian of the calling process: of its own session, deaf to signals but SIGKILL, named
 * "overmap-guard", spared by the OOM killer where that is permitted. It is no child of the caller:
 * there is nothing to wait for. Returns when it is ready. −errno with the sentence.
 */
int guardian_start(struct guardian **ret, const struct guardian_duty *duty, struct error *err);

/* False once it is gone. g may be NULL: false. */
bool guardian_alive(const struct guardian *g);

/* Its pid in the caller's pid namespace. */
pid_t guardian_pid(const struct guardian *g);

/*
 * The leader of the process group to kill, 0 for none. Costs a read of the clock, no system call.
 */
void guardian_watch(struct guardian *g, pid_t repetition);

/* It goes without doing its last duty; returns when it is gone. Frees g; NULL: nothing. */
void guardian_dismiss(struct guardian *g);

#endif
