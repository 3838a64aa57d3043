/* SPDX-License-Identifier: MIT */
#include "cmd/contrast_rows.h"

#include <string.h>

size_t contrast_most_repetitions(const struct result *r)
{
	size_t most = 0;

	for (uint32_t i = 0; i < r->nr_cells; i++)
		if (r->cells[i].nr_repetitions > most)
			most = r->cells[i].nr_repetitions;
	return most;
}

void contrast_note_missing(char *list, size_t length, const char *metric)
{
	size_t used = strlen(list);

	if (used < length)
		snprintf(list + used, length - used, "%s%s", used ? ", " : "", metric);
}

void contrast_tell_missing(struct comparisons *c, const char *cell, const struct missing *m,
			   const struct cells *a, uint32_t cell_a, const struct cells *b,
			   uint32_t cell_b)
{
	char of_a[400], of_b[400];

	cells_outcome(a, cell_a, of_a, sizeof(of_a));
	cells_outcome(b, cell_b, of_b, sizeof(of_b));
	if (m->only_a[0])
		comparisons_say(c, &c->unmatched, "%s: only A has %s (B: %s)", cell, m->only_a,
				of_b);
	if (m->only_b[0])
		comparisons_say(c, &c->unmatched, "%s: only B has %s (A: %s)", cell, m->only_b,
				of_a);
	if (!m->any && !m->only_a[0] && !m->only_b[0])
		comparisons_say(c, &c->unmatched, "%s: measured on neither side (A: %s; B: %s)",
				cell, of_a, of_b);
}

static void tell_turns(struct comparisons *c, const char *cell, const char *side,
		       const struct cells *cells, uint32_t index)
{
	for (uint32_t i = cells->first[index]; i < cells->first[index + 1]; i++) {
		if (!cells->r->repetitions[cells->by_cell[i]].take_turns)
			continue;
		comparisons_say(c, &c->warnings,
				"%s: the workers of %s were more than the CPUs and took turns: "
				"times are without the waits for a CPU, but not without what "
				"others did to caches and locks meanwhile",
				cell, side);
		return;
	}
}

void contrast_tell_repetitions(struct comparisons *c, const char *cell, const char *side,
			       const struct cells *cells, uint32_t index)
{
	uint32_t n = 0, all = cells->first[index + 1] - cells->first[index];
	const char *detail = NULL;

	for (uint32_t i = cells->first[index]; i < cells->first[index + 1]; i++) {
		const struct result_repetition *rep = &cells->r->repetitions[cells->by_cell[i]];

		if (strcmp(rep->outcome, "degraded") == 0) {
			detail = rep->detail;
			n++;
		}
	}
	if (n)
		comparisons_say(c, &c->warnings, "%s: %u of %u repetitions of %s degraded%s%s",
				cell, n, all, side, detail ? ": " : "", detail ? detail : "");
	tell_turns(c, cell, side, cells, index);
}

void contrast_set_row(struct compared *row, enum better better, bool primary, size_t unpaired)
{
	row->better = better;
	row->primary = primary;
	row->unpaired = unpaired;
}

struct compare_options contrast_with_better(const struct contrast *q, enum better better)
{
	struct compare_options options = q->options;

	options.better = (enum compare_better)better;
	return options;
}

int contrast_name_sides(struct comparisons *c, char *a, char *b, const char *unit)
{
	c->a = a;
	c->b = b;
	c->unit = unit;
	return a && b ? 0 : -ENOMEM;
}

char *contrast_joined(const char *one, const char *between, const char *other)
{
	char *text;

	if (asprintf(&text, "%s%s%s", one, between, other) < 0)
		return NULL;
	return text;
}
