/* SPDX-License-Identifier: MIT */
/* Where workers run: the placement axis' word made places on this machine, once a shape of crew. */
#ifndef RUN_PLACER_H
#define RUN_PLACER_H

#include "run/crew.h"

struct placer;

/* Cheap: the topology is read when a cell first asks for a placement. */
int placer_new(struct placer **ret, struct error *err);
void placer_free(struct placer *p);

/* Set a->topology and a->places for the conditions' workers; valid until the next call. −errno. */
int placer_place(struct placer *p, const struct conditions *c, struct assignment *a,
		 struct error *err);

#endif
