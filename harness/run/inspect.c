/* SPDX-License-Identifier: MIT */
#include "run/inspect.h"

#include "base/cleanup.h"
#include "run/rendezvous.h"
#include "run/tally.h"
#include "sys/numa.h"

#include <stdlib.h>
#include <sys/mman.h>

static bool begins_judged(const struct conditions *c)
{
	return c->map.thp != THP_AS_SET || c->thp_process_never || c->map.numa.nodes_given ||
	       c->map.flags & (MAP_POPULATE | MAP_LOCKED);
}

/* Workers with a mapping each, in one process. */
static bool side_by_side(const struct seat *seat)
{
	return !seat->shared && seat->worker.conditions->workers == WORKER_THREAD &&
	       seat->worker.nr_workers > 1;
}

static struct mapping_effective *left_by(const struct seat *seat, bool begun)
{
	struct worker_report *report = seat_report(seat);

	return begun ? &report->begun : &report->effective;
}

/* Without memory for it nothing is known. */
static void look_at_all(const struct seat *first, bool begun)
{
	unsigned int n = first->worker.nr_workers;
	AUTO_FREE struct inspection *all = calloc(n, sizeof(*all));

	for (unsigned int i = 0; all && i < n; i++)
		all[i] = (struct inspection){ .mapping = first[i].worker.mapping,
					      .effective = left_by(&first[i], begun) };
	if (all)
		mapping_inspect_all(all, n, first->worker.host, NULL);
}

static void look(struct seat *seat, bool begun)
{
	if (side_by_side(seat)) {
		if (!rendezvous_wall(seat))
			return;
		if (!seat->worker.index)
			look_at_all(seat, begun);
		rendezvous_wall(seat);
	} else if ((!seat->shared || !seat->worker.index) &&
		   seat->worker.mapping->address != MAP_FAILED) {
		mapping_inspect(seat->worker.mapping, seat->worker.host, left_by(seat, begun),
				NULL);
	}
}

static void inspect_growth(const struct seat *seat, struct mapping_effective *e)
{
	const struct host *host = seat->worker.host;
	uint64_t now[HOST_NODES_MAX];

	if (!seat->node_used || !e->known || !numa_used(host, now))
		return;
	e->node_growth_known = true;
	for (unsigned int i = 0; i < host->nr_nodes; i++)
		e->node_growth_bytes[i] = (int64_t)(now[i] - seat->node_used[i]);
}

void inspect_begun(struct seat *seat)
{
	if (begins_judged(seat->worker.conditions))
		look(seat, true);
}

/* Is it the first time? What the setup unmaps is not what the steps had. */
static bool first_look(struct seat *seat)
{
	struct worker_report *report = seat_report(seat);
	bool first = !report->inspected;

	report->inspected = 1;
	return first;
}

static void look_and_count(struct seat *seat)
{
	look(seat, false);
	inspect_growth(seat, &seat_report(seat)->effective);
}

void inspect_early(struct seat *seat)
{
	if (seat_report(seat)->phase != PHASE_STEPS || !first_look(seat))
		return;
	tally_pause(seat);
	look_and_count(seat);
	tally_resume(seat);
}

void inspect_end(struct seat *seat)
{
	if (first_look(seat))
		look_and_count(seat);
}
