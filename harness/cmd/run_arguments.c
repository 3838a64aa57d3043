/* SPDX-License-Identifier: MIT */
#include "cmd/run_arguments.h"

#include "cmd/names.h"
#include "run/budget.h"
#include "sys/emulator.h"
#include "sys/settings.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

enum {
	OPTION_SEED = 256,
	OPTION_RESUME,
	OPTION_STRICT,
	OPTION_MAX_MEMORY,
	OPTION_TIMEOUT,
	OPTION_TIME_LIMIT,
	OPTION_CLOCK,
	OPTION_SET,
	OPTION_NO_CGROUP,
};

static const struct argp_option run_options[] = {
	{ "output", 'o', "FILE", 0, "Write the result to FILE; - is standard output", 0 },
	{ "directory", 'd', "DIR", 0, "Write each result to DIR/NAME.json (default: results)", 0 },
	{ "seed", OPTION_SEED, "N", 0, "Seed of the order of cells (default: a fresh one)", 0 },
	{ "resume", OPTION_RESUME, NULL, 0, "Go on with the run that left FILE.journal", 0 },
	{ "strict", OPTION_STRICT, NULL, 0, "Exit with 3 when cells were skipped or refused", 0 },
	{ "max-memory", OPTION_MAX_MEMORY, "SIZE", 0,
	  "Refuse cells that would have more resident (default: what is available, less a reserve)",
	  0 },
	{ "timeout", OPTION_TIMEOUT, "TIME", 0, "End a repetition after TIME", 0 },
	{ "time-limit", OPTION_TIME_LIMIT, "TIME", 0,
	  "Begin nothing that would not fit into TIME, but for one repetition of every cell; after "
	  "the least number of each, spend it where intervals narrow most",
	  0 },
	{ "clock", OPTION_CLOCK, "CLOCK", 0,
	  "time (the default), or instructions: in an emulator whose clock counts them", 0 },
	{ "set", OPTION_SET, "NAME=VALUE", 0,
	  "Give a system setting this value in every cell, and put it back (repeatable)", 0 },
	{ "no-cgroup", OPTION_NO_CGROUP, NULL, 0,
	  "Use no control group: its accounting costs time in the page fault", 0 },
	{ "quiet", 'q', NULL, 0, "No progress, no table", 0 },
	{ "verbose", 'v', NULL, 0, "A line for every repetition", 0 },
	{ 0 },
};

static int parse_clock(const char *text, bool *ret, struct error *err)
{
	if (strcmp(text, "time") != 0 && strcmp(text, "instructions") != 0)
		return error_set(err, -EINVAL, "unknown clock \"%s\": time or instructions", text);
	if (strcmp(text, "instructions") == 0 && !emulator_present())
		return error_set(err, -EINVAL,
				 "this processor does not count instructions: "
				 "scripts/lab/guest --clock instructions starts one that does");
	*ret = strcmp(text, "instructions") == 0;
	return 0;
}

/* "vm.swappiness=10": text is cut at the sign. */
static int parse_set(struct run_arguments *a, char *text, struct error *err)
{
	struct setting_wanted *set = &a->set[a->run.nr_set];
	int r;

	if (a->run.nr_set == RUN_SET_MAX)
		return error_set(err, -ENOSPC, "more than %d --set", RUN_SET_MAX);
	r = setting_split(text, set, err);
	if (r)
		return r;
	a->run.nr_set++;
	r = settings_check(set->name, set->value, err);
	/* Not permitted is another matter: see set_is_permitted(). */
	return r == -EINVAL || r == -ENOENT ? r : 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct run_arguments *a = state->input;
	struct error err = { "" };
	int r = 0;

	switch (key) {
	case 'o':
		a->output = text;
		break;
	case 'd':
		a->directory = text;
		break;
	case 'q':
		a->quiet = true;
		break;
	case 'v':
		a->verbose = true;
		break;
	case OPTION_SEED:
		r = count_parse(text, &a->run.seed, &err);
		a->seed_given = true;
		break;
	case OPTION_RESUME:
		a->resume = true;
		break;
	case OPTION_STRICT:
		a->strict = true;
		break;
	case OPTION_MAX_MEMORY:
		r = budget_parse(text, &a->run.max_memory_bytes, &err);
		break;
	case OPTION_TIMEOUT:
		r = limit_parse(text, &a->run.timeout_ns, &err);
		break;
	case OPTION_TIME_LIMIT:
		r = limit_parse(text, &a->run.time_limit_ns, &err);
		break;
	case OPTION_CLOCK:
		r = parse_clock(text, &a->run.count_instructions, &err);
		break;
	case OPTION_SET:
		r = parse_set(a, text, &err);
		break;
	case OPTION_NO_CGROUP:
		a->no_cgroup = true;
		break;
	case ARGP_KEY_ARGS:
		a->files = state->argv + state->next;
		a->nr_files = state->argc - state->next;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (r)
		argp_error(state, "%s", err.text);
	return 0;
}

static const struct argp run_argp = {
	.options = run_options,
	.parser = parse_option,
	.args_doc = "SCENARIO...\n--resume -o FILE",
	.doc = "Run every cell of the scenarios in fresh processes, in a seeded random order, and "
	       "write what was measured.\v"
	       "Exit status: 0 all outcomes as expected; 1 one differs, or the harness failed; 2 "
	       "usage "
	       "or scenario; 3 cells skipped or refused, under --strict; 4 a required setting was "
	       "not "
	       "permitted; "
	       "5 a setting could not be restored; 128 + signal.",
};

void run_arguments_read(struct run_arguments *ret, int argc, char **argv)
{
	*ret = (struct run_arguments){ .files = NULL };
	argp_parse(&run_argp, argc, argv, 0, NULL, ret);
}
