/* SPDX-License-Identifier: MIT */
#include "sys/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CPUS_MAX  8192 /* the kernel's largest NR_CPUS */
#define LONG_BITS (8 * sizeof(unsigned long))

struct cpu_mask {
	unsigned long bits[CPUS_MAX / LONG_BITS];
};

/* One CPU. package, node and core are hwloc's logical numbers, which have no gaps. */
struct pu {
	unsigned int cpu;         /* the kernel's number */
	unsigned int node_number; /* the kernel's */
	unsigned int package, node, core;
	unsigned int thread;          /* place in its core */
	unsigned int core_in_node;    /* place of its core in its node */
	unsigned int node_in_package; /* place of its node in its package */
};

struct topology {
	unsigned int nr_pus;
	struct pu *pus;     /* compact order, which is hwloc's logical order */
	struct pu *scatter; /* the same in scatter order */
};

static bool same_core(const struct pu *a, const struct pu *b)
{
	return a->core == b->core && a->package == b->package;
}

/* Places inside core, node and package, counted over the CPUs that are left. */
static void rank(struct topology *t)
{
	for (unsigned int i = 0; i < t->nr_pus; i++) {
		const struct pu *last = i ? &t->pus[i - 1] : NULL;
		struct pu *p = &t->pus[i];

		p->thread = last && same_core(last, p) ? last->thread + 1 : 0;
		if (last && last->package == p->package)
			p->node_in_package = last->node_in_package + (last->node != p->node);
		else
			p->node_in_package = 0;
		if (last && last->package == p->package && last->node == p->node)
			p->core_in_node = last->core_in_node + !same_core(last, p);
		else
			p->core_in_node = 0;
	}
}

static int compare_number(unsigned int a, unsigned int b)
{
	return (a > b) - (a < b);
}

static int compare_scatter(const void *a, const void *b)
{
	const struct pu *x = a, *y = b;
	int r = compare_number(x->thread, y->thread);

	r = r ? r : compare_number(x->core_in_node, y->core_in_node);
	r = r ? r : compare_number(x->node_in_package, y->node_in_package);
	r = r ? r : compare_number(x->package, y->package);
	return r ? r : compare_number(x->cpu, y->cpu);
}

static void arrange(struct topology *t)
{
	rank(t);
	memcpy(t->scatter, t->pus, t->nr_pus * sizeof(t->pus[0]));
	qsort(t->scatter, t->nr_pus, sizeof(t->scatter[0]), compare_scatter);
}

static unsigned int logical_above(hwloc_obj_t obj, hwloc_obj_type_t type, hwloc_topology_t hw)
{
	hwloc_obj_t above = hwloc_get_ancestor_obj_by_type(hw, type, obj);

	return above ? above->logical_index : 0;
}

/*
 * The node of a CPU: of those that it is local to the one with the fewest CPUs. Memory-only nodes
 * (CXL, high-bandwidth memory) hang above or beside the node that the kernel counts the CPU to, and
 * come after it.
 */
static hwloc_obj_t node_of(hwloc_topology_t hw, hwloc_obj_t pu)
{
	hwloc_obj_t best = NULL, node = NULL;

	while ((node = hwloc_get_next_obj_by_type(hw, HWLOC_OBJ_NUMANODE, node))) {
		if (!hwloc_bitmap_isset(node->cpuset, pu->os_index))
			continue;
		if (!best || hwloc_bitmap_weight(node->cpuset) < hwloc_bitmap_weight(best->cpuset))
			best = node;
	}
	return best;
}

static void read_pus(struct topology *t, hwloc_topology_t hw)
{
	hwloc_obj_t pu = NULL;
	bool has_cores = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_CORE) > 0;

	while ((pu = hwloc_get_next_obj_by_type(hw, HWLOC_OBJ_PU, pu))) {
		hwloc_obj_t node = node_of(hw, pu);

		t->pus[t->nr_pus++] = (struct pu){
			.cpu = pu->os_index,
			.package = logical_above(pu, HWLOC_OBJ_PACKAGE, hw),
			.core = has_cores ? logical_above(pu, HWLOC_OBJ_CORE, hw)
					  : pu->logical_index,
			.node = node ? node->logical_index : 0,
			.node_number = node ? node->os_index : 0,
		};
	}
}

