/* SPDX-License-Identifier: MIT */
/*
 * A control group (version 2) of its own for the repetitions of a run: what they take is bounded,
 * and when that is not enough they are killed together, and nobody else. The supervisor stays
 * outside.
 */
#ifndef SYS_CGROUP_H
#define SYS_CGROUP_H

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

struct cgroup;

struct cgroup_options {
	const char *root;            /* before /proc and /sys, for tests; NULL: none */
	uint64_t memory_max_bytes;   /* 0: no limit */
	uint64_t hugetlb_page_bytes; /* page size that hugetlb_max_bytes is for; 0: no limit */
	uint64_t hugetlb_max_bytes;
};

/*
 * Make the group. −ENOTSUP where that is not possible, with the reason: no cgroup version 2, no
 * memory controller in it (it is with version 1), not delegated to us.
 *
 * Where the supervisor's own group is delegated (systemd-run --property=Delegate=yes, a container)
 * the new one is in it, and the supervisor moves to a leaf beside it, as version 2 wants. Elsewhere
 * root makes it below the top. Call it before settings_apply(): its guardian is a process too, and
 * version 2 has processes in leaves only.
 */
int cgroup_make(struct cgroup **ret, const struct cgroup_options *options, struct error *err);

/* The calling process goes in. One system call; for a child after fork. 0 or −errno. */
int cgroup_enter(const struct cgroup *g);

/* Path of the group, as of /sys/fs/cgroup/overmap-123. */
const char *cgroup_path(const struct cgroup *g);

/* Kills by the OOM killer in the group since it was made. 0 where it cannot be read. */
uint64_t cgroup_oom_kills(const struct cgroup *g);

/* Kill whoever is in it; 0 or −errno. */
int cgroup_kill(const struct cgroup *g);

/* Kill whoever is in it, remove it, free g. The supervisor goes back. NULL: nothing. */
void cgroup_remove(struct cgroup *g);

#endif
