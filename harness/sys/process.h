/* SPDX-License-Identifier: MIT */
/*
 * This process' address space in the kernel's own numbers: what the limits are compared with, and
 * how large the holes are in which a mapping must fit. A plain struct: tests fill it by hand.
 */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#define PROCESS_HOLES_MAX 16

struct process_hole {
	uint64_t start, end; /* bytes; end is the first address after it */
};

struct process_memory {
	/* /proc/self/status; bytes */
	uint64_t total_vm_bytes;  /* VmSize: RLIMIT_AS is compared with it */
	uint64_t data_vm_bytes;   /* VmData: RLIMIT_DATA */
	uint64_t locked_vm_bytes; /* VmLck: RLIMIT_MEMLOCK */
	uint64_t stack_vm_bytes;  /* VmStk */
	uint64_t resident_bytes, page_table_bytes;

	/* /proc/self/maps */
	uint64_t nr_maps; /* that count against vm.max_map_count */
	unsigned int nr_holes;
	struct process_hole holes[PROCESS_HOLES_MAX]; /* the largest, largest first */
	uint64_t hole_32bit_bytes; /* largest one that MAP_32BIT can use (x86: 1 GiB … 2 GiB) */

	/* Where a mapping may lie at all */
	uint64_t lowest_address;  /* mm/'s mmap_min_addr: below it, only with CAP_SYS_RAWIO */
	uint64_t search_address;  /* where the search for a hole begins; may be lower */
	uint64_t highest_address; /* the first one above the window that needs no hint */
	bool legacy_layout;       /* bottom-up from a third of the window */

	/* Hard limit, which RLIMIT_DATA 0 falls back to (mm/mmap.c, for old valgrinds) */
	uint64_t limit_data_hard; /* UINT64_MAX: none */

	/* Charged mappings, from /proc/self/smaps; only where they were asked for */
	bool accounts_known;
	uint64_t accounted_bytes; /* of all mappings with the VM_ACCOUNT flag: what fork costs */
	uint64_t largest_accounted_bytes; /* the largest one: fork asks mapping by mapping */
};

enum process_detail {
	PROCESS_MAPS,     /* everything but the charged mappings */
	PROCESS_ACCOUNTS, /* those too: reads smaps, slow where much is resident */
};

/* Read this process. −errno with the file that could not be read; *ret is untouched then. */
int process_memory_read(struct process_memory *ret, enum process_detail detail, struct error *err);

/*
 * Fill the holes from the text of a maps file, for a window of [lowest, highest): for tests, and
 * for process_memory_read(). −EINVAL where a line is none.
 */
int process_memory_parse_maps(struct process_memory *p, const char *maps, struct error *err);

/* The size of the largest hole, 0 where there is none. */
uint64_t process_largest_hole(const struct process_memory *p);

#endif
