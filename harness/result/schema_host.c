/* SPDX-License-Identifier: MIT */
#include "result/schema_host.h"

#include "result/schema_parts.h"

static cJSON *address_space_schema(void)
{
	static const char *const names[] = { "total_vm_bytes",   "data_vm_bytes",
					     "locked_vm_bytes",  "nr_maps",
					     "lowest_address",   "highest_address",
					     "hole_32bit_bytes", NULL };
	cJSON *schema = counts_object(names), *hole = list(count());

	member(schema, "limit_data_hard_bytes", count_or_null());
	json_add_u64(hole, "minItems", 2);
	json_add_u64(hole, "maxItems", 2);
	member(schema, "holes", list(hole));
	return schema;
}

static cJSON *host_process_schema(void)
{
	static const char *const limits[] = { "limit_as_bytes", "limit_data_bytes",
					      "limit_memlock_bytes", "limit_stack_bytes", NULL };
	cJSON *schema = closed_object();

	members(schema, limits, count_or_null);
	optional(schema, "group_limit_bytes", count());
	optional(schema, "group_room_bytes", count());
	optional(schema, "group_swap_withheld_bytes", count());
	member(schema, "capabilities", list(text()));
	optional(schema, "address_space", address_space_schema());
	return schema;
}

static cJSON *host_nodes_schema(void)
{
	static const char *const names[] = { "node", "memory_bytes", "free_bytes", "cpus", NULL };
	cJSON *schema = counts_object(names);

	member(schema, "distance", list(count()));
	return list(schema);
}

static cJSON *host_thp_schema(void)
{
	cJSON *schema = closed_object();

	member(schema, "available", type("boolean"));
	member(schema, "enabled", text());
	member(schema, "pmd_bytes", count());
	member(schema, "sizes_bytes", list(count()));
	return schema;
}

cJSON *schema_host(void)
{
	static const char *const texts[] = { "name", "kernel", "machine", NULL };
	static const char *const memory[] = { "page_bytes",      "ram_bytes",
					      "available_bytes", "swap_bytes",
					      "swap_free_bytes", "commit_limit_bytes",
					      "committed_bytes", NULL };
	static const char *const vm[] = { "overcommit_memory",
					  "overcommit_ratio",
					  "overcommit_kbytes",
					  "admin_reserve_kbytes",
					  "user_reserve_kbytes",
					  "max_map_count",
					  NULL };
	static const char *const cpu[] = { "online",    "allowed",      "present",
					   "llc_bytes", "address_bits", NULL };
	static const char *const pool[] = { "page_bytes", "total",      "free", "reserved",
					    "surplus",    "overcommit", NULL };
	cJSON *schema = closed_object(), *amounts, *processors;

	members(schema, texts, text);
	member(schema, "boot_id", text_or_null());
	amounts = counts_object(memory);
	optional(amounts, "free_bytes", count());
	member(schema, "memory", amounts);
	member(schema, "vm", counts_object(vm));
	processors = counts_object(cpu);
	optional(processors, "cores", count());
	member(schema, "cpu", processors);
	member(schema, "process", host_process_schema());
	member(schema, "nodes", host_nodes_schema());
	member(schema, "thp", host_thp_schema());
	optional(schema, "hugetlb_default_bytes", count());
	member(schema, "hugetlb", list(counts_object(pool)));
	optional(schema, "facts", map_of(map_of(text_or_null())));
	return schema;
}
