/* SPDX-License-Identifier: MIT */
#include "run/placer.h"

#include <errno.h>
#include <stdlib.h>

struct placer {
	struct topology *topology; /* NULL: not read yet */
	enum placement placement;  /* that places[] holds now */
	unsigned int nr_workers;
	struct worker_place places[WORKERS_MAX];
};

int placer_new(struct placer **ret, struct error *err)
{
	struct placer *p = calloc(1, sizeof(*p));

	if (!p)
		return error_set(err, -ENOMEM, "out of memory");
	*ret = p;
	return 0;
}

void placer_free(struct placer *p)
{
	if (p)
		topology_free(p->topology);
	free(p);
}

int placer_place(struct placer *p, const struct conditions *c, struct assignment *a,
		 struct error *err)
{
	int r = 0;

	a->places = NULL;
	if (c->placement == PLACEMENT_NONE)
		return 0;
	if (!p->topology)
		r = topology_load(&p->topology, NULL, err);
	if (!r && (p->placement != c->placement || p->nr_workers != c->nr_workers))
		r = topology_place(p->topology, c->placement, c->nr_workers, p->places, err);
	if (r)
		return r;
	p->placement = c->placement;
	p->nr_workers = c->nr_workers;
	a->topology = p->topology;
	a->places = p->places;
	return 0;
}
