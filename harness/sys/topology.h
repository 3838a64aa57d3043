/* SPDX-License-Identifier: MIT */
/*
 * Which CPU belongs to which core, package and node, and in which order workers are put on them.
 * hwloc is used in topology.c and nowhere else, and only while loading: what stays is a small table
 * of plain numbers, so that the supervisor remains quick to fork.
 */
#ifndef SYS_TOPOLOGY_H
#define SYS_TOPOLOGY_H

#include "base/error.h"

#include <stddef.h>

enum placement {
	PLACEMENT_NONE,
	PLACEMENT_COMPACT, /* fill a core, then the next core of the same package */
	PLACEMENT_SCATTER, /* over packages, then nodes, then cores; threads of a core last */
	PLACEMENT_CORE,    /* one worker a core, in compact order */
	PLACEMENT_NODE     /* worker i on all CPUs of node i, in turn */
};

struct topology;

/*
 * Load this machine as far as the process may use it (cpusets, affinity mask), or what hwloc makes
 * of a synthetic text such as "pack:2 core:64 pu:2" (lstopo(1), for tests).
 */
int topology_load(struct topology **ret, const char *synthetic, struct error *err);
void topology_free(struct topology *t);

/* Keep only these CPUs. −EINVAL where none would be left. */
int topology_restrict(struct topology *t, const unsigned int *cpus, size_t n);

/* What one worker is bound to: a CPU, or all CPUs of a node, or nothing. The kernel's numbers. */
struct worker_place {
	int cpu;  /* −1: not one CPU */
	int node; /* −1: not a node */
};

/*
 * Places for n workers. More workers than CPUs (cores, nodes) begin again from the first. Returns
 * 0, or −EINVAL for a placement that is none.
 */
int topology_place(const struct topology *t, enum placement placement, unsigned int n,
		   struct worker_place *ret_places, struct error *err);

/* Bind the calling thread. −errno with the call. */
int topology_bind(const struct topology *t, const struct worker_place *place, struct error *err);

/* How many CPUs n places come to: each once, however many are bound to it. */
unsigned int topology_cpus(const struct topology *t, const struct worker_place *places,
			   unsigned int n);

/* The kernel's number of the node that a CPU belongs to, or −ENOENT. */
int topology_node(const struct topology *t, unsigned int cpu);

/* CPUs, cores, packages and nodes with CPUs that may be used. */
struct topology_counts {
	unsigned int cpus, cores, packages, nodes;
};
void topology_count(const struct topology *t, struct topology_counts *ret);

#endif
