/* SPDX-License-Identifier: MIT */
/*
 * What the kernel made of a mapping: smaps, status and where its pages are. Nothing here allocates:
 * at vm.max_map_count malloc() fails too.
 */
#include "sys/mapping.h"

#include "base/cleanup.h"
#include "sys/numa.h"
#include "sys/pagemap.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A /proc file read line by line through a buffer on the stack. */
struct lines {
	int fd;
	size_t start, end;
	char data[16384];
};

/* The next line without its newline, or NULL at the end. */
static char *lines_next(struct lines *l)
{
	for (;;) {
		char *at = l->data + l->start;
		char *newline = memchr(at, '\n', l->end - l->start);
		ssize_t n;

		if (newline) {
			*newline = '\0';
			l->start = (size_t)(newline + 1 - l->data);
			return at;
		}
		memmove(l->data, at, l->end - l->start);
		l->end -= l->start;
		l->start = 0;
		if (l->end == sizeof(l->data))
			l->end = 0; /* a line that long is a path of no interest */
		n = read(l->fd, l->data + l->end, sizeof(l->data) - l->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL;
		l->end += (size_t)n;
	}
}

/* Which field of the result a line of smaps adds to. */
static const struct {
	const char *key;
	size_t offset[2]; /* 0: none; no field that is added to lies at offset 0 */
} smaps_fields[] = {
	{ "Rss:", { offsetof(struct mapping_effective, resident_bytes), 0 } },
	{ "Shared_Hugetlb:",
	  { offsetof(struct mapping_effective, resident_bytes),
	    offsetof(struct mapping_effective, huge_bytes) } },
	{ "Private_Hugetlb:",
	  { offsetof(struct mapping_effective, resident_bytes),
	    offsetof(struct mapping_effective, huge_bytes) } },
	{ "AnonHugePages:", { offsetof(struct mapping_effective, huge_bytes), 0 } },
	{ "ShmemPmdMapped:", { offsetof(struct mapping_effective, huge_bytes), 0 } },
	{ "FilePmdMapped:", { offsetof(struct mapping_effective, huge_bytes), 0 } },
	{ "Swap:", { offsetof(struct mapping_effective, swap_bytes), 0 } },
	{ "Locked:", { offsetof(struct mapping_effective, locked_bytes), 0 } },
};

/* Of an area that is a neighbour's too the range has its share by length, for the time being. */
static void add_field(const char *line, uint64_t overlap, uint64_t area,
		      struct mapping_effective *e)
{
	for (size_t i = 0; i < ARRAY_LENGTH(smaps_fields); i++) {
		size_t length = strlen(smaps_fields[i].key);
		uint64_t bytes;

		if (strncmp(line, smaps_fields[i].key, length) != 0)
			continue;
		bytes = strtoull(line + length, NULL, 10) * 1024;
		bytes = (uint64_t)((unsigned __int128)bytes * overlap / area);
		for (int k = 0; k < 2 && smaps_fields[i].offset[k]; k++)
			*(uint64_t *)((char *)e + smaps_fields[i].offset[k]) += bytes;
		return;
	}
}

/* "7f12a000-7f13b000 rw-p …": an area's first line. Digits and small a–f begin no other line. */
static bool area_line(const char *line, uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t from, to;
	char *end;

	from = strtoull(line, &end, 16);
	if (end == line || *end != '-')
		return false;
	to = strtoull(end + 1, &end, 16);
	if (*end != ' ')
		return false;
	*ret_start = from;
	*ret_end = to;
	return true;
}

/* The last page is the mapping's, whatever its length. */
static uint64_t end_of(const struct mapping *m, const struct host *host)
{
	uint64_t page = host->page_bytes;

	return (uint64_t)(uintptr_t)m->address + (m->length_bytes + page - 1) / page * page;
}

static uint64_t overlap_of(const struct mapping *m, const struct host *host, uint64_t from,
			   uint64_t to)
{
	uint64_t start = (uint64_t)(uintptr_t)m->address, end = end_of(m, host);

	if (m->address == MAP_FAILED)
		return 0;
	from = from > start ? from : start;
	to = to < end ? to : end;
	return to > from ? to - from : 0;
}

/* All in one go: the kernel walks the tables of every area of the process, each time. */
static int inspect_areas(struct inspection *all, unsigned int n, const struct host *host,
			 struct error *err)
{
	AUTO_CLOSE int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	uint64_t from = 0, to = 0, last = 0;
	struct lines lines = { .fd = fd };
	char *line;

	if (fd < 0)
		return error_set_errno(err, -errno, "cannot read /proc/self/smaps");
	for (unsigned int i = 0; i < n; i++)
		if (all[i].mapping->address != MAP_FAILED && end_of(all[i].mapping, host) > last)
			last = end_of(all[i].mapping, host);
	while ((line = lines_next(&lines))) {
		bool begins = area_line(line, &from, &to);

		if (begins && from >= last)
			break;
		for (unsigned int i = 0; i < n; i++) {
			uint64_t overlap = overlap_of(all[i].mapping, host, from, to);

			if (!overlap || to <= from)
				continue;
			if (!begins) {
				add_field(line, overlap, to - from, all[i].effective);
				continue;
			}
			all[i].effective->mapped_bytes += overlap;
			all[i].merged |= overlap < to - from;
		}
	}
	return 0;
}

static uint64_t page_table_bytes(void)
{
	AUTO_CLOSE int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	struct lines lines = { .fd = fd };
	char *line;

	while (fd >= 0 && (line = lines_next(&lines)))
		if (strncmp(line, "VmPTE:", 6) == 0)
			return strtoull(line + 6, NULL, 10) * 1024;
	return 0;
}

/* The kernel's sum over all areas: cheaper than to have it write the libraries' lines out. */
static void inspect_process(struct mapping_effective *e)
{
	AUTO_CLOSE int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
	struct lines lines = { .fd = fd };
	char *line;

	while (fd >= 0 && (line = lines_next(&lines))) {
		if (strncmp(line, "Rss:", 4) == 0)
			e->process_resident_bytes = strtoull(line + 4, NULL, 10) * 1024;
		else if (strncmp(line, "Pss:", 4) == 0)
			e->process_proportional_bytes = strtoull(line + 4, NULL, 10) * 1024;
	}
}

static void inspect_nodes(const struct mapping *m, const struct host *host,
			  struct mapping_effective *e)
{
	unsigned int nodes[HOST_NODES_MAX];
	int placed = numa_sample(host, m->address, m->length_bytes, e->resident_bytes, nodes);

	if (placed <= 0)
		return;
	e->nr_sampled = (unsigned int)placed;
	for (unsigned int i = 0; i < host->nr_nodes; i++)
		e->node_bytes[i] = (uint64_t)((unsigned __int128)e->resident_bytes * nodes[i] /
					      (unsigned int)placed);
}

/*
 * Large pages below the PMD size are in no line of smaps: their share is that of a sample, drawn
 * in on the start of the range where most of it was never touched.
 */
static void inspect_large(const struct mapping *m, const struct host *host,
			  struct mapping_effective *e)
{
	uint64_t block = m->request->thp_page_bytes, length = m->length_bytes;
	unsigned int present = 0, large = 0;

	if (!block || block >= host->thp_pmd_bytes)
		return;
	while (!pagemap_sample(m->address, length, block, host->page_bytes, &present, &large)) {
		if (present >= PAGEMAP_SAMPLES_MAX / 4 || length / 8 < e->resident_bytes)
			break;
		length /= 8;
	}
	if (!present)
		return;
	e->huge_sampled = true;
	e->huge_bytes = (uint64_t)((unsigned __int128)e->resident_bytes * large / present);
}

/* Transparent pages are aligned: what lies before the first and behind the last cannot be one. */
static uint64_t huge_room(const struct mapping *m, const struct host *host)
{
	uint64_t size = m->request && m->request->thp_page_bytes ? m->request->thp_page_bytes
								 : host->thp_pmd_bytes;
	uint64_t start = (uint64_t)(uintptr_t)m->address, end = start + m->length_bytes;

	if (!size || (start + size - 1) / size >= end / size)
		return 0;
	return (end / size - (start + size - 1) / size) * size;
}

/* Only private anonymous memory merges, and whole areas are locked or not. */
static void inspect_merged(const struct mapping *m, const struct host *host,
			   struct mapping_effective *e)
{
	uint64_t start = (uint64_t)(uintptr_t)m->address;
	struct pagemap_census census;

	if (pagemap_scan(m->address, end_of(m, host) - start, &census))
		return;
	e->resident_bytes = census.present_bytes;
	e->huge_bytes = census.huge_bytes;
	e->swap_bytes = census.swap_bytes;
	if (e->locked_bytes)
		e->locked_bytes = census.present_bytes;
}

int mapping_inspect_all(struct inspection *all, unsigned int n, const struct host *host,
			struct error *err)
{
	struct mapping_effective process = { .known = true };
	int r;

	inspect_process(&process);
	process.page_table_bytes = page_table_bytes();
	for (unsigned int i = 0; i < n; i++)
		*all[i].effective = process;
	r = inspect_areas(all, n, host, err);
	for (unsigned int i = 0; i < n; i++) {
		const struct mapping *m = all[i].mapping;
		struct mapping_effective *e = all[i].effective;

		e->known = !r && m->address != MAP_FAILED;
		if (!e->known)
			continue;
		if (all[i].merged)
			inspect_merged(m, host, e);
		e->huge_room_bytes = huge_room(m, host);
		if (e->resident_bytes && i < INSPECTIONS_SAMPLED) {
			inspect_nodes(m, host, e);
			inspect_large(m, host, e);
		}
	}
	return r;
}

int mapping_inspect(const struct mapping *m, const struct host *host, struct mapping_effective *ret,
		    struct error *err)
{
	struct mapping_effective e;
	struct inspection one = { .mapping = m, .effective = &e };
	int r;

	if (m->address == MAP_FAILED)
		return error_set(err, -EINVAL, "nothing is mapped");
	r = mapping_inspect_all(&one, 1, host, err);
	if (!r)
		*ret = e;
	return r;
}
