/* SPDX-License-Identifier: MIT */
/* overmap list: what there is to write into a scenario, from the tables themselves. */
#include "cmd/cmd.h"

#include "axes/axis.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/columns.h"
#include "ops/op.h"
#include "result/catalog.h"
#include "scenario/scenario.h"

#include <argp.h>
#include <fts.h>
#include <string.h>
#include <unistd.h>

#ifndef OVERMAP_DATADIR
#define OVERMAP_DATADIR "/usr/local/share/overmap"
#endif

#define TEXT_WIDTH 64 /* of the last column of a list; with what is before it, under 100 */

struct arguments {
	const char *what;
	bool json;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "Print JSON", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'j':
		a->json = true;
		break;
	case ARGP_KEY_ARG:
		if (a->what)
			argp_error(state, "one list at a time");
		a->what = text;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "list what? choose ops, axes, metrics or scenarios");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp list_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "ops|axes|metrics|scenarios",
	.doc = "List operations, axes, metrics, or the scenarios that are at hand.",
};

static const char *arg_values(const struct arg *arg, char *ret, size_t length)
{
	static const char *const types[] = {
		[ARG_SIZE] = "a size",         [ARG_ADDRESS] = "an address, 0x4000000000 or 256GiB",
		[ARG_COUNT] = "a number",      [ARG_CHOICE] = "",
		[ARG_DURATION] = "a duration", [ARG_WORDS] = "words",
		[ARG_SHARE] = "a percentage",
	};

	if (arg->type == ARG_CHOICE)
		return text_alternatives(arg->choices, ret, length);
	return types[arg->type];
}

/* As much of text as fits into width, in bytes, broken at a blank; a word that is longer stays
 * whole. */
static size_t line_length(const char *text, size_t width)
{
	size_t length = strlen(text), at = width;

	if (length <= width)
		return length;
	while (at && text[at] != ' ')
		at--;
	return at ? at : strcspn(text, " ");
}

/* A row of three columns, whose text goes on in rows below where it is long. */
static void add_wrapped(struct columns *columns, const char *first, const char *second,
			const char *indent, const char *text)
{
	do {
		size_t length = line_length(text, TEXT_WIDTH);
		char line[TEXT_WIDTH * 2];
		const char *row[] = { first, second, line };

		snprintf(line, sizeof(line), "%s%.*s", indent, (int)length, text);
		columns_add(columns, row);
		text += length + strspn(text + length, " ");
		first = second = "";
	} while (*text);
}

/* What an argument may be on a line of its own, and what it is without. */
static void add_arg(struct columns *columns, const struct arg *a)
{
	char name[64], values[256];

	snprintf(name, sizeof(name), "  %s", a->name);
	add_wrapped(columns, name, a->initial ? a->initial : "(required)", "", a->help);
	add_wrapped(columns, "", "", "  ", arg_values(a, values, sizeof(values)));
}

static int list_ops(void)
{
	static const struct column_head heads[] = {
		{ "OP", false }, { "INITIAL", false }, { "VALUES", false }, { NULL, false }
	};
	struct columns columns;

	columns_begin(&columns, heads);
	for (size_t i = 0; ops[i]; i++) {
		add_wrapped(&columns, ops[i]->name, "", "", ops[i]->help);
		if (ops[i]->event) {
			char text[96];

			snprintf(text, sizeof(text), "events: each times each %s", ops[i]->event);
			add_wrapped(&columns, "", "", "", text);
		}
		for (const struct arg *a = ops[i]->args; a && a->name; a++)
			add_arg(&columns, a);
	}
	return columns_print(&columns);
}

static void add_forms(struct columns *columns, const char *forms)
{
	while (*forms) {
		size_t length = strcspn(forms, "\n");
		char line[256];

		snprintf(line, sizeof(line), "%.*s", (int)length, forms);
		add_wrapped(columns, "", "", "  ", line);
		forms += length + (forms[length] == '\n');
	}
}

static int list_axes(void)
{
	static const struct column_head heads[] = {
		{ "AXIS", false }, { "INITIAL", false }, { "VALUES", false }, { NULL, false }
	};
	struct columns columns;

	columns_begin(&columns, heads);
	for (size_t i = 0; axes[i]; i++) {
		add_wrapped(&columns, axes[i]->name, axes[i]->initial, "", axes[i]->help);
		add_forms(&columns, axes[i]->forms);
	}
	return columns_print(&columns);
}

static int list_metrics(void)
{
	static const struct column_head heads[] = { { "METRIC", false },
						    { "UNIT", false },
						    { "BETTER", false },
						    { "", false },
						    { NULL, false } };
	struct columns columns;

	columns_begin(&columns, heads);
	for (size_t i = 0; ops[i]; i++) {
		for (const struct metric *m = ops[i]->metrics; m && m->name; m++) {
			char name[96];
			const char *row[] = { name, m->unit, better_name(m->better), m->help };

			snprintf(name, sizeof(name), "%s.%s", ops[i]->name, m->name);
			columns_add(&columns, row);
		}
	}
	return columns_print(&columns);
}