/* Without a text: this machine. */
static int open_hwloc(hwloc_topology_t *ret, const char *synthetic, struct error *err)
{
	hwloc_topology_t hw;

	if (hwloc_topology_init(&hw))
		return error_set(err, -ENOMEM, "hwloc: cannot begin");
	if (synthetic && hwloc_topology_set_synthetic(hw, synthetic)) {
		hwloc_topology_destroy(hw);
		return error_set(err, -EINVAL, "\"%s\" is no synthetic topology", synthetic);
	}
	if (hwloc_topology_load(hw)) {
		hwloc_topology_destroy(hw);
		return error_set(err, -EIO, "hwloc: cannot read the topology of this machine");
	}
	*ret = hw;
	return 0;
}

static bool mask_has(const struct cpu_mask *mask, unsigned int cpu)
{
	return cpu < CPUS_MAX && mask->bits[cpu / LONG_BITS] >> cpu % LONG_BITS & 1;
}

static void mask_add(struct cpu_mask *mask, unsigned int cpu)
{
	if (cpu < CPUS_MAX)
		mask->bits[cpu / LONG_BITS] |= 1ul << cpu % LONG_BITS;
}

static int keep(struct topology *t, const struct cpu_mask *mask)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < t->nr_pus; i++)
		n += mask_has(mask, t->pus[i].cpu);
	if (!n)
		return -EINVAL;
	n = 0;
	for (unsigned int i = 0; i < t->nr_pus; i++)
		if (mask_has(mask, t->pus[i].cpu))
			t->pus[n++] = t->pus[i];
	t->nr_pus = n;
	arrange(t);
	return 0;
}

int topology_restrict(struct topology *t, const unsigned int *cpus, size_t n)
{
	struct cpu_mask mask = { { 0 } };

	for (size_t i = 0; i < n; i++)
		mask_add(&mask, cpus[i]);
	return keep(t, &mask);
}

static int fill(struct topology *t, hwloc_topology_t hw, struct error *err)
{
	size_t room = (size_t)hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_PU);

	t->pus = calloc(room, sizeof(t->pus[0]));
	t->scatter = calloc(room, sizeof(t->scatter[0]));
	if (!t->pus || !t->scatter)
		return error_set(err, -ENOMEM, "out of memory");
	read_pus(t, hw);
	arrange(t);
	return 0;
}

static int keep_allowed(struct topology *t, struct error *err)
{
	struct cpu_mask mask = { { 0 } };

	if (sched_getaffinity(0, sizeof(mask), (cpu_set_t *)&mask))
		return error_set_errno(err, -errno, "sched_getaffinity");
	if (keep(t, &mask))
		return error_set(err, -EIO, "hwloc knows none of the CPUs that may be used");
	return 0;
}

