/* SPDX-License-Identifier: MIT */
/* overmap schema: the JSON Schemas, for editors and for other people's programs. */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "result/schema.h"

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = { "scenario", "result", "comparison", NULL };

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	const char **kind = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*kind)
			argp_error(state, "one of scenario, result and comparison, please");
		*kind = text;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "say which: scenario, result or comparison");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool is_known(const char *kind)
{
	for (const char *const *known = kinds; *known; known++)
		if (strcmp(*known, kind) == 0)
			return true;
	return false;
}

static int unknown_kind(const char *kind)
{
	const char *nearest = text_nearest(kind, kinds);

	if (nearest)
		fprintf(stderr, "overmap: no schema '%s': did you mean '%s'?\n", kind, nearest);
	else
		fprintf(stderr, "overmap: no schema '%s': choose scenario, result or comparison\n",
			kind);
	return EXIT_USAGE;
}

int cmd_schema(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_option,
		.args_doc = "scenario|result|comparison",
		.doc = "Print the JSON Schema (2020-12) of scenario files, of results or of "
		       "comparisons.",
	};
	AUTO_FREE char *text = NULL;
	const char *kind = NULL;

	if (argp_parse(&argp, argc, argv, 0, NULL, &kind))
		return EXIT_USAGE;
	if (!is_known(kind))
		return unknown_kind(kind);
	text = schema_text(kind);
	if (!text || puts(text) < 0 || fflush(stdout)) {
		fprintf(stderr, "overmap: cannot write the schema: %s\n", strerror(errno));
		return EXIT_USAGE;
	}
	return 0;
}
