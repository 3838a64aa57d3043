/* SPDX-License-Identifier: MIT */
/*
 * overmap plan: what a run would do, and touch nothing. Cells are computed one after the other and
 * never kept, so a matrix of a million costs no more memory than a small one.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "cmd/plan_view.h"
#include "run/budget.h"
#include "scenario/scenario.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define STUDIED_CELLS 100000 /* of larger matrices an even sample is resolved */

enum { OPTION_SEED = 256, OPTION_ALL, OPTION_MAX_MEMORY, OPTION_TIME_LIMIT };

static const struct argp_option options[] = {
	{ "seed", OPTION_SEED, "N", 0, "Seed of the order of cells (default: a fresh one)", 0 },
	{ "all", OPTION_ALL, NULL, 0, "Show every cell, and look at every one", 0 },
	{ "max-memory", OPTION_MAX_MEMORY, "SIZE", 0, "As for 'overmap run'", 0 },
	{ "time-limit", OPTION_TIME_LIMIT, "TIME", 0, "As for 'overmap run'", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct plan_arguments *a = state->input;
	struct error err = { "" };
	int r = 0;

	switch (key) {
	case OPTION_SEED:
		a->seed_given = true;
		r = count_parse(text, &a->seed, &err);
		break;
	case OPTION_ALL:
		a->all = true;
		break;
	case OPTION_MAX_MEMORY:
		r = budget_parse(text, &a->max_memory_bytes, &err);
		break;
	case OPTION_TIME_LIMIT:
		r = limit_parse(text, &a->time_limit_ns, &err);
		break;
	case ARGP_KEY_ARGS:
		a->files = state->argv + state->next;
		a->nr_files = state->argc - state->next;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no scenario file: try scenarios/larger-than-memory.yaml");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (r)
		argp_error(state, "%s", err.text);
	return 0;
}

static const struct argp plan_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "SCENARIO...",
	.doc = "Show what a run would do on this machine: the cells, what would be written to the "
	       "system, how much memory would be resident, how long it would take. Nothing is "
	       "touched.",
};

/* One pass over all numbers: print the first cells, count, and study all or a sample. */
static void walk_cells(struct plan *p)
{
	const struct matrix *m = &p->scenario->matrix;
	uint64_t numbers = matrix_numbers(m), every = 1;
	struct cell cell;

	if (!p->arguments->all && numbers > STUDIED_CELLS)
		every = (numbers + STUDIED_CELLS - 1) / STUDIED_CELLS;
	for (uint64_t i = 0; i < numbers; i++) {
		if (!matrix_cell(m, p->host, i, &cell))
			continue;
		p->nr_cells++;
		plan_print_cell(p, &cell);
		/* A sample in step with the axes would see one value of some of them only. */
		if (every == 1 || (i * 0x9e3779b97f4a7c15u >> 32) % every == 0)
			plan_study_cell(p, &cell);
	}
	if (!p->arguments->all && p->nr_cells > PLAN_SHOWN_CELLS)
		printf("          ... and %" PRIu64 " more: --all shows them\n",
		       p->nr_cells - PLAN_SHOWN_CELLS);
}

static void plan_scenario(struct plan *p)
{
	plan_print_head(p, p->arguments->seed_given ? p->arguments->seed : random_seed());
	walk_cells(p);
	plan_print_findings(p);
}

static int plan_file(const struct plan_arguments *a, const struct host *host, const char *path)
{
	AUTO_FREE struct plan *p = calloc(1, sizeof(*p));
	struct scenario *s = NULL;
	int r;

	if (!p)
		return -ENOMEM;
	r = scenario_load(path, stderr, &s, NULL);
	if (r)
		return r;
	p->arguments = a;
	p->scenario = s;
	p->host = host;
	plan_scenario(p);
	scenario_free(s);
	return 0;
}

int cmd_plan(int argc, char **argv)
{
	struct plan_arguments a = { 0 };
	struct host host;
	struct error err;
	int status = 0;

	if (argp_parse(&plan_argp, argc, argv, 0, NULL, &a))
		return EXIT_USAGE;
	if (host_read(&host, &err)) {
		fprintf(stderr, "overmap plan: %s\n", err.text);
		return EXIT_USAGE;
	}
	for (int i = 0; i < a.nr_files; i++) {
		if (i)
			putchar('\n');
		if (plan_file(&a, &host, a.files[i]))
			status = EXIT_USAGE;
	}
	return status;
}
