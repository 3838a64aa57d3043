/* SPDX-License-Identifier: MIT */
/*
 * What of a mapping's object is in memory, by cachestat(). Neither the page table tells, whose
 * entries of shared pages go long before the pages, nor mincore(), to which a page of shared memory
 * that was written to swap is there as long as the swap cache has it.
 */
#include "sys/mapping.h"

#include "base/cleanup.h"
#include "sys/pagemap.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_cachestat
#define SYS_cachestat 451 /* of every architecture; Linux 6.5 */
#endif

/* include/uapi/linux/mman.h struct cachestat_range and struct cachestat */
struct cache_range {
	uint64_t offset, length;
};
struct cache_pages {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

static int look(int fd, uint64_t offset, uint64_t bytes, struct cache_pages *ret)
{
	struct cache_range range = { offset, bytes };

	return syscall(SYS_cachestat, fd, &range, ret, 0) ? -errno : 0;
}

int mapping_dirty(const struct mapping *m, uint64_t offset, uint64_t bytes, uint64_t page_bytes,
		  uint64_t *ret_bytes)
{
	struct cache_pages found;
	int r = look(m->fd, m->cut_bytes + offset, bytes, &found);

	if (!r)
		*ret_bytes = found.dirty * page_bytes;
	return r;
}

/* The object that is mapped at an address where nobody has it open; *ret_offset: what of it. */
static int open_mapped(const void *address, uint64_t *ret_offset)
{
	AUTO_FCLOSE FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long at = (unsigned long)address, from = 0, to = 0, offset = 0;
	char line[512], path[96];
	int fd;

	while (maps && at >= to && fgets(line, sizeof(line), maps))
		sscanf(line, "%lx-%lx %*s %lx", &from, &to, &offset);
	if (at < from || at >= to)
		return -ENOENT;
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", from, to);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	*ret_offset = at - from + offset;
	return fd < 0 ? -errno : fd;
}

static int cached(const struct mapping *m, uint64_t offset, uint64_t bytes, uint64_t *ret_pages)
{
	AUTO_CLOSE int mapped = -1;
	uint64_t start = m->cut_bytes + offset;
	struct cache_pages found = { 0 };
	int r;

	if (m->fd < 0 && (m->request->flags & MAP_TYPE) != MAP_PRIVATE) {
		mapped = open_mapped((char *)m->address + offset, &start);
		if (mapped < 0)
			return mapped;
	}
	r = m->fd < 0 && mapped < 0 ? 0 : look(m->fd < 0 ? mapped : m->fd, start, bytes, &found);
	*ret_pages = found.cached;
	return r;
}

int mapping_held(const struct mapping *m, uint64_t offset, uint64_t bytes, uint64_t page_bytes,
		 uint64_t *ret_pages)
{
	uint64_t own, of_object;
	int r = pagemap_anonymous((char *)m->address + offset, bytes, page_bytes, &own);

	if (!r)
		r = cached(m, offset, bytes, &of_object);
	if (!r)
		*ret_pages = own + of_object;
	return r;
}
