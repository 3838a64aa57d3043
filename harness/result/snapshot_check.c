/* SPDX-License-Identifier: MIT */
#include "result/snapshot_check.h"

#include "base/size.h"
#include "model/model.h"

#include <errno.h>

static int check_pools(const struct host *host, struct error *err)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < host->nr_pools; i++) {
		const struct host_pool *p = &host->pools[i];

		if (p->page_bytes < host->page_bytes || (p->page_bytes & (p->page_bytes - 1)))
			return error_set(err, -EINVAL,
					 "a huge page has no size that is a power of two");
		if (p->free > p->total || p->surplus > p->total || p->reserved > p->total)
			return error_set(err, -EINVAL,
					 "more huge pages are free, surplus or reserved than "
					 "the pool has");
		bytes += p->total * p->page_bytes;
	}
	return bytes > host->ram_bytes
		       ? error_set(err, -EINVAL, "the pools are larger than the RAM")
		       : 0;
}

/* A commit limit that does not follow from the rest means that one of them was changed by hand. */
static int check_commit_limit(struct host *host, struct error *err)
{
	uint64_t follows = model_commit_limit(host), stated = host->commit_limit_bytes;
	uint64_t off = follows > stated ? follows - stated : stated - follows;
	char a[40], b[40];

	if (!stated)
		host->commit_limit_bytes = follows;
	if (!stated || off <= follows / 100)
		return 0;
	return error_set(
		err, -EINVAL,
		"commit_limit_bytes is %s, but from RAM, ratio or kbytes, pools and swap follows "
		"%s; leave it out to have it reckoned",
		bytes_format(stated, a, sizeof(a)), bytes_format(follows, b, sizeof(b)));
}

int snapshot_check(struct snapshot *s, struct error *err)
{
	struct host *host = &s->host;
	const struct process_memory *process = &s->process;

	if (host->page_bytes < 4096 || host->page_bytes > (1u << 20) ||
	    (host->page_bytes & (host->page_bytes - 1)))
		return error_set(err, -EINVAL, "page_bytes is no page size");
	if (!host->ram_bytes || !host->nr_cpus || !host->nr_cpus_present)
		return error_set(err, -EINVAL, "a machine has RAM and a CPU");
	if (host->free_bytes > host->ram_bytes || host->available_bytes > host->ram_bytes)
		return error_set(err, -EINVAL,
				 "more memory is free or available than there is RAM");
	if (host->swap_free_bytes > host->swap_bytes)
		return error_set(err, -EINVAL, "more swap is free than there is");
	if (host->overcommit_ratio && host->overcommit_kbytes)
		return error_set(err, -EINVAL,
				 "overcommit_ratio and overcommit_kbytes are both set; the "
				 "kernel zeroes one when the other is written");
	if (host->address_bits < 32 || host->address_bits > 57)
		return error_set(err, -EINVAL, "address_bits is none of 32 to 57");
	if (process->highest_address <= process->lowest_address ||
	    process->total_vm_bytes > process->highest_address)
		return error_set(err, -EINVAL, "the process is larger than its address space");
	return check_pools(host, err) ? -EINVAL : check_commit_limit(host, err);
}
