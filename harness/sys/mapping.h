/* SPDX-License-Identifier: MIT */
/*
 * One mapping: how it is asked for, how it is made, and what the kernel really gave. Only
 * mapping_map() and the two that unmap are ever inside a timed region.
 */
#ifndef SYS_MAPPING_H
#define SYS_MAPPING_H

#include "base/error.h"
#include "sys/host.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#ifndef MAP_32BIT
#define MAP_32BIT 0 /* x86 only */
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08 /* Linux 6.11, include/uapi/linux/mman.h */
#endif

enum backing {
	BACKING_ANONYMOUS,
	BACKING_MEMFD,
	BACKING_FILE,    /* an unlinked file in the working folder (TMPDIR where set) */
	BACKING_TMPFS,   /* an unlinked file in /dev/shm */
	BACKING_HUGETLB, /* MAP_ANONYMOUS | MAP_HUGETLB */
};

enum thp_advice {
	THP_AS_SET, /* no advice: the system's setting decides */
	THP_ALWAYS, /* madvise(MADV_HUGEPAGE) */
	THP_NEVER,  /* madvise(MADV_NOHUGEPAGE) */
};

enum numa_mode {
	NUMA_DEFAULT,
	NUMA_LOCAL,
	NUMA_BIND,
	NUMA_PREFERRED,
	NUMA_PREFERRED_MANY, /* Linux 5.15 */
	NUMA_INTERLEAVE,
	NUMA_WEIGHTED_INTERLEAVE, /* Linux 6.9 */
	NUMA_REMOTE,              /* bind to the node farthest from the worker that has memory */
};

struct numa_policy {
	enum numa_mode mode;
	bool nodes_given; /* else every node with memory */
	uint64_t nodes;   /* bit i: host.nodes[i] */
};

struct map_request {
	uint64_t length_bytes;
	uint64_t address; /* a hint, 0: none; a place with MAP_FIXED_NOREPLACE */
	int protection;   /* PROT_* */
	int flags;        /* MAP_*, with MAP_HUGETLB and its size bits where asked for */
	enum backing backing;
	uint64_t huge_page_bytes; /* hugetlb page size, 0: base pages */
	enum thp_advice thp;
	uint64_t thp_page_bytes; /* size that THP_ALWAYS is meant to give, 0: PMD size */
	struct numa_policy numa;
};

struct mapping {
	void *address;         /* MAP_FAILED: none */
	uint64_t length_bytes; /* as asked for; of huge pages whole ones */
	uint64_t cut_bytes;    /* that lay before the address when it was mapped */
	uint64_t contents;     /* another number for every new mapping */
	int fd;                /* −1: anonymous */
	const struct map_request *request;
};

#define MAPPING_NONE                                                                               \
	(struct mapping)                                                                           \
	{                                                                                          \
		.address = MAP_FAILED, .fd = -1                                                    \
	}

/* Is there an object behind the mapping to be made: a memfd, a file? */
static inline bool mapping_has_object(const struct map_request *r)
{
	return r->backing != BACKING_ANONYMOUS && r->backing != BACKING_HUGETLB;
}

/* Untimed: make that object, sized. −errno. */
int mapping_open(const struct map_request *request, struct mapping *ret);

/* Timed: mmap(). 0 or −errno. */
static inline int mapping_map(struct mapping *m);

/* Untimed: the policy and the advice, between mmap and the first touch. −errno with the call. */
int mapping_settle(const struct mapping *m, const struct host *host, struct error *err);

/* Timed: munmap(). 0 or −errno. */
static inline int mapping_unmap(struct mapping *m);

/*
 * Timed: munmap() of so many bytes, whole pages, behind the first `from`, which lie inside. What is
 * cut off at an end is no part of the mapping any more; a hole inside lies in its range. 0 or
 * −errno.
 */
static inline int mapping_unmap_part(struct mapping *m, uint64_t from, uint64_t bytes);

/* Untimed: close what mapping_open() made. */
void mapping_close(struct mapping *m);

