/* SPDX-License-Identifier: MIT */
/*
 * Read /proc/self: the kernel's counters of this address space are exact there (fs/proc/task_mmu.c
 * prints mm->total_vm, data_vm, locked_vm), so that limits can be reckoned to the page.
 */
#include "sys/process.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#define MAPS_BYTES_MAX     (64u << 20) /* 65,530 lines of a maximum of some 500 bytes */
#define LOWEST_ADDRESS_MAX (1u << 20)  /* above: not what the hint was rounded to */
#define WINDOW_32BIT_START 0x40000000u /* arch/x86/kernel/sys_x86_64.c, find_start_end() */
#define WINDOW_32BIT_END   0x80000000u

/* The first address above the window that mmap uses without a hint above it (TASK_SIZE_MAX). */
#if defined(__aarch64__)
#define WINDOW_END (1ull << 48)
#elif defined(__x86_64__)
#define WINDOW_END ((1ull << 47) - 4096)
#else
#define WINDOW_END (1ull << 47)
#endif

#if defined(__x86_64__)
#define SEARCH_BEGAN_LOW true
#else
#define SEARCH_BEGAN_LOW false
#endif

struct status_field {
	const char *name;
	size_t offset;
};

#define STATUS_FIELD(name, member)                                                                 \
	{                                                                                          \
		name, offsetof(struct process_memory, member)                                      \
	}

static const struct status_field status_fields[] = {
	STATUS_FIELD("VmSize:", total_vm_bytes), STATUS_FIELD("VmData:", data_vm_bytes),
	STATUS_FIELD("VmLck:", locked_vm_bytes), STATUS_FIELD("VmStk:", stack_vm_bytes),
	STATUS_FIELD("VmRSS:", resident_bytes),  STATUS_FIELD("VmPTE:", page_table_bytes),
};

static int read_status(struct process_memory *p, struct error *err)
{
	char text[8192];
	int r = file_read("/proc/self/status", text, sizeof(text));

	if (r < 0)
		return error_set_errno(err, r, "/proc/self/status");
	for (size_t i = 0; i < ARRAY_LENGTH(status_fields); i++) {
		const char *at = strstr(text, status_fields[i].name);
		uint64_t kib;

		if (!at || sscanf(at + strlen(status_fields[i].name), "%" SCNu64, &kib) != 1)
			return error_set(err, -ENODATA, "/proc/self/status has no %s",
					 status_fields[i].name);
		*(uint64_t *)((char *)p + status_fields[i].offset) = kib << 10;
	}
	return 0;
}

/* Keep the largest holes, largest first. */
static void add_hole(struct process_memory *p, uint64_t start, uint64_t end)
{
	unsigned int i;

	if (start >= end)
		return;
	if (p->nr_holes == PROCESS_HOLES_MAX) {
		const struct process_hole *last = &p->holes[PROCESS_HOLES_MAX - 1];

		if (end - start <= last->end - last->start)
			return;
		p->nr_holes--;
	}
	for (i = p->nr_holes; i > 0; i--) {
		if (p->holes[i - 1].end - p->holes[i - 1].start >= end - start)
			break;
		p->holes[i] = p->holes[i - 1];
	}
	p->holes[i] = (struct process_hole){ start, end };
	p->nr_holes++;
}

static void take_gap(struct process_memory *p, uint64_t start, uint64_t end)
{
	uint64_t lowest = p->search_address;
	uint64_t low, high;

	/* A bottom-up search begins at TASK_UNMAPPED_BASE and never looks below it. */
	if (p->legacy_layout && lowest < p->highest_address / 3)
		lowest = p->highest_address / 3;
	add_hole(p, start > lowest ? start : lowest,
		 end < p->highest_address ? end : p->highest_address);
	low = start > WINDOW_32BIT_START ? start : WINDOW_32BIT_START;
	high = end < WINDOW_32BIT_END ? end : WINDOW_32BIT_END;
	if (high > low && high - low > p->hole_32bit_bytes)
		p->hole_32bit_bytes = high - low;
}

/*
 * "55d0c000-55d0d000 r--p …". Not with sscanf(), which first measures the whole text that follows:
 * a process can have 65,530 lines.
 */
static bool parse_range(const char *line, uint64_t *ret_start, uint64_t *ret_end)
{
	char *end;

	*ret_start = strtoull(line, &end, 16);
	if (end == line || *end != '-')
		return false;
	line = end + 1;
	*ret_end = strtoull(line, &end, 16);
	return end != line && *end == ' ' && *ret_start < *ret_end;
}

int process_memory_parse_maps(struct process_memory *p, const char *maps, struct error *err)
{
	/* A mapping that grows down keeps this distance to what lies below it (mm/mmap.c). */
	const uint64_t guard = 256 * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t previous = 0;

	p->nr_maps = 0;
	p->nr_holes = 0;
	p->hole_32bit_bytes = 0;
	while (*maps) {
		const char *next = strchr(maps, '\n');
		size_t length = next ? (size_t)(next - maps) : strlen(maps);
		uint64_t start, end, gap_end;

		if (!parse_range(maps, &start, &end) || start < previous)
			return error_set(err, -EINVAL, "maps: \"%.*s\" is not a line of it",
					 (int)length, maps);
		/* The gate page lies above all and is in no process' list. */
		if (!memmem(maps, length, "[vsyscall]", 10)) {
			p->nr_maps++;
			gap_end = memmem(maps, length, "[stack]", 7) && start > guard
					  ? start - guard
					  : start;
			take_gap(p, previous, gap_end);
			previous = end;
		}
		maps += length + (next != NULL);
	}
	take_gap(p, previous, p->highest_address);
	return 0;
}

