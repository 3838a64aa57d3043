/* SPDX-License-Identifier: MIT */
#include "sys/numa.h"

#include "base/file.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Newer than the library's header: include/uapi/linux/mempolicy.h. */
#define POLICY_PREFERRED_MANY      5
#define POLICY_WEIGHTED_INTERLEAVE 6

#define NUMBERS_MAX 1024 /* the kernel's largest MAX_NUMNODES */
#define LONG_BITS   (8 * sizeof(unsigned long))
#define PROBES      64 /* pages that are looked at to find where a range is resident */

struct node_mask {
	unsigned long bits[NUMBERS_MAX / LONG_BITS];
};

static const struct {
	int mode;
	bool takes_nodes;
	const char *name;
} modes[] = {
	[NUMA_DEFAULT] = { MPOL_DEFAULT, false, "MPOL_DEFAULT" },
	[NUMA_LOCAL] = { MPOL_LOCAL, false, "MPOL_LOCAL" },
	[NUMA_BIND] = { MPOL_BIND, true, "MPOL_BIND" },
	[NUMA_PREFERRED] = { MPOL_PREFERRED, true, "MPOL_PREFERRED" },
	[NUMA_PREFERRED_MANY] = { POLICY_PREFERRED_MANY, true, "MPOL_PREFERRED_MANY" },
	[NUMA_INTERLEAVE] = { MPOL_INTERLEAVE, true, "MPOL_INTERLEAVE" },
	[NUMA_WEIGHTED_INTERLEAVE] = { POLICY_WEIGHTED_INTERLEAVE, true,
				       "MPOL_WEIGHTED_INTERLEAVE" },
	[NUMA_REMOTE] = { MPOL_BIND, true, "MPOL_BIND" },
};

static void mask_add(struct node_mask *mask, const struct host *host, unsigned int node)
{
	unsigned int number = host->nodes[node].number;

	if (number < NUMBERS_MAX)
		mask->bits[number / LONG_BITS] |= 1ul << number % LONG_BITS;
}

bool numa_used(const struct host *host, uint64_t ret[HOST_NODES_MAX])
{
	char text[4096];

	for (unsigned int i = 0; i < host->nr_nodes; i++) {
		const char *at;

		if (file_readf(text, sizeof(text), "/sys/devices/system/node/node%u/meminfo",
			       host->nodes[i].number) < 0)
			return false;
		at = strstr(text, "MemUsed:");
		if (!at)
			return false;
		ret[i] = strtoull(at + strlen("MemUsed:"), NULL, 10) * 1024;
	}
	return host->nr_nodes > 0;
}

unsigned int numa_here(const struct host *host)
{
	unsigned int cpu, number;
	int node;

	if (getcpu(&cpu, &number))
		return 0;
	node = host_node_index(host, number);
	return node < 0 ? 0 : (unsigned int)node;
}

int numa_farthest(const struct host *host, unsigned int from)
{
	int farthest = -ENOENT;

	for (unsigned int i = 0; i < host->nr_nodes; i++) {
		if (i == from || !host->nodes[i].memory_bytes)
			continue;
		if (farthest < 0 ||
		    host->nodes[from].distance[i] > host->nodes[from].distance[farthest])
			farthest = (int)i;
	}
	return farthest;
}

static int policy_mask(const struct numa_policy *policy, const struct host *host,
		       struct node_mask *ret, struct error *err)
{
	int farthest;

	if (policy->mode == NUMA_REMOTE) {
		farthest = numa_farthest(host, numa_here(host));
		if (farthest < 0)
			return error_set(err, -ENODEV, "no other node has memory");
		mask_add(ret, host, (unsigned int)farthest);
		return 0;
	}
	for (unsigned int i = 0; i < host->nr_nodes; i++)
		if (policy->nodes_given ? policy->nodes >> i & 1 : host->nodes[i].memory_bytes > 0)
			mask_add(ret, host, i);
	return 0;
}

int numa_apply(const struct numa_policy *policy, const struct host *host, void *address,
	       uint64_t length_bytes, bool move, struct error *err)
{
	struct node_mask mask = { { 0 } };
	bool takes = modes[policy->mode].takes_nodes;
	int r;

	if (policy->mode == NUMA_DEFAULT)
		return 0;
	r = takes ? policy_mask(policy, host, &mask, err) : 0;
	if (r)
		return r;
	/* The kernel takes maxnode as one more than the bits it reads. */
	if (mbind(address, length_bytes, modes[policy->mode].mode, takes ? mask.bits : NULL,
		  takes ? NUMBERS_MAX + 1 : 0, move ? MPOL_MF_MOVE : 0))
		return error_set_errno(err, -errno, "mbind(%s)", modes[policy->mode].name);
	return 0;
}

/*
 * Page i of n that are spread over nr_pages. Not at equal distances: interleaved pages repeat with
 * the number of nodes, and a distance that it divides would find all of them on one.
 */
static uint64_t sampled_page(uint64_t nr_pages, unsigned int i, unsigned int n)
{
	uint64_t first = (uint64_t)((unsigned __int128)nr_pages * i / n);
	uint64_t next = (uint64_t)((unsigned __int128)nr_pages * (i + 1) / n);
	uint64_t scattered = (i + 1) * 0x9e3779b97f4a7c15u; /* Fibonacci hashing */

	return first + (scattered >> 32) % (next - first);
}

