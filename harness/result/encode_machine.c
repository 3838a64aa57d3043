/* SPDX-License-Identifier: MIT */
/* The machine as results and snapshots state it. */
#include "result/encode.h"

#include "sys/process.h"

#include <unistd.h>

/* A limit of this process: null where there is none. */
static void add_limit(cJSON *object, const char *name, uint64_t bytes)
{
	if (bytes == HOST_UNLIMITED)
		json_add_null(object, name);
	else
		json_add_u64(object, name, bytes);
}

static void add_memory(cJSON *host, const struct host *h)
{
	cJSON *object = json_add_object(host, "memory");

	json_add_u64(object, "page_bytes", h->page_bytes);
	json_add_u64(object, "ram_bytes", h->ram_bytes);
	json_add_u64(object, "free_bytes", h->free_bytes);
	json_add_u64(object, "available_bytes", h->available_bytes);
	json_add_u64(object, "swap_bytes", h->swap_bytes);
	json_add_u64(object, "swap_free_bytes", h->swap_free_bytes);
	json_add_u64(object, "commit_limit_bytes", h->commit_limit_bytes);
	json_add_u64(object, "committed_bytes", h->committed_bytes);
}

static void add_vm(cJSON *host, const struct host *h)
{
	cJSON *object = json_add_object(host, "vm");

	json_add_u64(object, "overcommit_memory", h->overcommit);
	json_add_u64(object, "overcommit_ratio", h->overcommit_ratio);
	json_add_u64(object, "overcommit_kbytes", h->overcommit_kbytes);
	json_add_u64(object, "admin_reserve_kbytes", h->admin_reserve_kbytes);
	json_add_u64(object, "user_reserve_kbytes", h->user_reserve_kbytes);
	json_add_u64(object, "max_map_count", h->max_map_count);
}

static void add_cpu(cJSON *host, const struct host *h)
{
	cJSON *object = json_add_object(host, "cpu");

	json_add_u64(object, "online", h->nr_cpus);
	json_add_u64(object, "allowed", h->nr_cpus_allowed);
	json_add_u64(object, "present", h->nr_cpus_present);
	json_add_u64(object, "cores", h->nr_cores);
	json_add_u64(object, "llc_bytes", h->llc_bytes);
	json_add_u64(object, "address_bits", h->address_bits);
}

/* The supervisor's own address space: repetitions begin as copies of it. */
static void add_address_space(cJSON *object)
{
	struct process_memory p;
	cJSON *space, *holes;

	if (process_memory_read(&p, PROCESS_MAPS, NULL))
		return;
	space = json_add_object(object, "address_space");
	json_add_u64(space, "total_vm_bytes", p.total_vm_bytes);
	json_add_u64(space, "data_vm_bytes", p.data_vm_bytes);
	json_add_u64(space, "locked_vm_bytes", p.locked_vm_bytes);
	json_add_u64(space, "nr_maps", p.nr_maps);
	json_add_u64(space, "lowest_address", p.lowest_address);
	json_add_u64(space, "highest_address", p.highest_address);
	json_add_u64(space, "hole_32bit_bytes", p.hole_32bit_bytes);
	add_limit(space, "limit_data_hard_bytes", p.limit_data_hard);
	holes = json_add_array(space, "holes");
	for (unsigned int i = 0; i < p.nr_holes; i++) {
		cJSON *hole = cJSON_CreateArray();

		json_append_u64(hole, p.holes[i].start);
		json_append_u64(hole, p.holes[i].end);
		json_append(holes, hole);
	}
}

static void add_process(cJSON *host, const struct host *h)
{
	cJSON *object = json_add_object(host, "process"), *caps;

	add_limit(object, "limit_as_bytes", h->limit_as);
	add_limit(object, "limit_data_bytes", h->limit_data);
	add_limit(object, "limit_memlock_bytes", h->limit_memlock);
	add_limit(object, "limit_stack_bytes", h->limit_stack);
	if (h->group_limit_bytes) {
		json_add_u64(object, "group_limit_bytes", h->group_limit_bytes);
		json_add_u64(object, "group_room_bytes", h->group_room_bytes);
	}
	if (h->group_swap_withheld_bytes)
		json_add_u64(object, "group_swap_withheld_bytes", h->group_swap_withheld_bytes);
	caps = json_add_array(object, "capabilities");
	if (h->cap_sys_admin)
		json_append_text(caps, "sys_admin");
	if (h->cap_sys_resource)
		json_append_text(caps, "sys_resource");
	if (h->cap_ipc_lock)
		json_append_text(caps, "ipc_lock");
	if (h->cap_sys_nice)
		json_append_text(caps, "sys_nice");
	if (h->cap_sys_rawio)
		json_append_text(caps, "sys_rawio");
	add_address_space(object);
}

static void add_nodes(cJSON *host, const struct host *h)
{
	cJSON *nodes = json_add_array(host, "nodes");

	for (unsigned int i = 0; i < h->nr_nodes; i++) {
		cJSON *node = cJSON_CreateObject(), *distance;

		json_add_u64(node, "node", h->nodes[i].number);
		json_add_u64(node, "memory_bytes", h->nodes[i].memory_bytes);
		json_add_u64(node, "free_bytes", h->nodes[i].free_bytes);
		json_add_u64(node, "cpus", h->nodes[i].nr_cpus);
		distance = json_add_array(node, "distance");
		for (unsigned int to = 0; to < h->nr_nodes; to++)
			json_append_u64(distance, h->nodes[i].distance[to]);
		json_append(nodes, node);
	}
}

static void add_huge_pages(cJSON *host, const struct host *h)
{
	cJSON *thp = json_add_object(host, "thp"), *sizes, *pools;

	json_add_bool(thp, "available", h->thp_available);
	json_add_text(thp, "enabled", h->thp_enabled);
	json_add_u64(thp, "pmd_bytes", h->thp_pmd_bytes);
	sizes = json_add_array(thp, "sizes_bytes");
	for (unsigned int i = 0; i < h->nr_thp_sizes; i++)
		json_append_u64(sizes, h->thp_sizes[i]);
	json_add_u64(host, "hugetlb_default_bytes", h->hugetlb_default_bytes);
	pools = json_add_array(host, "hugetlb");
	for (unsigned int i = 0; i < h->nr_pools; i++) {
		cJSON *pool = cJSON_CreateObject();

		json_add_u64(pool, "page_bytes", h->pools[i].page_bytes);
		json_add_u64(pool, "total", h->pools[i].total);
		json_add_u64(pool, "free", h->pools[i].free);
		json_add_u64(pool, "reserved", h->pools[i].reserved);
		json_add_u64(pool, "surplus", h->pools[i].surplus);
		json_add_u64(pool, "overcommit", h->pools[i].overcommit);
		json_append(pools, pool);
	}
}

cJSON *encode_machine(const struct host *host)
{
	cJSON *object = cJSON_CreateObject();
	char name[256] = "";

	gethostname(name, sizeof(name) - 1);
	json_add_text(object, "name", name);
	json_add_text(object, "kernel", host->kernel_release);
	json_add_text(object, "machine", host->machine);
	encode_boot(object);
	add_memory(object, host);
	add_vm(object, host);
	add_cpu(object, host);
	add_process(object, host);
	add_nodes(object, host);
	add_huge_pages(object, host);
	return object;
}