static int read_accounts(struct process_memory *p, struct error *err)
{
	AUTO_FCLOSE FILE *smaps = fopen("/proc/self/smaps", "re");
	char line[1024];
	uint64_t start, end, length = 0;

	if (!smaps)
		return error_set_errno(err, -errno, "/proc/self/smaps");
	while (fgets(line, sizeof(line), smaps)) {
		if (strncmp(line, "VmFlags:", 8) == 0) {
			if (!strstr(line, " ac"))
				continue;
			p->accounted_bytes += length;
			if (length > p->largest_accounted_bytes)
				p->largest_accounted_bytes = length;
		} else if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &start, &end) == 2) {
			length = end - start;
		}
	}
	p->accounts_known = true;
	return 0;
}

/* Read /proc/self/maps with read(), without allocating while the kernel walks the list. */
static int read_maps(struct process_memory *p, struct error *err)
{
	size_t room = 1u << 16, length = 0;
	AUTO_FREE char *text = malloc(room);
	AUTO_FCLOSE FILE *file = fopen("/proc/self/maps", "re");

	if (!text)
		return -ENOMEM;
	if (!file)
		return error_set_errno(err, -errno, "/proc/self/maps");
	for (;;) {
		length += fread(text + length, 1, room - 1 - length, file);
		if (length < room - 1)
			break;
		if (room >= MAPS_BYTES_MAX)
			return error_set(err, -EFBIG, "/proc/self/maps is too large");
		/* Growing text changes the maps: begin again. */
		room *= 4;
		length = 0;
		free(text);
		text = malloc(room);
		if (!text)
			return -ENOMEM;
		rewind(file);
	}
	if (ferror(file))
		return error_set_errno(err, -EIO, "/proc/self/maps");
	text[length] = '\0';
	return process_memory_parse_maps(p, text, err);
}

/*
 * The larger of vm.mmap_min_addr and a constant of the kernel's configuration that no file shows. A
 * hint below it is rounded up to it (mm/mmap.c round_hint_to_min), which tells.
 */
static uint64_t lowest_address(void)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), lowest = page, probed;
	void *address;

	if (file_read_u64("/proc/sys/vm/mmap_min_addr", &lowest) < 0 || lowest < page)
		lowest = page;
	address = mmap((void *)(uintptr_t)page, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	if (address == MAP_FAILED)
		return lowest;
	munmap(address, page);
	probed = (uintptr_t)address;
	return probed >= lowest && probed <= LOWEST_ADDRESS_MAX ? probed : lowest;
}

/*
 * The search heeds the lowest address since 6.4 (mm/mmap.c vm_unmapped_area()). Before, that of x86
 * began at the first page, and what it found was refused, or not, for being too low
 * (arch/x86/kernel/sys_x86_64.c arch_get_unmapped_area_topdown()).
 */
#if defined(__x86_64__)
static uint64_t search_address(uint64_t lowest)
{
	unsigned int major, minor;
	struct utsname name;

	if (SEARCH_BEGAN_LOW && uname(&name) == 0 &&
	    sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	    (major < 6 || (major == 6 && minor < 4)))
		return (uint64_t)sysconf(_SC_PAGESIZE);
	return lowest;
}
#else
static uint64_t search_address(uint64_t lowest)
{
	return lowest;
}
#endif

static bool layout_is_legacy(void)
{
	uint64_t sysctl = 0;
	int persona = personality(0xffffffff);

	if (file_read_u64("/proc/sys/vm/legacy_va_layout", &sysctl) < 0)
		sysctl = 0;
	return sysctl != 0 || (persona != -1 && (persona & ADDR_COMPAT_LAYOUT));
}

int process_memory_read(struct process_memory *ret, enum process_detail detail, struct error *err)
{
	struct process_memory p = { .highest_address = WINDOW_END };
	struct rlimit data;
	int r;

	p.lowest_address = lowest_address();
	p.search_address = search_address(p.lowest_address);
	p.legacy_layout = layout_is_legacy();
	if (getrlimit(RLIMIT_DATA, &data))
		return error_set_errno(err, -errno, "getrlimit RLIMIT_DATA");
	p.limit_data_hard = data.rlim_max == RLIM_INFINITY ? UINT64_MAX : data.rlim_max;
	if (detail == PROCESS_ACCOUNTS) {
		r = read_accounts(&p, err);
		if (r < 0)
			return r;
	}
	/* Last, in this order: what the readers above allocate is then part of both. */
	r = read_maps(&p, err);
	if (r < 0)
		return r;
	r = read_status(&p, err);
	if (r < 0)
		return r;
	*ret = p;
	return 0;
}

uint64_t process_largest_hole(const struct process_memory *p)
{
	return p->nr_holes ? p->holes[0].end - p->holes[0].start : 0;
}
