// SPDX-License-Identifier: MIT
#include "property_child.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILLER_BYTES (32ull << 30) /* PROT_NONE: lets the user reserve bind, see below */
#define CROWD_MAX    100000u       /* mappings at most: more would take too long */

uint64_t child_committed(const struct child *c)
{
	char text[4096];
	ssize_t length = pread(c->meminfo, text, sizeof(text) - 1, 0);
	const char *at;
	uint64_t kib = 0;

	text[length > 0 ? length : 0] = '\0';
	at = strstr(text, "Committed_AS:");
	if (at)
		kib = strtoull(at + 13, NULL, 10);
	return kib << 10;
}

/* Writing the mode folds every CPU's part of the counter (mm/util.c overcommit_policy_handler). */
bool child_fold(struct child *c)
{
	char digit = (char)('0' + c->host.overcommit);

	return c->host.overcommit == OVERCOMMIT_NEVER && c->policy >= 0 &&
	       c->host.kernel_version >= KERNEL(5, 9) && pwrite(c->policy, &digit, 1, 0) == 1;
}

static int drop_capabilities(bool admin, bool lock)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	if (admin)
		data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	if (lock)
		data[0].effective &= ~(1u << CAP_IPC_LOCK);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

/* As near to bytes as the hard limit permits, which root raises (64 KiB of locked memory once). */
static void set_limit(int resource, uint64_t *bytes)
{
	struct rlimit limit;

	getrlimit(resource, &limit);
	limit.rlim_cur = *bytes;
	if (limit.rlim_cur > limit.rlim_max) {
		struct rlimit raised = { limit.rlim_cur, limit.rlim_cur };

		if (setrlimit(resource, &raised) == 0)
			return;
		*bytes = limit.rlim_cur = limit.rlim_max;
	}
	setrlimit(resource, &limit);
}

void child_count_accounts(struct child *c, uint64_t *ret_largest_run)
{
	struct process_memory *p = &c->model.process;
	uint64_t run = 0, end = 0;

	p->accounted_bytes = c->base_accounted;
	p->largest_accounted_bytes = c->base_largest;
	*ret_largest_run = c->base_largest;
	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		const struct piece *piece = &c->pieces[i];
		uint64_t length = piece->mapping.length_bytes;

		if (!(piece->mapping.traits & MAPPED_ACCOUNT))
			continue;
		p->accounted_bytes += length;
		if (length > p->largest_accounted_bytes)
			p->largest_accounted_bytes = length;
		run = piece->address == end ? run + length : length;
		end = piece->address + length;
		if (run > *ret_largest_run)
			*ret_largest_run = run;
	}
}

void child_read_space(struct child *c)
{
	struct process_memory now;

	if (process_memory_read(&now, PROCESS_MAPS, NULL) == 0) {
		now.accounts_known = c->model.process.accounts_known;
		now.accounted_bytes = c->model.process.accounted_bytes;
		now.largest_accounted_bytes = c->model.process.largest_accounted_bytes;
		c->model.process = now;
	}
}

/* Slots are followed by themselves: the holes that count for them are those of the beginning. */
void child_keep_first_holes(struct child *c)
{
	memcpy(c->model.process.holes, c->first.holes, sizeof(c->first.holes));
	c->model.process.nr_holes = c->first.nr_holes;
}

static uint64_t room(uint64_t limit, uint64_t used)
{
	return limit > used && limit != HOST_UNLIMITED ? limit - used : 0;
}

static uint64_t near_bytes(const struct child *c, const struct property_op *op)
{
	const struct model *m = &c->model;
	struct commit_terms terms;

	switch (op->near) {
	case NEAR_HEURISTIC:
		return model_heuristic_limit(&c->host);
	case NEAR_COMMIT:
		model_commit_terms(m, &terms);
		return room((uint64_t)terms.allowed_bytes, m->committed_bytes);
	case NEAR_AS:
		return room(c->host.limit_as, m->process.total_vm_bytes);
	case NEAR_DATA:
		return room(c->host.limit_data, m->process.data_vm_bytes);
	case NEAR_MEMLOCK:
		return room(c->host.limit_memlock, m->process.locked_vm_bytes);
	case NEAR_HOLE:
		return process_largest_hole(&m->process);
	case NEAR_HOLE_32BIT: /* not inside the band that is left to chance */
		return m->process.hole_32bit_bytes - (op->offset_pages > 0 ? 0 : 32u << 20);
	case NEAR_WINDOW:
		return m->process.highest_address;
	case NEAR_POOL:
		return 8ull * (2u << 20);
	case NEAR_LARGE:
		return PLACED_MAX;
	case NEAR_END:
		return (uint64_t)0 - 4 * c->host.page_bytes;
	default:
		return 0;
	}
}

