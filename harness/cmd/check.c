/* SPDX-License-Identifier: MIT */
/* overmap check: every mistake of scenario files, before anything runs. */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "result/document_json.h"
#include "scenario/document.h"
#include "scenario/scenario.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

enum { OPTION_JSON = 256 };

struct arguments {
	bool json, quiet;
	char **files;
	int nr_files;
};

static const struct argp_option options[] = {
	{ "json", OPTION_JSON, NULL, 0,
	  "Print each file as JSON, aliases and merge keys followed, to be held against 'overmap "
	  "schema scenario'",
	  0 },
	{ "quiet", 'q', NULL, 0, "Say nothing of files that are right", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	(void)text;
	switch (key) {
	case OPTION_JSON:
		a->json = true;
		break;
	case 'q':
		a->quiet = true;
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
	return 0;
}

static const struct argp check_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "SCENARIO...",
	.doc = "Say every mistake in scenario files: where, what, and what to write instead. - is "
	       "standard input.\vExit status: 0 no mistakes; 2 mistakes, or a file that cannot be "
	       "read.",
};

/* The text again as JSON; its mistakes are told already. */
static int print_json(const char *text, size_t length)
{
	struct mistakes told = { 0 };
	struct document *document;
	int r = document_parse(text, length, &told, &document);

	mistakes_free(&told);
	if (r)
		return r;
	r = document_write_json(document_root(document), stdout);
	document_free(document);
	return r;
}

static int check_file(const struct arguments *a, const char *path)
{
	const char *shown = strcmp(path, "-") == 0 ? "standard input" : path;
	AUTO_FREE char *text = NULL;
	struct scenario *s = NULL;
	size_t length;
	int r = scenario_read(path, stderr, &text, &length);

	if (r)
		return r;
	r = scenario_load_text(text, length, shown, stderr, &s, NULL);
	if (a->json && print_json(text, length) && !r)
		r = -EIO;
	if (!r && !a->json && !a->quiet)
		printf("%s: %s, %llu cell%s, %u step%s\n", shown, s->name,
		       (unsigned long long)matrix_numbers(&s->matrix),
		       matrix_numbers(&s->matrix) == 1 ? "" : "s", s->nr_steps,
		       s->nr_steps == 1 ? "" : "s");
	scenario_free(s);
	return r;
}

int cmd_check(int argc, char **argv)
{
	struct arguments a = { 0 };
	int status = 0;

	if (argp_parse(&check_argp, argc, argv, 0, NULL, &a))
		return EXIT_USAGE;
	for (int i = 0; i < a.nr_files; i++)
		if (check_file(&a, a.files[i]))
			status = EXIT_USAGE;
	return status;
}
