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
	const char *mount, *limit, *usage;
	const char *caches[3]; /* lines of memory.stat, with what the groups below it have */
};

static const struct hierarchy version1 = { "/sys/fs/cgroup/memory",
					   "memory.limit_in_bytes",
					   "memory.usage_in_bytes",
					   { "\ntotal_inactive_file ", "\ntotal_active_file " } };
static const struct hierarchy version2 = {
	"/sys/fs/cgroup", "memory.max", "memory.current", { "\ninactive_file ", "\nactive_file " }
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

static void add_group(const char *root, const struct hierarchy *h, const char *group,
		      struct group_memory *ret)
{
	uint64_t limit, used, caches, room;

	if (!read_amount(root, h, group, h->limit, &limit) || limit >= UNLIMITED_FROM ||
	    !read_amount(root, h, group, h->usage, &used))
		return;
	caches = reclaimable(root, h, group);
	used = used > caches ? used - caches : 0;
	room = limit > used ? limit - used : 0;
	if (limit < ret->limit_bytes)
		ret->limit_bytes = limit;
	if (room < ret->room_bytes)
		ret->room_bytes = room;
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

	*ret = (struct group_memory){ UINT64_MAX, UINT64_MAX };
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
