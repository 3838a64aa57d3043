/* SPDX-License-Identifier: MIT */
#include "result/machine.h"

#include "base/cleanup.h"
#include "model/rule.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Where a number stands in the result, and where in the struct it goes. */
struct place {
	const char *path;
	size_t offset;
};

static const struct place host_places[] = {
	{ "memory/page_bytes", offsetof(struct host, page_bytes) },
	{ "memory/ram_bytes", offsetof(struct host, ram_bytes) },
	{ "memory/free_bytes", offsetof(struct host, free_bytes) },
	{ "memory/available_bytes", offsetof(struct host, available_bytes) },
	{ "memory/swap_bytes", offsetof(struct host, swap_bytes) },
	{ "memory/swap_free_bytes", offsetof(struct host, swap_free_bytes) },
	{ "memory/commit_limit_bytes", offsetof(struct host, commit_limit_bytes) },
	{ "memory/committed_bytes", offsetof(struct host, committed_bytes) },
	{ "vm/overcommit_ratio", offsetof(struct host, overcommit_ratio) },
	{ "vm/overcommit_kbytes", offsetof(struct host, overcommit_kbytes) },
	{ "vm/admin_reserve_kbytes", offsetof(struct host, admin_reserve_kbytes) },
	{ "vm/user_reserve_kbytes", offsetof(struct host, user_reserve_kbytes) },
	{ "vm/max_map_count", offsetof(struct host, max_map_count) },
	{ "cpu/llc_bytes", offsetof(struct host, llc_bytes) },
	{ "process/group_limit_bytes", offsetof(struct host, group_limit_bytes) },
	{ "process/group_room_bytes", offsetof(struct host, group_room_bytes) },
	{ "process/group_swap_withheld_bytes", offsetof(struct host, group_swap_withheld_bytes) },
	{ "thp/pmd_bytes", offsetof(struct host, thp_pmd_bytes) },
	{ "hugetlb_default_bytes", offsetof(struct host, hugetlb_default_bytes) },
};

static const struct place limit_places[] = {
	{ "process/limit_as_bytes", offsetof(struct host, limit_as) },
	{ "process/limit_data_bytes", offsetof(struct host, limit_data) },
	{ "process/limit_memlock_bytes", offsetof(struct host, limit_memlock) },
	{ "process/limit_stack_bytes", offsetof(struct host, limit_stack) },
};

static const struct place space_places[] = {
	{ "total_vm_bytes", offsetof(struct process_memory, total_vm_bytes) },
	{ "data_vm_bytes", offsetof(struct process_memory, data_vm_bytes) },
	{ "locked_vm_bytes", offsetof(struct process_memory, locked_vm_bytes) },
	{ "nr_maps", offsetof(struct process_memory, nr_maps) },
	{ "lowest_address", offsetof(struct process_memory, lowest_address) },
	{ "highest_address", offsetof(struct process_memory, highest_address) },
	{ "hole_32bit_bytes", offsetof(struct process_memory, hole_32bit_bytes) },
};

static const struct place pool_places[] = {
	{ "page_bytes", offsetof(struct host_pool, page_bytes) },
	{ "total", offsetof(struct host_pool, total) },
	{ "total", offsetof(struct host_pool, start_total) },
	{ "free", offsetof(struct host_pool, free) },
	{ "reserved", offsetof(struct host_pool, reserved) },
	{ "surplus", offsetof(struct host_pool, surplus) },
	{ "overcommit", offsetof(struct host_pool, overcommit) },
};

/* Sizes and addresses are whole pages, so a double holds them exactly. */
static uint64_t number(const struct result *r, const char *path, uint64_t fallback)
{
	double value = result_number(r, path, -1);

	return value >= 0 && value < 0x1p64 ? (uint64_t)value : fallback;
}

static void fill(const struct result *r, const char *prefix, const struct place *places, size_t n,
		 uint64_t fallback, void *to)
{
	for (size_t i = 0; i < n; i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", prefix, places[i].path);
		*(uint64_t *)((char *)to + places[i].offset) = number(r, path, fallback);
	}
}

static void fill_processors(const struct result *r, struct host *h)
{
	h->nr_cpus = (unsigned int)number(r, "host/cpu/online", 1);
	h->nr_cpus_allowed = (unsigned int)number(r, "host/cpu/allowed", h->nr_cpus);
	h->nr_cpus_present = (unsigned int)number(r, "host/cpu/present", h->nr_cpus);
	h->nr_cores = (unsigned int)number(r, "host/cpu/cores", h->nr_cpus_allowed);
	h->address_bits = (unsigned int)number(r, "host/cpu/address_bits", 47);
}

static void fill_nodes(const struct result *r, struct host *h)
{
	for (unsigned int i = 0; i < HOST_NODES_MAX; i++) {
		struct host_node *node = &h->nodes[i];
		char path[64];

		snprintf(path, sizeof(path), "host/nodes/%u/node", i);
		if (result_number(r, path, -1) < 0)
			break;
		node->number = (unsigned int)number(r, path, 0);
		snprintf(path, sizeof(path), "host/nodes/%u/memory_bytes", i);
		node->memory_bytes = number(r, path, 0);
		snprintf(path, sizeof(path), "host/nodes/%u/free_bytes", i);
		node->free_bytes = number(r, path, 0);
		snprintf(path, sizeof(path), "host/nodes/%u/cpus", i);
		node->nr_cpus = (unsigned int)number(r, path, 0);
		h->nr_nodes = i + 1;
	}
	h->numa_available = h->nr_nodes > 0;
}

