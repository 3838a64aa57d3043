/* SPDX-License-Identifier: MIT */
/* Axis `numa`: the memory policy of a mapping, by the kernel's node numbers. */
#include "axes/rows.h"
#include "axes/words.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODE_NUMBER_MAX 1023u /* of the kernel's largest configuration */

static const char *const policy_names[] = {
	[NUMA_DEFAULT] = "default",
	[NUMA_LOCAL] = "local",
	[NUMA_BIND] = "bind",
	[NUMA_PREFERRED] = "preferred",
	[NUMA_PREFERRED_MANY] = "preferred-many",
	[NUMA_INTERLEAVE] = "interleave",
	[NUMA_WEIGHTED_INTERLEAVE] = "weighted-interleave",
	[NUMA_REMOTE] = "remote",
	NULL,
};

static const struct {
	bool takes_nodes;
	unsigned int major, minor; /* kernel that brought it; 0: all have it */
} policies[] = {
	[NUMA_DEFAULT] = { false, 0, 0 },
	[NUMA_LOCAL] = { false, 0, 0 },
	[NUMA_BIND] = { true, 0, 0 },
	[NUMA_PREFERRED] = { true, 0, 0 },
	[NUMA_PREFERRED_MANY] = { true, 5, 15 },
	[NUMA_INTERLEAVE] = { true, 0, 0 },
	[NUMA_WEIGHTED_INTERLEAVE] = { true, 6, 9 },
	[NUMA_REMOTE] = { false, 0, 0 },
};

struct value {
	enum numa_mode mode;
	unsigned int nr_nodes;              /* 0: every node with memory */
	unsigned int nodes[HOST_NODES_MAX]; /* the kernel's numbers, ascending */
};

static const struct arg field_rows[] = {
	{ .name = "policy", .type = ARG_CHOICE, .choices = policy_names, .help = "memory policy" },
	{ .name = "nodes",
	  .type = ARG_WORDS,
	  .initial = "",
	  .help = "numbers of NUMA nodes; without it every node that has memory" },
	{ 0 },
};

/* Keep nodes ascending; one that is there twice is one. */
static int add_node(struct value *v, unsigned long number, struct error *err)
{
	unsigned int at = 0;

	if (number > NODE_NUMBER_MAX)
		return error_set(err, -EINVAL, "%lu is no number of a node: the largest is %u",
				 number, NODE_NUMBER_MAX);
	while (at < v->nr_nodes && v->nodes[at] < number)
		at++;
	if (at < v->nr_nodes && v->nodes[at] == number)
		return 0;
	if (v->nr_nodes == HOST_NODES_MAX)
		return error_set(err, -EINVAL, "more than %d nodes", HOST_NODES_MAX);
	memmove(&v->nodes[at + 1], &v->nodes[at], (v->nr_nodes - at) * sizeof(v->nodes[0]));
	v->nodes[at] = (unsigned int)number;
	v->nr_nodes++;
	return 0;
}

/* "0" or "0-3". */
static int add_range(struct value *v, const char *word, struct error *err)
{
	unsigned long first, last;
	char *end;
	int r = 0;

	first = last = strtoul(word, &end, 10);
	if (isdigit((unsigned char)word[0]) && *end == '-' && isdigit((unsigned char)end[1]))
		last = strtoul(end + 1, &end, 10);
	if (!isdigit((unsigned char)word[0]) || *end || last < first)
		return error_set(err, -EINVAL, "\"%s\" is no node: write numbers, 0,1 or 0-3",
				 word);
	for (unsigned long i = first; !r && i <= last; i++)
		r = add_node(v, i, err);
	return r;
}

static int add_nodes(struct value *v, const struct words *words, unsigned int from,
		     struct error *err)
{
	int r = 0;

	if (from < words->n && !policies[v->mode].takes_nodes)
		return error_set(err, -EINVAL, "policy %s takes no nodes: write %s",
				 policy_names[v->mode], policy_names[v->mode]);
	for (unsigned int i = from; !r && i < words->n; i++)
		r = add_range(v, words->word[i], err);
	return r;
}

static int parse_mapping(const struct field *fields, size_t n, struct value *v, size_t *ret_bad,
			 struct error *err)
{
	const struct field *policy = field_find(fields, n, "policy", ret_bad);
	int r = word_index(policy->text, "policy", policy_names, err);
	const struct field *nodes;
	struct words words;

	if (r < 0)
		return r;
	v->mode = (enum numa_mode)r;
	nodes = field_find(fields, n, "nodes", ret_bad);
	if (!nodes)
		return 0;
	r = words_split(nodes->text, &words, err);
	return r ? r : add_nodes(v, &words, 0, err);
}

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct value *v = value;
	struct words words;
	int r;

	*ret_bad = 0;
	if (fields[0].key)
		return parse_mapping(fields, n, v, ret_bad, err);
	r = words_split(fields[0].text, &words, err);
	if (r)
		return r;
	r = word_index(words.word[0], "policy", policy_names, err);
	if (r < 0)
		return r;
	v->mode = (enum numa_mode)r;
	return add_nodes(v, &words, 1, err);
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;
	int used = snprintf(ret, length, "%s", policy_names[v->mode]);

	for (unsigned int i = 0; i < v->nr_nodes && (size_t)used < length; i++)
		used += snprintf(ret + used, length - (size_t)used, "%s%u", i ? "," : " ",
				 v->nodes[i]);
}

static unsigned int nodes_with_memory(const struct host *host)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < host->nr_nodes; i++)
		n += host->nodes[i].memory_bytes > 0;
	return n;
}