int topology_load(struct topology **ret, const char *synthetic, struct error *err)
{
	struct topology *t = calloc(1, sizeof(*t));
	hwloc_topology_t hw = NULL;
	int r;

	if (!t)
		return error_set(err, -ENOMEM, "out of memory");
	r = open_hwloc(&hw, synthetic, err);
	if (!r) {
		r = fill(t, hw, err);
		hwloc_topology_destroy(hw);
	}
	if (!r && !synthetic)
		r = keep_allowed(t, err);
	if (r) {
		topology_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

void topology_free(struct topology *t)
{
	if (!t)
		return;
	free(t->pus);
	free(t->scatter);
	free(t);
}

static void place_cpus(const struct pu *order, unsigned int nr_pus, unsigned int n,
		       struct worker_place *ret_places)
{
	for (unsigned int i = 0; i < n; i++)
		ret_places[i] = (struct worker_place){ .cpu = (int)order[i % nr_pus].cpu,
						       .node = -1 };
}

static void place_cores(const struct topology *t, unsigned int n, struct worker_place *ret_places)
{
	unsigned int filled = 0;

	while (filled < n)
		for (unsigned int i = 0; i < t->nr_pus && filled < n; i++)
			if (t->pus[i].thread == 0)
				ret_places[filled++] = (struct worker_place){
					.cpu = (int)t->pus[i].cpu, .node = -1
				};
}

static bool first_of_node(const struct topology *t, unsigned int at)
{
	for (unsigned int i = 0; i < at; i++)
		if (t->pus[i].node_number == t->pus[at].node_number)
			return false;
	return true;
}

static void place_nodes(const struct topology *t, unsigned int n, struct worker_place *ret_places)
{
	unsigned int known = 0;

	for (unsigned int i = 0; i < t->nr_pus && known < n; i++)
		if (first_of_node(t, i))
			ret_places[known++] = (struct worker_place){
				.cpu = -1, .node = (int)t->pus[i].node_number
			};
	for (unsigned int i = known; known && i < n; i++)
		ret_places[i] = ret_places[i % known];
}

int topology_place(const struct topology *t, enum placement placement, unsigned int n,
		   struct worker_place *ret_places, struct error *err)
{
	switch (placement) {
	case PLACEMENT_NONE:
		for (unsigned int i = 0; i < n; i++)
			ret_places[i] = (struct worker_place){ .cpu = -1, .node = -1 };
		return 0;
	case PLACEMENT_COMPACT:
		place_cpus(t->pus, t->nr_pus, n, ret_places);
		return 0;
	case PLACEMENT_SCATTER:
		place_cpus(t->scatter, t->nr_pus, n, ret_places);
		return 0;
	case PLACEMENT_CORE:
		place_cores(t, n, ret_places);
		return 0;
	case PLACEMENT_NODE:
		place_nodes(t, n, ret_places);
		return 0;
	}
	return error_set(err, -EINVAL, "placement %d is none", (int)placement);
}

int topology_bind(const struct topology *t, const struct worker_place *place, struct error *err)
{
	struct cpu_mask mask = { { 0 } };

	if (place->cpu < 0 && place->node < 0)
		return 0;
	if (place->cpu >= 0)
		mask_add(&mask, (unsigned int)place->cpu);
	for (unsigned int i = 0; place->cpu < 0 && i < t->nr_pus; i++)
		if (t->pus[i].node_number == (unsigned int)place->node)
			mask_add(&mask, t->pus[i].cpu);
	if (sched_setaffinity(0, sizeof(mask), (const cpu_set_t *)&mask))
		return error_set_errno(err, -errno, "sched_setaffinity to %s %d",
				       place->cpu >= 0 ? "CPU" : "node",
				       place->cpu >= 0 ? place->cpu : place->node);
	return 0;
}

unsigned int topology_cpus(const struct topology *t, const struct worker_place *places,
			   unsigned int n)
{
	struct cpu_mask cpus = { { 0 } }, nodes = { { 0 } };
	unsigned int found = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (places[i].cpu < 0 && places[i].node < 0)
			return t->nr_pus;
		if (places[i].cpu >= 0)
			mask_add(&cpus, (unsigned int)places[i].cpu);
		else
			mask_add(&nodes, (unsigned int)places[i].node);
	}
	for (unsigned int i = 0; i < t->nr_pus; i++)
		found += mask_has(&cpus, t->pus[i].cpu) || mask_has(&nodes, t->pus[i].node_number);
	return found;
}

int topology_node(const struct topology *t, unsigned int cpu)
{
	for (unsigned int i = 0; i < t->nr_pus; i++)
		if (t->pus[i].cpu == cpu)
			return (int)t->pus[i].node_number;
	return -ENOENT;
}

void topology_count(const struct topology *t, struct topology_counts *ret)
{
	struct topology_counts counts = { .cpus = t->nr_pus };

	for (unsigned int i = 0; i < t->nr_pus; i++) {
		const struct pu *last = i ? &t->pus[i - 1] : NULL, *p = &t->pus[i];

		counts.cores += p->thread == 0;
		counts.packages += !last || last->package != p->package;
		counts.nodes += first_of_node(t, i);
	}
	*ret = counts;
}