/* Count those of n sampled pages from the i-th on that are on a node; at most NUMA_SAMPLES_MAX. */
static int sample_some(const struct host *host, const char *address, uint64_t nr_pages,
		       unsigned int i, unsigned int n, unsigned int nodes[HOST_NODES_MAX])
{
	void *pages[NUMA_SAMPLES_MAX];
	int status[NUMA_SAMPLES_MAX], placed = 0;
	unsigned int some = n - i < NUMA_SAMPLES_MAX ? n - i : NUMA_SAMPLES_MAX;

	for (unsigned int k = 0; k < some; k++)
		pages[k] = (void *)(uintptr_t)(address +
					       sampled_page(nr_pages, i + k, n) * host->page_bytes);
	/* Without target nodes the call only reports; a page that is not there gives −ENOENT. */
	if (move_pages(0, some, pages, NULL, status, 0) < 0)
		return -errno;
	for (unsigned int k = 0; k < some; k++) {
		int node = status[k] < 0 ? -1 : host_node_index(host, (unsigned int)status[k]);

		if (node < 0)
			continue;
		nodes[node]++;
		placed++;
	}
	return placed;
}

/* Up to max pages of the first length_bytes: how many are on a node, by node too, or −errno. */
static int sample_once(const struct host *host, const char *address, uint64_t length_bytes,
		       unsigned int max, unsigned int ret_nodes[HOST_NODES_MAX])
{
	uint64_t nr_pages = (length_bytes + host->page_bytes - 1) / host->page_bytes;
	unsigned int n = nr_pages < max ? (unsigned int)nr_pages : max;
	int placed = 0;

	memset(ret_nodes, 0, HOST_NODES_MAX * sizeof(ret_nodes[0]));
	for (unsigned int i = 0; i < n; i += NUMA_SAMPLES_MAX) {
		int r = sample_some(host, address, nr_pages, i, n, ret_nodes);

		if (r < 0)
			return r;
		placed += r;
	}
	return placed;
}

int numa_sample(const struct host *host, const void *address, uint64_t length_bytes,
		uint64_t resident_bytes, unsigned int ret_nodes[HOST_NODES_MAX])
{
	unsigned int nodes[HOST_NODES_MAX];
	uint64_t length = length_bytes;
	unsigned int max;
	int placed;

	/* Where most was never touched, what was is likely to be at the start. */
	for (;;) {
		placed = sample_once(host, address, length, PROBES, nodes);
		if (placed < 0)
			return placed;
		if (placed >= PROBES / 4 || length / 8 < resident_bytes ||
		    length / 8 < host->page_bytes)
			break;
		length /= 8;
	}
	max = host->nr_nodes > 1 && length / host->page_bytes <= NUMA_EXACT_MAX ? NUMA_EXACT_MAX
										: NUMA_SAMPLES_MAX;
	placed = sample_once(host, address, length, max, nodes);
	if (placed >= 0)
		memcpy(ret_nodes, nodes, sizeof(nodes));
	return placed;
}

struct numa_move {
	unsigned long nr_pages;
	int node;
	void **pages;
	int *nodes, *status;
	int *was; /* as status: on which node before, or −ENOENT for a page that is not there */
};

/* Without target nodes the call only reports. */
static int where_pages_are(const struct numa_move *m, int *ret_status)
{
	for (unsigned long i = 0; i < m->nr_pages; i++)
		ret_status[i] = -ENOENT;
	return move_pages(0, m->nr_pages, m->pages, NULL, ret_status, 0) < 0 ? -errno : 0;
}

struct numa_move *numa_move_begin(const struct host *host, void *address, uint64_t length_bytes,
				  unsigned int node)
{
	uint64_t n = (length_bytes + host->page_bytes - 1) / host->page_bytes;
	struct numa_move *m = malloc(sizeof(*m) + n * NUMA_MOVE_BYTES);

	if (!m)
		return NULL;
	m->nr_pages = n;
	m->node = (int)node;
	m->pages = (void **)(m + 1);
	m->nodes = (int *)(m->pages + n);
	m->status = m->nodes + n;
	m->was = m->status + n;
	for (uint64_t i = 0; i < n; i++) {
		m->pages[i] = (char *)address + i * host->page_bytes;
		m->nodes[i] = m->node;
		m->status[i] = 0; /* its page is there before it is timed */
	}
	where_pages_are(m, m->was);
	return m;
}

int numa_move(struct numa_move *m)
{
	/* Above 0: so many pages were not moved, those among them that were never tried. */
	return move_pages(0, m->nr_pages, m->pages, m->nodes, m->status, MPOL_MF_MOVE) < 0 ? -errno
											   : 0;
}

/* By where they are: the kernel leaves the status of a page that it has not tried as it was. */
int numa_move_count(const struct numa_move *m, uint64_t *ret_asked, uint64_t *ret_arrived)
{
	uint64_t asked = 0, arrived = 0;
	int r = where_pages_are(m, m->status);

	if (r)
		return r;
	for (unsigned long i = 0; i < m->nr_pages; i++) {
		bool elsewhere = m->was[i] >= 0 && m->was[i] != m->node;

		asked += elsewhere;
		arrived += elsewhere && m->status[i] == m->node;
	}
	*ret_asked = asked;
	*ret_arrived = arrived;
	return 0;
}
