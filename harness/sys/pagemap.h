/* SPDX-License-Identifier: MIT */
/*
 * Page by page: what /proc/self/pagemap and /proc/kpageflags tell of a range. It is the only way to
 * see large pages below the PMD size, of which smaps says nothing.
 */
#ifndef SYS_PAGEMAP_H
#define SYS_PAGEMAP_H

#include <stdint.h>

#define PAGEMAP_SAMPLES_MAX 512

/*
 * How many pages of the range the process has mapped now: those that were swapped out or never
 * touched are not among them. No right is needed. −errno.
 */
int pagemap_present(const void *address, uint64_t length_bytes, uint64_t page_bytes,
		    uint64_t *ret_pages);

/* How many of them are no pages of a file or of shared memory. −errno. */
int pagemap_anonymous(const void *address, uint64_t length_bytes, uint64_t page_bytes,
		      uint64_t *ret_pages);

/*
 * How many of them hold memory of its own: written by it and shared with nobody. Not the zero page,
 * which is what reading finds where nothing was written, nor pages of a file. −errno.
 */
int pagemap_own(const void *address, uint64_t length_bytes, uint64_t page_bytes,
		uint64_t *ret_pages);

struct pagemap_census {
	uint64_t present_bytes; /* without the zero page, as Rss of smaps */
	uint64_t huge_bytes;    /* of them mapped by the PMD */
	uint64_t swap_bytes;
};

/*
 * Count what the range holds, whatever areas it lies in; what was never touched costs no time.
 * address and length_bytes are whole pages. 0, −ENOTTY before Linux 6.7, or −errno.
 */
int pagemap_scan(const void *address, uint64_t length_bytes, struct pagemap_census *ret);

/*
 * Look at the first page of up to PAGEMAP_SAMPLES_MAX blocks, evenly spread over the range: how
 * many were present (*ret_present), and how many of those were part of a large page
 * (*ret_large). block_bytes is the size of such a page. 0, −EACCES without the right to see frames
 * (CAP_SYS_ADMIN), or −errno.
 */
int pagemap_sample(const void *address, uint64_t length_bytes, uint64_t block_bytes,
		   uint64_t page_bytes, unsigned int *ret_present, unsigned int *ret_large);

#endif
