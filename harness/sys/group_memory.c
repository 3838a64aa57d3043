/* SPDX-License-Identifier: MIT */
#include "sys/group_memory.h"

#include "base/file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNLIMITED_FROM (1ull << 62) /* version 1 writes "no limit" as the largest page count */

/* Where the groups of the memory controller are, and what their files are called. */
struct hierarchy {
	const char *mount, *limit, *usage, *swap_limit, *swap_usage;
	const char *caches[3]; /* lines of memory.stat, with what the groups below it have */
	bool swap_with_memory; /* swap_limit is one for both together */
};

static const struct hierarchy version1 = {
	.mount = "/sys/fs/cgroup/memory",
	.limit = "memory.limit_in_bytes",
	.usage = "memory.usage_in_bytes",
	.swap_limit = "memory.memsw.limit_in_bytes",
	.swap_usage = "memory.memsw.usage_in_bytes",
	.caches = { "\ntotal_inactive_file ", "\ntotal_active_file " },
	.swap_with_memory = true,
};
static const struct hierarchy version2 = {
	.mount = "/sys/fs/cgroup",
	.limit = "memory.max",
	.usage = "memory.current",
	.swap_limit = "memory.swap.max",
	.swap_usage = "memory.swap.current",
	.caches = { "\ninactive_file ", "\nactive_file " },
};

/* The group on a line "4:cpu,memory:/a/b" or "0::/a/b"; NULL: another line. */
static const char *group_on_line(char *line, const struct hierarchy **ret)
{
	char *controllers = strchr(line, ':'), *path;

	if (!controllers || !(path = strchr(controllers + 1, ':')))
		return NULL;
	*path++ = '\0';
	for (char *rest = controllers + 1, *word; (word = strsep(&rest, ","));) {
		if (strcmp(word, "memory") == 0) {
			*ret = &version1;
			return path;
		}
	}
	*ret = &version2;
	return strncmp(line, "0:", 2) == 0 ? path : NULL;
}

static bool read_amount(const char *root, const struct hierarchy *h, const char *group,
			const char *file, uint64_t *ret)
{
	char text[64], *end;

	if (file_readf(text, sizeof(text), "%s%s%s/%s", root, h->mount, group, file) < 0)
		return false;
	*ret = strtoull(text, &end, 10);
	if (end == text) /* "max" */
		*ret = UINT64_MAX;
	return true;
}

/* What would be given up before the OOM killer comes: of files, as MemAvailable reckons. */
static uint64_t reclaimable(const char *root, const struct hierarchy *h, const char *group)
{
	uint64_t bytes = 0;
	char text[8192];

	if (file_readf(text, sizeof(text), "%s%s%s/memory.stat", root, h->mount, group) < 0)
		return 0;
	for (const char *const *cache = h->caches; *cache; cache++) {
		const char *at = strstr(text, *cache);

		if (at)
			bytes += strtoull(at + strlen(*cache), NULL, 10);
	}
	return bytes;
}

/* files: of the limit and the usage. cached: which counts files. false: there is no limit. */
static bool read_room(const char *root, const struct hierarchy *h, const char *group,
		      const char *const files[2], bool cached, uint64_t *ret_limit,
		      uint64_t *ret_room)
{
	uint64_t used, caches;

	if (!read_amount(root, h, group, files[0], ret_limit) || *ret_limit >= UNLIMITED_FROM ||
	    !read_amount(root, h, group, files[1], &used))
		return false;
	caches = cached ? reclaimable(root, h, group) : 0;
	used = used > caches ? used - caches : 0;
	*ret_room = *ret_limit > used ? *ret_limit - used : 0;
	return true;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void add_group(const char *root, const struct hierarchy *h, const char *group,
		      struct group_memory *ret)
{
	const char *const memory[] = { h->limit, h->usage };
	const char *const swap[] = { h->swap_limit, h->swap_usage };
	uint64_t limit, room = 0, swap_limit, swap_room;

	if (read_room(root, h, group, memory, true, &limit, &room)) {
		ret->limit_bytes = smaller(ret->limit_bytes, limit);
		ret->room_bytes = smaller(ret->room_bytes, room);
	}
	if (!read_room(root, h, group, swap, h->swap_with_memory, &swap_limit, &swap_room))
		return;
	if (h->swap_with_memory)
		swap_room -= smaller(swap_room, room);
	ret->swap_room_bytes = smaller(ret->swap_room_bytes, swap_room);
}

/* The group and all above it. */
static void add_ancestors(const char *root, const struct hierarchy *h, char *group,
			  struct group_memory *ret)
{
	for (;;) {
		char *slash = strrchr(group, '/');

		add_group(root, h, strcmp(group, "/") == 0 ? "" : group, ret);
		if (!slash || !group[0] || strcmp(group, "/") == 0)
			return;
		*slash = '\0';
	}
}

void group_memory_read(const char *root, struct group_memory *ret)
{
	char text[8192], group[PATH_MAX];

	*ret = (struct group_memory){ UINT64_MAX, UINT64_MAX, UINT64_MAX };
	if (file_readf(text, sizeof(text), "%s/proc/self/cgroup", root) < 0)
		return;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		const struct hierarchy *h;
		const char *path = group_on_line(line, &h);

		if (!path)
			continue;
		snprintf(group, sizeof(group), "%s", path);
		add_ancestors(root, h, group, ret);
	}
}
