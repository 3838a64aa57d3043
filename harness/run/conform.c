/* SPDX-License-Identifier: MIT */
#include "run/conform.h"

#include "base/size.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NEARLY_ALL 0.95

static void degrade(struct repetition *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void degrade(struct repetition *r, const char *format, ...)
{
	size_t used = strlen(r->outcome.detail);
	va_list args;

	r->outcome.kind = OUTCOME_DEGRADED;
	if (used && used < sizeof(r->outcome.detail) - 3)
		used += (size_t)snprintf(r->outcome.detail + used, sizeof(r->outcome.detail) - used,
					 "; ");
	va_start(args, format);
	vsnprintf(r->outcome.detail + used, sizeof(r->outcome.detail) - used, format, args);
	va_end(args);
}

/* The share of what is resident that is huge, of what could be: an end that no page fits is none.
 */
static double huge_share(const struct mapping_effective *e)
{
	uint64_t could = e->resident_bytes < e->huge_room_bytes ? e->resident_bytes
								: e->huge_room_bytes;

	return could ? (double)e->huge_bytes / (double)could : 0;
}

static void conform_huge(const struct conditions *c, const struct host *host,
			 const struct mapping_effective *e, struct repetition *r)
{
	uint64_t pmd = host->thp_pmd_bytes, size = c->map.thp_page_bytes;
	bool asked = c->map.thp == THP_ALWAYS;
	double share = huge_share(e);
	char text[32];

	if (!size)
		size = pmd;
	bytes_format(size, text, sizeof(text));
	if (asked && size && e->resident_bytes && !e->huge_room_bytes)
		degrade(r, "no room for thp of %s, asked for them: make it larger", text);
	/* Less than one huge page cannot be huge; sizes below the PMD's can be told apart by root.
	 */
	if (!size || e->resident_bytes < size || (size < pmd && !e->huge_sampled))
		return;
	if (asked && e->huge_room_bytes && share < NEARLY_ALL)
		degrade(r, "huge share %.0f %%, asked for thp of %s", share * 100, text);
	if ((c->map.thp == THP_NEVER || c->thp_process_never) && share > 1 - NEARLY_ALL)
		degrade(r, "huge share %.0f %%, asked for none", share * 100);
}

static void conform_nodes(const struct conditions *c, const struct host *host,
			  const struct mapping_effective *e, struct repetition *r)
{
	uint64_t all = 0, inside = 0;

	if (!e->nr_sampled || !c->map.numa.nodes_given || host->nr_nodes < 2)
		return;
	for (unsigned int i = 0; i < host->nr_nodes; i++) {
		all += e->node_bytes[i];
		if (c->map.numa.nodes >> i & 1)
			inside += e->node_bytes[i];
	}
	if (all && (double)inside / (double)all < NEARLY_ALL)
		degrade(r, "%.0f %% of the sampled pages on the nodes asked for",
			(double)inside / (double)all * 100);
}

static void conform_presence(const struct conditions *c, const struct mapping_effective *e,
			     struct repetition *r)
{
	uint64_t asked = c->map.length_bytes;

	/* What can only be read gets the zero page, which is in nobody's count. */
	if (c->map.backing == BACKING_ANONYMOUS && (c->map.flags & MAP_TYPE) == MAP_PRIVATE &&
	    (c->map.protection & (PROT_READ | PROT_WRITE)) == PROT_READ)
		return;
	/* MAP_POPULATE and MAP_LOCKED that fail half-way still return success. */
	if (c->map.flags & MAP_POPULATE && e->resident_bytes < asked && e->swap_bytes == 0)
		degrade(r, "populate: %.0f %% resident",
			(double)e->resident_bytes / (double)asked * 100);
	if (c->map.flags & MAP_LOCKED && e->locked_bytes < asked)
		degrade(r, "locked: %.0f %% locked", (double)e->locked_bytes / (double)asked * 100);
}

/* What the setup made resident is what was measured; else what the steps did. */
static void conform_look(const struct conditions *c, const struct host *host,
			 const struct mapping_effective *begun,
			 const struct mapping_effective *effective, struct repetition *r)
{
	const struct mapping_effective *e = begun->known && begun->resident_bytes ? begun
										  : effective;

	if (!e->known)
		return;
	conform_huge(c, host, e, r);
	conform_nodes(c, host, e, r);
	conform_presence(c, e, r);
}

/* Each by itself: in a sum one that fell short is not seen. The first that did is named. */
static void conform_looks(const struct conditions *c, const struct host *host, struct repetition *r)
{
	char *detail = r->outcome.detail;

	for (unsigned int i = 0; i < r->nr_looks; i++) {
		size_t before = strlen(detail), after;

		conform_look(c, host, &r->looks[i].begun, &r->looks[i].effective, r);
		after = strlen(detail);
		if (after == before)
			continue;
		if (r->nr_looks > 1)
			snprintf(detail + after, sizeof(r->outcome.detail) - after,
				 " (worker %u of %u)", i + 1, r->nr_looks);
		return;
	}
}

void conform_conditions(const struct conditions *c, const struct host *host, struct repetition *r)
{
	if (r->outcome.kind != OUTCOME_OK)
		return;
	if (r->shortfall[0])
		degrade(r, "%s", r->shortfall);
	if (r->nr_looks)
		conform_looks(c, host, r);
	else
		conform_look(c, host, &r->begun, &r->effective, r);
}

void conform_outcome(const char *outcome, const char *step, const char *happened_at,
		     struct repetition *r)
{
	bool ran_well = r->outcome.kind == OUTCOME_OK || r->outcome.kind == OUTCOME_DEGRADED;

	if (r->outcome.kind == OUTCOME_SKIPPED || r->outcome.kind == OUTCOME_REFUSED)
		return;
	r->expected_known = true;
	snprintf(r->expected, sizeof(r->expected), step ? "%s at %s" : "%s", outcome, step);
	if (strcmp(outcome, "ok") == 0) {
		r->as_expected = ran_well;
		return;
	}
	r->as_expected = strcmp(outcome, outcome_name(&r->outcome)) == 0 &&
			 (!step || (happened_at && strcmp(step, happened_at) == 0));
}
