/* SPDX-License-Identifier: MIT */
/* The NUMA nodes: their memory, CPUs and distances. */
#include "sys/host_parts.h"

#include "base/file.h"
#include "sys/id_list.h"

#include <stdio.h>
#include <stdlib.h>

static void read_memory(const char *root, struct host_node *node)
{
	char text[HOST_MEMINFO_MAX], prefix[32];

	if (file_readf(text, sizeof(text), "%s" HOST_NODES "/node%u/meminfo", root, node->number) <=
	    0)
		return;
	snprintf(prefix, sizeof(prefix), "Node %u MemTotal:", node->number);
	node->memory_bytes = host_meminfo_bytes(text, prefix);
	snprintf(prefix, sizeof(prefix), "Node %u MemFree:", node->number);
	node->free_bytes = host_meminfo_bytes(text, prefix);
}

static void read_node(const char *root, struct host *h, struct host_node *node)
{
	char text[ID_LIST_MAX];
	const char *at;

	read_memory(root, node);
	if (file_readf(text, sizeof(text), "%s" HOST_NODES "/node%u/cpulist", root, node->number) >
	    0)
		node->nr_cpus = id_list_count(text);
	if (file_readf(text, sizeof(text), "%s" HOST_NODES "/node%u/distance", root, node->number) <
	    0)
		return;
	at = text;
	for (unsigned int i = 0; i < h->nr_nodes; i++) {
		char *end;
		unsigned long distance = strtoul(at, &end, 10);

		if (end == at)
			break;
		node->distance[i] = distance < UINT8_MAX ? (uint8_t)distance : UINT8_MAX;
		at = end;
	}
}

/* An only node has all there is: some guests count memory added at run time only in meminfo. */
static void whole_node(struct host *h)
{
	h->nodes[0].memory_bytes = h->ram_bytes;
	h->nodes[0].free_bytes = h->free_bytes;
}

void host_read_nodes(const char *root, struct host *h)
{
	unsigned int first, last;
	char list[ID_LIST_MAX];
	const char *at = list;

	if (file_readf(list, sizeof(list), "%s" HOST_NODES "/online", root) <= 0) {
		h->nr_nodes = 1;
		h->nodes[0] = (struct host_node){ .memory_bytes = h->ram_bytes,
						  .free_bytes = h->free_bytes,
						  .nr_cpus = h->nr_cpus,
						  .distance = { 10 } };
		return;
	}
	h->nr_nodes = 0;
	while (id_list_next(&at, &first, &last))
		for (unsigned int i = first; i <= last && h->nr_nodes < HOST_NODES_MAX; i++)
			h->nodes[h->nr_nodes++] = (struct host_node){ .number = i };
	h->numa_available = true;
	for (unsigned int i = 0; i < h->nr_nodes; i++)
		read_node(root, h, &h->nodes[i]);
	if (h->nr_nodes == 1)
		whole_node(h);
}

void host_refresh_nodes(const char *root, struct host *h)
{
	if (h->nr_nodes == 1)
		whole_node(h);
	else
		for (unsigned int i = 0; i < h->nr_nodes; i++)
			read_memory(root, &h->nodes[i]);
}