uint64_t child_bytes(const struct child *c, const struct property_op *op)
{
	uint64_t page = c->host.page_bytes;

	if (op->near == NEAR_NOTHING)
		return op->offset_pages > 2 ? op->odd_bytes : 0;
	return near_bytes(c, op) + (uint64_t)op->offset_pages * page - op->odd_bytes;
}

void property_crowd(const struct host *host, uint64_t spare)
{
	struct process_memory now;
	uint64_t page = host->page_bytes, n;
	char *pages;

	if (process_memory_read(&now, PROCESS_MAPS, NULL) || host->max_map_count > CROWD_MAX ||
	    now.nr_maps + spare + 2 >= host->max_map_count)
		return;
	n = host->max_map_count - now.nr_maps - spare;
	pages = mmap(NULL, n * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (uint64_t i = 1; pages != MAP_FAILED && i < n; i += 2) {
		if (mprotect(pages + i * page, page, PROT_READ))
			return;
	}
}

void child_prepare(struct child *c)
{
	const struct property_sequence *s = c->sequence;
	struct process_memory now, accounts;

	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TOP_PAD, 1 << 20);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	c->meminfo = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	c->policy = open(PROPERTY_VM "overcommit_memory", O_WRONLY | O_CLOEXEC);
	/*
	 * total_vm / 32 is then larger than the reserve: this process is refused while others still
	 * have the reserve left, and none of them suffers.
	 */
	mmap(NULL, FILLER_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->drop_admin || s->drop_lock) {
		if (drop_capabilities(s->drop_admin, s->drop_lock) == 0) {
			c->host.cap_sys_admin = c->host.cap_sys_admin && !s->drop_admin;
			c->host.cap_ipc_lock = c->host.cap_ipc_lock && !s->drop_lock;
		}
	}
	process_memory_read(&now, PROCESS_ACCOUNTS, NULL); /* what it allocates stays */
	process_memory_read(&accounts, PROCESS_ACCOUNTS, NULL);
	if (s->spare_maps != PROPERTY_NO_LIMIT)
		property_crowd(&c->host, s->spare_maps);
	process_memory_read(&now, PROCESS_MAPS, NULL);
	/* Again for the mappings that were added, none of which is charged. */
	process_memory_read(&now, PROCESS_MAPS, NULL);
	now.accounts_known = accounts.accounts_known;
	now.accounted_bytes = accounts.accounted_bytes;
	now.largest_accounted_bytes = accounts.largest_accounted_bytes;
	if (s->as_pages != PROPERTY_NO_LIMIT)
		c->host.limit_as = now.total_vm_bytes + s->as_pages * c->host.page_bytes;
	if (s->data_pages != PROPERTY_NO_LIMIT)
		c->host.limit_data = now.data_vm_bytes + s->data_pages * c->host.page_bytes;
	if (s->data_zero)
		c->host.limit_data = 0;
	c->host.limit_memlock = s->memlock_pages * c->host.page_bytes;
	set_limit(RLIMIT_MEMLOCK, &c->host.limit_memlock);
	set_limit(RLIMIT_AS, &c->host.limit_as);
	set_limit(RLIMIT_DATA, &c->host.limit_data);
	c->shared->limit_as = c->host.limit_as;
	c->shared->limit_data = c->host.limit_data;
	c->shared->limit_memlock = c->host.limit_memlock;
	model_init(&c->model, &c->host, &now);
	c->first = now;
	c->base_accounted = now.accounted_bytes;
	c->base_largest = now.largest_accounted_bytes;
}

void child_compare(struct child *c)
{
	struct process_memory now, model = c->model.process;

	if (process_memory_read(&now, PROCESS_MAPS, NULL) < 0)
		return;
	c->shared->end_total = (int64_t)(model.total_vm_bytes - now.total_vm_bytes);
	c->shared->end_data = (int64_t)(model.data_vm_bytes - now.data_vm_bytes);
	c->shared->end_locked = (int64_t)(model.locked_vm_bytes - now.locked_vm_bytes);
	if (!c->maps_open)
		c->shared->end_maps = (int64_t)(c->first.nr_maps + c->nr_pieces - now.nr_maps);
	c->shared->ended = true;
}