/* What the kernel really gave; a share is a fraction of resident_bytes. */
struct mapping_effective {
	bool known; /* inspected at all */
	uint64_t mapped_bytes;
	uint64_t resident_bytes; /* Rss, with hugetlb pages */
	/*
	 * AnonHugePages + ShmemPmdMapped + FilePmdMapped + hugetlb; with a thp_page_bytes below the
	 * PMD size estimated from a sample of frames, for CAP_SYS_ADMIN only.
	 */
	uint64_t huge_bytes;
	bool huge_sampled;        /* huge_bytes is that estimate */
	uint64_t huge_room_bytes; /* whole transparent pages of that size that the range has room
				     for */
	uint64_t swap_bytes;
	uint64_t locked_bytes;
	uint64_t page_table_bytes;           /* VmPTE of the process */
	uint64_t node_bytes[HOST_NODES_MAX]; /* estimated from up to 1024 sampled pages */
	unsigned int nr_sampled;             /* pages that move_pages() placed */
	/* Of the whole process: Rss and Pss, as smaps_rollup has them. */
	uint64_t process_resident_bytes, process_proportional_bytes;
	/* Growth of each node's MemUsed since before the setup, the whole system's; by the runner.
	 */
	int64_t node_growth_bytes[HOST_NODES_MAX];
	bool node_growth_known;
};

/* From /proc/self/smaps and move_pages(). −errno; what could not be read stays 0. */
int mapping_inspect(const struct mapping *m, const struct host *host, struct mapping_effective *ret,
		    struct error *err);

/* A mapping and where to leave what was found of it. */
struct inspection {
	const struct mapping *mapping;
	struct mapping_effective *effective;
	bool merged; /* found: one of its areas is a neighbour's too */
};

/* With more, those behind are in no sample: neither their nodes nor pages below the PMD's size. */
#define INSPECTIONS_SAMPLED 64

/*
 * Several mappings of a process at once, which costs little more than to look at one. What is not
 * mapped (MAP_FAILED) is left unknown. Neighbours that are alike merge into one area (mm/vma.c):
 * each is counted page by page then, before Linux 6.7 it has its share of the area by length.
 */
int mapping_inspect_all(struct inspection *all, unsigned int n, const struct host *host,
			struct error *err);

/*
 * Bytes of a part of the mapping that the file behind it does not have yet: pages of its cache that
 * wait to be written, mapped or not (mm/filemap.c cachestat()). −errno, −ENOSYS before Linux 6.5.
 */
int mapping_dirty(const struct mapping *m, uint64_t offset, uint64_t bytes, uint64_t page_bytes,
		  uint64_t *ret_bytes);

/*
 * Pages of a part that are in memory: of the process's own those that are mapped, of the object
 * behind it (a file, shared memory) those in its cache, mapped or not. −ENOSYS before Linux 6.5;
 * −EPERM: shared anonymous memory, and no CAP_SYS_ADMIN to open what is behind it; −errno.
 */
int mapping_held(const struct mapping *m, uint64_t offset, uint64_t bytes, uint64_t page_bytes,
		 uint64_t *ret_pages);

/* munmap() and ftruncate() of huge pages take whole ones only; mmap() rounds up by itself. */
static inline uint64_t mapping_whole_bytes(const struct map_request *r)
{
	uint64_t page = r->huge_page_bytes, rest = page ? r->length_bytes % page : 0;

	return rest ? r->length_bytes + (page - rest) : r->length_bytes;
}

static inline int mapping_map(struct mapping *m)
{
	const struct map_request *r = m->request;
	void *address = mmap((void *)(uintptr_t)r->address, r->length_bytes, r->protection,
			     r->flags, m->fd, 0);

	if (address == MAP_FAILED)
		return -errno;
	m->address = address;
	m->length_bytes = mapping_whole_bytes(r);
	m->contents++;
	return 0;
}

static inline int mapping_unmap(struct mapping *m)
{
	if (munmap(m->address, m->length_bytes))
		return -errno;
	m->address = MAP_FAILED;
	m->cut_bytes = 0;
	return 0;
}

static inline int mapping_unmap_part(struct mapping *m, uint64_t from, uint64_t bytes)
{
	char *start = m->address;

	if (munmap(start + from, bytes))
		return -errno;
	if (from && bytes >= m->length_bytes - from) {
		m->length_bytes = from;
	} else if (!from) {
		m->address = start + bytes;
		m->cut_bytes += bytes;
		m->length_bytes -= bytes;
	}
	return 0;
}

#endif
