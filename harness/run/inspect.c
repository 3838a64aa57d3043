/* SPDX-License-Identifier: MIT */
#include "run/inspect.h"

#include "sys/numa.h"

#include <sys/mman.h>

static void inspect_growth(const struct seat *seat, struct mapping_effective *e)
{
	const struct host *host = seat->worker.host;
	uint64_t now[HOST_NODES_MAX];

	if (!seat->node_used || !numa_used(host, now))
		return;
	e->node_growth_known = true;
	for (unsigned int i = 0; i < host->nr_nodes; i++)
		e->node_growth_bytes[i] = (int64_t)(now[i] - seat->node_used[i]);
}

void inspect_begun(const struct seat *seat)
{
	const struct conditions *c = seat->worker.conditions;

	if (seat->worker.index || seat->worker.mapping->address == MAP_FAILED)
		return;
	if (c->map.thp != THP_AS_SET || c->thp_process_never || c->map.numa.nodes_given ||
	    c->map.flags & (MAP_POPULATE | MAP_LOCKED))
		mapping_inspect(seat->worker.mapping, seat->worker.host, &seat_report(seat)->begun,
				NULL);
}

void inspect_end(struct seat *seat)
{
	struct worker_report *report = seat_report(seat);

	if (seat->worker.index || report->inspected || seat->worker.mapping->address == MAP_FAILED)
		return;
	report->inspected = 1;
	if (mapping_inspect(seat->worker.mapping, seat->worker.host, &report->effective, NULL) == 0)
		inspect_growth(seat, &report->effective);
}
