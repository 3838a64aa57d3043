/* SPDX-License-Identifier: MIT */
/*
 * The machine in numbers, as the kernel states them: what sizes are shares of, what axes need to
 * know to be possible, what the kernel's own rules reckon with. A plain struct: tests fill it by
 * hand, and one machine's can be kept in a file.
 */
#ifndef SYS_HOST_H
#define SYS_HOST_H

#include "base/error.h"
#include "base/size.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#define HOST_NODES_MAX     64
#define HOST_POOLS_MAX     8
#define HOST_THP_SIZES_MAX 16
#define HOST_UNLIMITED     UINT64_MAX

enum overcommit_mode {
	OVERCOMMIT_HEURISTIC, /* vm.overcommit_memory = 0 */
	OVERCOMMIT_ALWAYS,    /* 1 */
	OVERCOMMIT_NEVER,     /* 2 */
};

struct host_node {
	unsigned int number;   /* the kernel's; numbers may have gaps */
	uint64_t memory_bytes; /* 0: CPUs only */
	uint64_t free_bytes;
	unsigned int nr_cpus;             /* 0: memory only */
	uint8_t distance[HOST_NODES_MAX]; /* to host.nodes[i], same index; 10 is local */
};

struct host_pool { /* hugetlb pages of one size, all nodes together */
	uint64_t page_bytes;
	uint64_t total, free, reserved, surplus, overcommit; /* pages */
	uint64_t node_total[HOST_NODES_MAX];                 /* by index into host.nodes */
	uint64_t node_free[HOST_NODES_MAX];

	/* As host_read() found them; host_refresh() leaves them alone. */
	uint64_t start_total, start_node_total[HOST_NODES_MAX];
};

struct host {
	/* /proc/meminfo */
	uint64_t page_bytes;
	uint64_t ram_bytes, free_bytes, available_bytes;
	uint64_t swap_bytes, swap_free_bytes;
	uint64_t commit_limit_bytes, committed_bytes; /* CommitLimit, Committed_AS */

	/* The control groups of this process: their smallest limit, 0 for none, and what is left */
	uint64_t group_limit_bytes, group_room_bytes;
	uint64_t group_swap_withheld_bytes; /* of the swap that is free, what they do not let it use
					     */

	/* vm.* */
	enum overcommit_mode overcommit;
	uint64_t overcommit_ratio, overcommit_kbytes; /* one of them is 0 */
	uint64_t admin_reserve_kbytes, user_reserve_kbytes;
	uint64_t max_map_count;

	/* CPU */
	unsigned int nr_cpus;         /* online */
	unsigned int nr_cpus_allowed; /* this process' affinity mask */
	cpu_set_t cpus_allowed;       /* the CPUs of it, below CPU_SETSIZE */
	unsigned int nr_cpus_present;
	unsigned int nr_cores;     /* physical cores with a CPU in the affinity mask */
	uint64_t llc_bytes;        /* one last-level cache; 0: unknown */
	unsigned int address_bits; /* of virtual addresses for user space: 47, 48, 52, 56 … */

	/*
	 * This process: capabilities that are effective, and hold in the initial user namespace
	 * (in another one they mean nothing to the memory manager); RLIMIT_* soft limits in bytes.
	 */
	bool cap_sys_admin, cap_sys_resource, cap_ipc_lock, cap_sys_nice, cap_sys_rawio;
	uint64_t limit_as, limit_data, limit_memlock, limit_stack; /* HOST_UNLIMITED: none */

	bool numa_available; /* the kernel is built with it; else all is in nodes[0] */
	unsigned int nr_nodes, nr_pools;
	struct host_node nodes[HOST_NODES_MAX]; /* ascending number */
	struct host_pool pools[HOST_POOLS_MAX]; /* ascending page_bytes */

	uint64_t hugetlb_default_bytes; /* page size of MAP_HUGETLB without size bits; 0: none */

	/* THP */
	bool thp_available;         /* the kernel is built with it */
	char thp_enabled[16];       /* the word in brackets: "madvise" */
	char thp_shmem_enabled[16]; /* the same of shared anonymous memory and memfd */
	uint64_t thp_pmd_bytes;
	unsigned int nr_thp_sizes;              /* of anonymous memory, since 6.8 */
	uint64_t thp_sizes[HOST_THP_SIZES_MAX]; /* ascending */
	uint64_t thp_unasked_bytes; /* the largest that anonymous memory gets without advice */

	unsigned int kernel_version; /* 6.18.44 is 0x06122c: major, minor, patch (≤ 255) */
	char kernel_release[128], machine[32];
};

/* Read everything above from the running system. −errno with the file that could not be read. */
int host_read(struct host *ret, struct error *err);

/*
 * The same from a folder that is laid out like the root of a machine ("" is this one's): /proc and
 * /sys files kept from another machine, or made up for a test.
 */
int host_read_at(const char *root, struct host *ret, struct error *err);

/* Read again what changes within a run: meminfo, vm.*, pools, free memory of nodes. */
int host_refresh(struct host *host, struct error *err);

int host_refresh_at(const char *root, struct host *host, struct error *err);

/*
 * What can be used before something is killed, in bytes: MemAvailable, or what the control groups
 * leave of it where that is less.
 */
uint64_t host_usable_bytes(const struct host *host);

/* The same now: a few small reads, for the watchdog. 0 where /proc/meminfo cannot be read. */
uint64_t host_usable_now(void);

/* MemAvailable alone, whatever the control group leaves. 0 where it cannot be read. */
uint64_t host_available_bytes(void);

uint64_t host_usable_now_at(const char *root);

/* What the bases of sizes come to here. SIZE_MAPPING is 0. */
void host_size_bases(const struct host *host, struct size_bases *ret);

/* Least version: 6.9 is host_kernel_is(host, 6, 9). */
static inline bool host_kernel_is(const struct host *host, unsigned int major, unsigned int minor)
{
	return host->kernel_version >= (major << 16 | minor << 8);
}

/*
 * Two faults of the kernel that leave Committed_AS too high until it boots again, though no process
 * has the memory. mremap() with MREMAP_FIXED to a smaller length: since the rewrite in 6.15
 * (mm/mremap.c mremap_to() unmaps the difference, and vrm_calc_charge() still charges it). With
 * MREMAP_DONTUNMAP: from 6.15 until 6.17.6, where the old range forgot that it was charged
 * (dontunmap_complete()).
 */
static inline bool host_loses_shrinking_move(const struct host *host)
{
	return host_kernel_is(host, 6, 15);
}

static inline bool host_loses_dontunmap(const struct host *host)
{
	return host_kernel_is(host, 6, 15) && host->kernel_version < (6 << 16 | 17 << 8 | 6);
}

/*
 * A size as people write it, in bytes on this machine as it is now: for options. −errno of
 * size_parse(), host_read() or size_resolve().
 */
int host_parse_size(const char *text, uint64_t *ret_bytes, struct error *err);

/* The pool of that page size, or NULL. */
const struct host_pool *host_pool(const struct host *host, uint64_t page_bytes);

/* Index into host->nodes of the node with the kernel's number, or −ENOENT. */
int host_node_index(const struct host *host, unsigned int number);

#endif
