/* SPDX-License-Identifier: MIT */
#include "sys/host_parts.h"

#include "base/file.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOLS "/sys/kernel/mm/hugepages"
#define THP   "/sys/kernel/mm/transparent_hugepage"

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The sizes in bytes of the folders hugepages-*kB, ascending; at most room of them. */
static unsigned int read_page_sizes(const char *root, const char *folder, uint64_t *ret,
				    unsigned int room)
{
	struct dirent *entry;
	char path[PATH_MAX];
	unsigned int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s%s", root, folder);
	dir = opendir(path);
	if (!dir)
		return 0;
	while (n < room && (entry = readdir(dir))) {
		uint64_t kib;

		if (sscanf(entry->d_name, "hugepages-%" SCNu64 "kB", &kib) == 1)
			ret[n++] = kib * 1024;
	}
	closedir(dir);
	qsort(ret, n, sizeof(ret[0]), compare_u64);
	return n;
}

static void read_pool(const char *root, const struct host *h, struct host_pool *pool)
{
	uint64_t kib = pool->page_bytes / 1024;
	char folder[PATH_MAX / 2];

	snprintf(folder, sizeof(folder), "%s" POOLS "/hugepages-%" PRIu64 "kB", root, kib);
	pool->total = host_file_number("%s/nr_hugepages", folder);
	pool->free = host_file_number("%s/free_hugepages", folder);
	pool->reserved = host_file_number("%s/resv_hugepages", folder);
	pool->surplus = host_file_number("%s/surplus_hugepages", folder);
	pool->overcommit = host_file_number("%s/nr_overcommit_hugepages", folder);
	for (unsigned int i = 0; i < h->nr_nodes; i++) {
		snprintf(folder, sizeof(folder),
			 "%s" HOST_NODES "/node%u/hugepages/hugepages-%" PRIu64 "kB", root,
			 h->nodes[i].number, kib);
		pool->node_total[i] = host_file_number("%s/nr_hugepages", folder);
		pool->node_free[i] = host_file_number("%s/free_hugepages", folder);
	}
	if (h->nr_nodes == 1 && !pool->node_total[0]) { /* a kernel without nodes */
		pool->node_total[0] = pool->total;
		pool->node_free[0] = pool->free;
	}
}

/*
 * Some twenty files a time are too many where nothing has changed: as long as the kernel counts no
 * huge page of any size, only the number that it may make is read.
 */
void host_refresh_pools(const char *root, struct host *h, bool any_pages)
{
	for (unsigned int i = 0; i < h->nr_pools; i++) {
		struct host_pool *pool = &h->pools[i];

		if (any_pages || pool->total) {
			read_pool(root, h, pool);
			continue;
		}
		pool->overcommit = host_file_number("%s" POOLS "/hugepages-%" PRIu64
						    "kB/nr_overcommit_hugepages",
						    root, pool->page_bytes / 1024);
	}
}

void host_read_pools(const char *root, struct host *h)
{
	uint64_t sizes[HOST_POOLS_MAX];

	h->nr_pools = read_page_sizes(root, POOLS, sizes, HOST_POOLS_MAX);
	for (unsigned int i = 0; i < h->nr_pools; i++) {
		h->pools[i].page_bytes = sizes[i];
		read_pool(root, h, &h->pools[i]);
		h->pools[i].start_total = h->pools[i].total;
		memcpy(h->pools[i].start_node_total, h->pools[i].node_total,
		       sizeof(h->pools[i].node_total));
	}
}

/* "always [madvise] never": the word in brackets is the one that holds. */
static void bracketed_word(const char *text, char ret[16])
{
	const char *bracket = strchr(text, '[');

	if (bracket)
		sscanf(bracket, "[%15[a-z_]", ret);
}

/* A size's own word rules over the common one, unless it is "inherit". Sizes come ascending. */
static void add_thp_size(struct host *h, uint64_t bytes, const char *text)
{
	char word[16] = "";

	h->thp_sizes[h->nr_thp_sizes++] = bytes;
	bracketed_word(text, word);
	if (bytes == h->thp_pmd_bytes && strcmp(word, "inherit") != 0)
		h->thp_unasked_bytes = 0;
	if (strcmp(word, "always") == 0 ||
	    (strcmp(word, "inherit") == 0 && strcmp(h->thp_enabled, "always") == 0))
		h->thp_unasked_bytes = bytes;
}

/* A size that has no `enabled` is for shared memory only. */
void host_read_thp(const char *root, struct host *h)
{
	uint64_t sizes[HOST_THP_SIZES_MAX];
	unsigned int n;
	char text[256];

	if (file_readf(text, sizeof(text), "%s" THP "/enabled", root) < 0)
		return;
	h->thp_available = true;
	bracketed_word(text, h->thp_enabled);
	if (file_readf(text, sizeof(text), "%s" THP "/shmem_enabled", root) > 0)
		bracketed_word(text, h->thp_shmem_enabled);
	h->thp_pmd_bytes = host_file_number("%s" THP "/hpage_pmd_size", root);
	n = read_page_sizes(root, THP, sizes, HOST_THP_SIZES_MAX);
	if (strcmp(h->thp_enabled, "always") == 0)
		h->thp_unasked_bytes = h->thp_pmd_bytes;
	for (unsigned int i = 0; i < n; i++)
		if (file_readf(text, sizeof(text), "%s" THP "/hugepages-%" PRIu64 "kB/enabled",
			       root, sizes[i] / 1024) > 0)
			add_thp_size(h, sizes[i], text);
}
