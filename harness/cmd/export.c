/* SPDX-License-Identifier: MIT */
/* overmap export: a result as long-form rows, for other programs. */
#include "cmd/cmd.h"

#include "base/file.h"
#include "base/text.h"
#include "result/export.h"
#include "result/read.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

struct arguments {
	enum export_format format;
	const char *output, *path;
};

static const char *const formats[] = {
	[EXPORT_CSV] = "csv", [EXPORT_TSV] = "tsv", [EXPORT_JSON] = "json", NULL
};

static enum export_format parse_format(const char *text, struct argp_state *state)
{
	char all[64];

	for (unsigned int i = 0; formats[i]; i++)
		if (strcmp(formats[i], text) == 0)
			return i;
	argp_error(state, "no format '%s': choose %s", text,
		   text_alternatives(formats, all, sizeof(all)));
	return EXPORT_CSV;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'f':
		a->format = parse_format(text, state);
		return 0;
	case 'o':
		a->output = text;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one result, please");
		a->path = text;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which result?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int export_file(const struct result *result, const struct arguments *a, struct error *err)
{
	struct file_replace file = { 0 };
	int r = file_replace_begin(&file, a->output, err);

	if (r)
		return r;
	r = export_rows(result, file.stream, a->format, err);
	if (!r)
		return file_replace_commit(&file, err);
	file_replace_abort(&file);
	return error_prefix(err, r, "%s",
			    strcmp(a->output, "-") == 0 ? "standard output" : a->output);
}

int cmd_export(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "format", 'f', "FORMAT", 0, "csv (default), tsv or json", 0 },
		{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "RESULT",
		.doc = "Print a result as long-form data: one row for each metric and repetition, "
		       "with a column for every axis. RESULT may be a journal too; - is standard "
		       "input.",
	};
	struct arguments a = { .format = EXPORT_CSV, .output = "-" };
	struct result *result = NULL;
	struct error err;
	int r;

	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return EXIT_USAGE;
	r = result_read(&result, a.path, 0, &err);
	if (!r && result->note)
		fprintf(stderr, "overmap: %s\n", result->note);
	if (!r)
		r = export_file(result, &a, &err);
	if (r)
		fprintf(stderr, "overmap: %s\n", err.text);
	result_free(result);
	return r ? EXIT_USAGE : 0;
}
