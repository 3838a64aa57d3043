/* SPDX-License-Identifier: MIT */
#include "sys/pagemap.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <unistd.h>

/*
 * PAGEMAP_SCAN (Linux 6.7; Documentation/admin-guide/mm/pagemap.rst). The names are ours: headers
 * may have theirs or not.
 */
struct scan {
	uint64_t size, flags;
	uint64_t start, end, walk_end;
	uint64_t regions, nr_regions, max_pages;
	uint64_t inverted, all_of, any_of, told;
};

struct region {
	uint64_t start, end, categories;
};

#define SCAN _IOWR('f', 16, struct scan)

#define IS_PRESENT (1ull << 3)
#define IS_SWAPPED (1ull << 4)
#define IS_ZERO    (1ull << 5)
#define IS_HUGE    (1ull << 6)

static void add_region(const struct region *r, struct pagemap_census *census)
{
	uint64_t bytes = r->end - r->start;

	if (r->categories & IS_SWAPPED)
		census->swap_bytes += bytes;
	if (!(r->categories & IS_PRESENT))
		return;
	census->present_bytes += bytes;
	if (r->categories & IS_HUGE)
		census->huge_bytes += bytes;
}

int pagemap_scan(const void *address, uint64_t length_bytes, struct pagemap_census *ret)
{
	AUTO_CLOSE int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	struct pagemap_census census = { 0 };
	struct region regions[256];
	struct scan scan = {
		.size = sizeof(scan),
		.start = (uint64_t)(uintptr_t)address,
		.end = (uint64_t)(uintptr_t)address + length_bytes,
		.regions = (uint64_t)(uintptr_t)regions,
		.nr_regions = ARRAY_LENGTH(regions),
		.inverted = IS_ZERO,
		.all_of = IS_ZERO, /* inverted: none of it */
		.any_of = IS_PRESENT | IS_SWAPPED,
		.told = IS_PRESENT | IS_SWAPPED | IS_HUGE,
	};

	if (fd < 0)
		return -errno;
	while (scan.start < scan.end) {
		int n = ioctl(fd, SCAN, &scan);

		if (n < 0)
			return -errno;
		for (int i = 0; i < n; i++)
			add_region(&regions[i], &census);
		scan.start = scan.walk_end;
	}
	*ret = census;
	return 0;
}