static void fill_pools(const struct result *r, struct host *h)
{
	for (unsigned int i = 0; i < HOST_POOLS_MAX; i++) {
		char prefix[64], path[96];

		snprintf(prefix, sizeof(prefix), "host/hugetlb/%u", i);
		snprintf(path, sizeof(path), "%s/page_bytes", prefix);
		if (result_number(r, path, -1) <= 0)
			break;
		fill(r, prefix, pool_places, ARRAY_LENGTH(pool_places), 0, &h->pools[i]);
		h->nr_pools = i + 1;
	}
}

static void fill_capabilities(const struct result *r, struct host *h)
{
	for (unsigned int i = 0; i < 8; i++) {
		const char *name;
		char path[64];

		snprintf(path, sizeof(path), "host/process/capabilities/%u", i);
		name = result_text(r, path);
		if (!name)
			break;
		h->cap_sys_admin |= strcmp(name, "sys_admin") == 0;
		h->cap_sys_resource |= strcmp(name, "sys_resource") == 0;
		h->cap_ipc_lock |= strcmp(name, "ipc_lock") == 0;
		h->cap_sys_nice |= strcmp(name, "sys_nice") == 0;
		h->cap_sys_rawio |= strcmp(name, "sys_rawio") == 0;
	}
}

static void fill_thp(const struct result *r, struct host *h)
{
	const char *enabled = result_text(r, "host/thp/enabled");

	h->thp_available = enabled && *enabled;
	snprintf(h->thp_enabled, sizeof(h->thp_enabled), "%s", enabled ? enabled : "");
	for (unsigned int i = 0; i < HOST_THP_SIZES_MAX; i++) {
		char path[64];

		snprintf(path, sizeof(path), "host/thp/sizes_bytes/%u", i);
		if (result_number(r, path, -1) <= 0)
			break;
		h->thp_sizes[i] = number(r, path, 0);
		h->nr_thp_sizes = i + 1;
	}
}

static void fill_kernel(const struct result *r, struct host *h)
{
	const char *release = result_text(r, "host/kernel"),
		   *machine = result_text(r, "host/machine");
	unsigned int major = 0, minor = 0, patch = 0;

	if (release)
		sscanf(release, "%u.%u.%u", &major, &minor, &patch);
	h->kernel_version = KERNEL(major, minor) | (patch > 255 ? 255 : patch);
	snprintf(h->kernel_release, sizeof(h->kernel_release), "%s", release ? release : "");
	snprintf(h->machine, sizeof(h->machine), "%s", machine ? machine : "");
}

/* Without the address space, that of a process that has hardly anything mapped. */
static void fill_space(const struct result *r, struct snapshot *s)
{
	static const char prefix[] = "host/process/address_space";
	struct process_memory *p = &s->process;

	fill(r, prefix, space_places, ARRAY_LENGTH(space_places), 0, p);
	p->limit_data_hard = number(r, "host/process/address_space/limit_data_hard_bytes",
				    HOST_UNLIMITED);
	if (!p->highest_address) {
		p->lowest_address = s->host.page_bytes;
		p->highest_address = (1ull << s->host.address_bits) - s->host.page_bytes;
	}
	for (unsigned int i = 0; i < PROCESS_HOLES_MAX; i++) {
		char path[96];
		uint64_t start, end;

		snprintf(path, sizeof(path), "%s/holes/%u/0", prefix, i);
		start = number(r, path, 0);
		snprintf(path, sizeof(path), "%s/holes/%u/1", prefix, i);
		end = number(r, path, 0);
		if (end <= start)
			break;
		p->holes[i] = (struct process_hole){ start, end };
		p->nr_holes = i + 1;
	}
	if (!p->nr_holes) {
		p->holes[0] = (struct process_hole){ p->lowest_address, p->highest_address };
		p->nr_holes = 1;
	}
}

int result_machine(const struct result *r, struct snapshot *ret, struct error *err)
{
	struct host *h = &ret->host;
	uint64_t mode = number(r, "host/vm/overcommit_memory", 0);

	memset(ret, 0, sizeof(*ret));
	fill(r, "host", host_places, ARRAY_LENGTH(host_places), 0, h);
	fill(r, "host", limit_places, ARRAY_LENGTH(limit_places), HOST_UNLIMITED, h);
	fill_kernel(r, h);
	fill_processors(r, h);
	if (h->page_bytes < 4096 || !h->ram_bytes || h->address_bits < 32 || h->address_bits > 57 ||
	    mode > OVERCOMMIT_NEVER)
		return error_set(err, -EINVAL,
				 "%s: does not say what machine it was measured on (host.memory, "
				 "host.vm, host.cpu)",
				 r->path);
	h->overcommit = (enum overcommit_mode)mode;
	fill_nodes(r, h);
	fill_pools(r, h);
	fill_capabilities(r, h);
	fill_thp(r, h);
	fill_space(r, ret);
	return 0;
}
