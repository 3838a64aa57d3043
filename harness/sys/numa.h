/* SPDX-License-Identifier: MIT */
/*
 * Where pages go and where they are. libnuma is used here and nowhere else; nodes are indices into
 * struct host, never the kernel's numbers, outside of this file.
 */
#ifndef SYS_NUMA_H
#define SYS_NUMA_H

#include "base/error.h"
#include "sys/host.h"
#include "sys/mapping.h"

#include <stdbool.h>
#include <stdint.h>

#define NUMA_SAMPLES_MAX 1024
#define NUMA_EXACT_MAX   16384

/*
 * Give a range its policy (mbind). move: also take pages that are there already to where the policy
 * wants them. NUMA_DEFAULT does nothing. −errno with the call.
 */
int numa_apply(const struct numa_policy *policy, const struct host *host, void *address,
	       uint64_t length_bytes, bool move, struct error *err);

/*
 * Ask the kernel where the pages of a range are: all of them up to NUMA_EXACT_MAX where there is
 * more than one node to be on, else up to NUMA_SAMPLES_MAX, spread evenly and at odd distances;
 * ret_nodes counts them by index into host->nodes. Where only the start of a large range is
 * resident, the sample draws in on it. The number of pages that were found on a node, or −errno.
 */
int numa_sample(const struct host *host, const void *address, uint64_t length_bytes,
		uint64_t resident_bytes, unsigned int ret_nodes[HOST_NODES_MAX]);

/*
 * MemUsed of each node in bytes, by index: what is not free. false: this kernel has no such files.
 */
bool numa_used(const struct host *host, uint64_t ret[HOST_NODES_MAX]);

/* Node, by index, of the CPU that the caller runs on; 0 where unknown. */
unsigned int numa_here(const struct host *host);

/* The farthest node, by index, that has memory, from a node; −ENOENT: no other has any. */
int numa_farthest(const struct host *host, unsigned int from);

/* Pages on their way to a node: the tables that move_pages() takes, in one piece for free(). */
#define NUMA_MOVE_BYTES (sizeof(void *) + 3 * sizeof(int)) /* of these tables, a page */
struct numa_move;

/*
 * Ask for the range's base pages to be moved to the node with the kernel's number; where they are
 * now is noted. NULL: memory ran out.
 */
struct numa_move *numa_move_begin(const struct host *host, void *address, uint64_t length_bytes,
				  unsigned int node);

/* The call itself, nothing else. 0 or −errno; pages that could not be moved are no error. */
int numa_move(struct numa_move *m);

/*
 * Asks the kernel where the pages are now: how many of those that were elsewhere when it began were
 * to be moved, and how many of these are on the node. −errno.
 */
int numa_move_count(const struct numa_move *m, uint64_t *ret_asked, uint64_t *ret_arrived);

#endif