static int no_node(unsigned int number, const struct host *host, struct error *err)
{
	char known[256] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < host->nr_nodes && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%u", i ? ", " : "",
					 host->nodes[i].number);
	return error_set(err, -ENOTSUP, "there is no node %u here, only %s", number, known);
}

static int resolve_nodes(const struct value *v, const struct host *host, struct numa_policy *p,
			 struct error *err)
{
	for (unsigned int i = 0; i < v->nr_nodes; i++) {
		int index = host_node_index(host, v->nodes[i]);

		if (index < 0)
			return no_node(v->nodes[i], host, err);
		if (!host->nodes[index].memory_bytes)
			return error_set(err, -ENOTSUP, "node %u has no memory", v->nodes[i]);
		p->nodes |= 1ull << index;
	}
	p->nodes_given = v->nr_nodes > 0;
	return 0;
}

/*
 * A pool that is not enlarged for this cell must have its pages on the nodes asked for: mmap()
 * checks the pool as a whole, and the first touch of a page too many is the end of the process.
 */
static int check_pool(const struct value *v, const struct host *host, const struct host_pool *pool,
		      const struct conditions *c, struct error *err)
{
	uint64_t free = 0, needed = conditions_huge_pages(c);
	char size[32], policy[256];

	for (unsigned int i = 0; i < host->nr_nodes; i++)
		if (c->map.numa.nodes >> i & 1)
			free += pool->node_free[i];
	/* With too few in the whole pool mmap() itself says ENOMEM, as it does without a policy. */
	if (free >= needed || pool->free - pool->reserved < needed)
		return 0;
	format(v, policy, sizeof(policy));
	return error_set(err, -ENOTSUP, "%" PRIu64 " free %s pages on node%s%s, %" PRIu64 " needed",
			 free, bytes_format(pool->page_bytes, size, sizeof(size)),
			 v->nr_nodes > 1 ? "s" : "", strchr(policy, ' '), needed);
}

/* Want one node's pool to have room for `needed` pages beside what is in use there. */
static int want_node_pool(const struct host *host, unsigned int node, const struct host_pool *pool,
			  uint64_t needed, struct conditions *c, struct error *err)
{
	uint64_t total = pool->node_total[node], free = pool->node_free[node];
	uint64_t target = total - free + needed, more = target > total ? target - total : 0;
	unsigned int number = host->nodes[node].number;
	char size[32], left[32], name[64], text[24];

	if (target <= pool->start_node_total[node])
		return 0;
	if (more > host->nodes[node].free_bytes / pool->page_bytes)
		return error_set(err, -ENOTSUP,
				 "%" PRIu64 " free %s pages on node %u, %" PRIu64
				 " needed, and %s of memory free there for more",
				 free, bytes_format(pool->page_bytes, size, sizeof(size)), number,
				 needed,
				 bytes_format(host->nodes[node].free_bytes, left, sizeof(left)));
	snprintf(name, sizeof(name), "hugetlb.%s.node%u",
		 bytes_format_exact(pool->page_bytes, size, sizeof(size)), number);
	snprintf(text, sizeof(text), "%" PRIu64, target);
	return conditions_want(c, name, text, err);
}

/* The pages that hugepages wants, on the nodes of the policy and in equal parts. */
static int place_pool(const struct host *host, const struct host_pool *pool, struct conditions *c,
		      struct error *err)
{
	unsigned int nr_nodes = (unsigned int)__builtin_popcountll(c->map.numa.nodes);
	uint64_t needed = conditions_huge_pages(c);
	uint64_t each = needed / nr_nodes + (needed % nr_nodes > 0);
	char size[32], name[64];
	int r = 0;

	snprintf(name, sizeof(name), "hugetlb.%s",
		 bytes_format_exact(pool->page_bytes, size, sizeof(size)));
	conditions_unwant(c, name);
	for (unsigned int i = 0; !r && i < host->nr_nodes; i++)
		if (c->map.numa.nodes >> i & 1)
			r = want_node_pool(host, i, pool, each, c, err);
	return r;
}

static int resolve_pool(const struct value *v, const struct host *host, struct conditions *c,
			struct error *err)
{
	const struct host_pool *pool = host_pool(host, c->map.huge_page_bytes);

	if (v->mode != NUMA_BIND || !v->nr_nodes || !pool)
		return 0;
	if (c->pool_sized)
		return place_pool(host, pool, c, err);
	return c->map.flags & MAP_NORESERVE ? 0 : check_pool(v, host, pool, c, err);
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;
	int r;

	if (v->mode == NUMA_DEFAULT)
		return 0;
	if (!host->numa_available)
		return error_set(err, -ENOTSUP, "this kernel is built without NUMA");
	if (policies[v->mode].major &&
	    !host_kernel_is(host, policies[v->mode].major, policies[v->mode].minor))
		return error_set(err, -ENOTSUP, "%s needs Linux %u.%u, this is %s",
				 policy_names[v->mode], policies[v->mode].major,
				 policies[v->mode].minor, host->kernel_release);
	if (v->mode == NUMA_REMOTE && nodes_with_memory(host) < 2)
		return error_set(err, -ENOTSUP, "no other node has memory: this host has one");
	c->map.numa.mode = v->mode;
	r = resolve_nodes(v, host, &c->map.numa, err);
	if (r)
		return r;
	return resolve_pool(v, host, c, err);
}

const struct axis axis_numa = {
	.name = "numa",
	.help = "memory policy of a mapping",
	.forms = "default, local, remote: the farthest node from the worker\n"
		 "bind 0,1 and so preferred, preferred-many, interleave, weighted-interleave; "
		 "without numbers every node with memory\n"
		 "{policy: bind, nodes: [0, 1]}",
	.fields = field_rows,
	.initial = "default",
	.of_mapping = true,
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
