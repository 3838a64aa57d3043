/* SPDX-License-Identifier: MIT */
/* overmap restore: put back what a run that died with its guardian left set. */
#include "cmd/cmd.h"

#include "sys/settings.h"

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

enum { OPTION_STATUS = 256 };

static const struct argp_option restore_options[] = {
	{ "status", OPTION_STATUS, NULL, 0,
	  "Only say who holds the settings, what is set, and what the "
	  "guardian of a killed run put back",
	  0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	bool *status = state->input;

	if (key == OPTION_STATUS)
		*status = true;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "'%s' is one argument too many", arg);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static void print_line(void *context, const char *sentence)
{
	(void)context;
	puts(sentence);
}

static int exit_status(int r)
{
	switch (r) {
	case 0:
		return 0;
	case -EACCES:
	case -EPERM:
	case -EROFS:
	case -EBUSY:
		return EXIT_NOT_PERMITTED;
	default:
		return EXIT_NOT_RESTORED;
	}
}

int cmd_restore(int argc, char **argv)
{
	static const struct argp parser = { .options = restore_options,
					    .parser = parse_option,
					    .doc = "Put back every setting that still has the "
						   "value which a run gave it, and say "
						   "so line by line." };
	struct error err = { "" };
	bool status = false;
	int r;

	if (argp_parse(&parser, argc, argv, 0, NULL, &status))
		return EXIT_USAGE;
	r = status ? settings_status(NULL, print_line, NULL, &err)
		   : settings_recover(NULL, print_line, NULL, &err);
	if (r)
		fprintf(stderr, "overmap restore: %s\n", err.text);
	return exit_status(r);
}
