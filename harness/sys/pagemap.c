/* SPDX-License-Identifier: MIT */
#include "sys/pagemap.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdbool.h>
#include <unistd.h>

/* Documentation/admin-guide/mm/pagemap.rst */
#define ENTRY_PRESENT   (1ull << 63)
#define ENTRY_FILE      (1ull << 61) /* a page of a file, or of shared memory */
#define ENTRY_EXCLUSIVE (1ull << 56) /* mapped here alone (Linux 4.2) */
#define ENTRY_FRAME     ((1ull << 55) - 1)

#define FLAGS_LARGE (1ull << KPF_COMPOUND_HEAD | 1ull << KPF_COMPOUND_TAIL)

/* Entry number of a file of 64-bit entries. */
static int read_entry(int fd, uint64_t number, uint64_t *ret)
{
	ssize_t n = pread(fd, ret, sizeof(*ret), (off_t)(number * sizeof(*ret)));

	if (n < 0)
		return -errno;
	return n == sizeof(*ret) ? 0 : -EIO;
}

/* One page: 1 present, 0 not; *ret_large where present. */
static int look(int pagemap, int flags, uint64_t page, bool *ret_large)
{
	uint64_t entry, bits;
	int r = read_entry(pagemap, page, &entry);

	if (r)
		return r;
	if (!(entry & ENTRY_PRESENT))
		return 0;
	if (!(entry & ENTRY_FRAME)) /* hidden from those without the capability */
		return -EACCES;
	r = read_entry(flags, entry & ENTRY_FRAME, &bits);
	if (r)
		return r;
	*ret_large = bits & FLAGS_LARGE;
	return 1;
}

/* Entries of the range that have all bits of `with` and none of `without`. */
static int count(const void *address, uint64_t length_bytes, uint64_t page_bytes, uint64_t with,
		 uint64_t without, uint64_t *ret_pages)
{
	AUTO_CLOSE int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t first = (uint64_t)(uintptr_t)address / page_bytes, found = 0;
	uint64_t left = (length_bytes + page_bytes - 1) / page_bytes;
	uint64_t entries[512];

	if (fd < 0)
		return -errno;
	while (left) {
		uint64_t some = left < ARRAY_LENGTH(entries) ? left : ARRAY_LENGTH(entries);
		ssize_t n = pread(fd, entries, some * sizeof(entries[0]),
				  (off_t)(first * sizeof(entries[0])));

		if (n <= 0)
			return n ? -errno : -EIO;
		some = (uint64_t)n / sizeof(entries[0]);
		for (uint64_t i = 0; i < some; i++)
			found += (entries[i] & (with | without)) == with;
		first += some;
		left -= some;
	}
	*ret_pages = found;
	return 0;
}

int pagemap_present(const void *address, uint64_t length_bytes, uint64_t page_bytes,
		    uint64_t *ret_pages)
{
	return count(address, length_bytes, page_bytes, ENTRY_PRESENT, 0, ret_pages);
}

int pagemap_anonymous(const void *address, uint64_t length_bytes, uint64_t page_bytes,
		      uint64_t *ret_pages)
{
	return count(address, length_bytes, page_bytes, ENTRY_PRESENT, ENTRY_FILE, ret_pages);
}

int pagemap_own(const void *address, uint64_t length_bytes, uint64_t page_bytes,
		uint64_t *ret_pages)
{
	return count(address, length_bytes, page_bytes, ENTRY_PRESENT | ENTRY_EXCLUSIVE, ENTRY_FILE,
		     ret_pages);
}

int pagemap_sample(const void *address, uint64_t length_bytes, uint64_t block_bytes,
		   uint64_t page_bytes, unsigned int *ret_present, unsigned int *ret_large)
{
	AUTO_CLOSE int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t start = (uint64_t)(uintptr_t)address, end = start + length_bytes;
	uint64_t first = (start + block_bytes - 1) / block_bytes; /* large pages are aligned */
	uint64_t nr_blocks = end / block_bytes > first ? end / block_bytes - first : 0;
	unsigned int n = nr_blocks < PAGEMAP_SAMPLES_MAX ? (unsigned int)nr_blocks
							 : PAGEMAP_SAMPLES_MAX;
	unsigned int present = 0, large = 0;

	if (pagemap < 0 || flags < 0)
		return -errno;
	for (unsigned int i = 0; i < n; i++) {
		uint64_t block = first + (uint64_t)((unsigned __int128)nr_blocks * i / n);
		bool is_large = false;
		int r = look(pagemap, flags, block * (block_bytes / page_bytes), &is_large);

		if (r < 0)
			return r;
		present += (unsigned int)r;
		large += is_large;
	}
	*ret_present = present;
	*ret_large = large;
	return 0;
}