/* The scenarios found, each loaded for its summary. */
struct found {
	struct scenario **scenarios;
	size_t nr, room;
};

static int found_add(struct found *f, struct scenario *s)
{
	size_t room = f->room ? f->room * 2 : 32;
	struct scenario **grown;

	if (f->nr == f->room) {
		grown = realloc(f->scenarios, room * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		f->scenarios = grown;
		f->room = room;
	}
	f->scenarios[f->nr++] = s;
	return 0;
}

static bool is_scenario_file(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Where make install put them; if not there, beside the program: it was unpacked elsewhere. */
static void installed_folder(char *ret, size_t length)
{
	char *slash;
	ssize_t n;

	snprintf(ret, length, "%s", OVERMAP_DATADIR "/scenarios");
	if (access(ret, F_OK) == 0)
		return;
	n = readlink("/proc/self/exe", ret, length - 1);
	ret[n > 0 ? n : 0] = '\0';
	slash = strrchr(ret, '/');
	if (slash)
		snprintf(slash, length - (size_t)(slash - ret), "/../share/overmap/scenarios");
}

static int find_scenarios(struct found *f)
{
	char here[] = "scenarios", installed[4096];
	char *folders[] = { here, installed, NULL };
	FTSENT *entry;
	FTS *walk;
	int r = 0;

	installed_folder(installed, sizeof(installed));
	walk = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!walk)
		return -errno;
	while (!r && (entry = fts_read(walk))) {
		struct scenario *s = NULL;

		/* What is broken is for `overmap check` to say. */
		if (entry->fts_info != FTS_F || !is_scenario_file(entry->fts_name) ||
		    scenario_load(entry->fts_path, NULL, &s, NULL))
			continue;
		r = found_add(f, s);
	}
	fts_close(walk);
	return r;
}

static int print_scenarios(const struct found *f)
{
	static const struct column_head heads[] = {
		{ "SCENARIO", false }, { "CELLS", true }, { "", false }, { NULL, false }
	};
	struct columns columns;

	columns_begin(&columns, heads);
	for (size_t i = 0; i < f->nr; i++) {
		const struct scenario *s = f->scenarios[i];
		char cells[24];
		const char *row[] = { s->path, cells, s->summary ? s->summary : "" };

		snprintf(cells, sizeof(cells), "%llu",
			 (unsigned long long)matrix_numbers(&s->matrix));
		columns_add(&columns, row);
	}
	return columns_print(&columns);
}

static int write_scenarios(const struct found *f)
{
	AUTO_FREE struct catalog_scenario *list = calloc(f->nr + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < f->nr; i++)
		list[i] = (struct catalog_scenario){ f->scenarios[i]->path, f->scenarios[i]->name,
						     f->scenarios[i]->summary };
	return catalog_write_scenarios(list, f->nr, stdout);
}

static int list_scenarios(bool json)
{
	struct found f = { 0 };
	int r = find_scenarios(&f);

	if (!r && json)
		r = write_scenarios(&f);
	else if (!r && f.nr)
		r = print_scenarios(&f);
	else if (!r)
		fputs("overmap list: no scenarios: neither in ./scenarios nor in " OVERMAP_DATADIR
		      "/scenarios\n",
		      stderr);
	for (size_t i = 0; i < f.nr; i++)
		scenario_free(f.scenarios[i]);
	free(f.scenarios);
	return r;
}

static int list(const struct arguments *a)
{
	static const char *const known[] = { "ops", "axes", "metrics", "scenarios", NULL };
	const char *nearest;

	if (strcmp(a->what, "ops") == 0)
		return a->json ? catalog_write_ops(stdout) : list_ops();
	if (strcmp(a->what, "axes") == 0)
		return a->json ? catalog_write_axes(stdout) : list_axes();
	if (strcmp(a->what, "metrics") == 0)
		return a->json ? catalog_write_metrics(stdout) : list_metrics();
	if (strcmp(a->what, "scenarios") == 0)
		return list_scenarios(a->json);
	nearest = text_nearest(a->what, known);
	if (nearest)
		fprintf(stderr, "overmap list: no list '%s': did you mean '%s'?\n", a->what,
			nearest);
	else
		fprintf(stderr,
			"overmap list: no list '%s': choose ops, axes, metrics or scenarios\n",
			a->what);
	return -EINVAL;
}

int cmd_list(int argc, char **argv)
{
	struct arguments a = { 0 };

	if (argp_parse(&list_argp, argc, argv, 0, NULL, &a) || list(&a))
		return EXIT_USAGE;
	return 0;
}
