/* SPDX-License-Identifier: MIT */
/* overmap snapshot: what the model has to know of this machine, as a file. */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "result/snapshot.h"

#include <argp.h>
#include <stdlib.h>

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Write here (default: standard output)", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	const char **path = state->input;

	switch (key) {
	case 'o':
		*path = text;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is too much: write -o %s", text, text);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp snapshot_argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Write what 'overmap predict' has to know of this machine and of a process on it: "
	       "RAM, swap, vm.* settings, huge page pools, limits, holes of the address space. "
	       "Then, anywhere: overmap predict --system FILE --size 1TiB",
};

static int save(const struct snapshot *s, const char *path, struct error *err)
{
	struct file_replace file;
	int r = file_replace_begin(&file, path, err);

	if (r < 0)
		return r;
	r = snapshot_write(s, file.stream, err);
	if (!r)
		r = file_replace_commit(&file, err);
	file_replace_abort(&file);
	return r;
}

int cmd_snapshot(int argc, char **argv)
{
	AUTO_FREE struct snapshot *s = calloc(1, sizeof(*s));
	const char *path = "-";
	struct error err = { "" };
	int r;

	argp_parse(&snapshot_argp, argc, argv, 0, NULL, &path);
	if (!s)
		return EXIT_DIFFERS;
	r = host_read(&s->host, &err);
	if (!r)
		r = process_memory_read(&s->process, PROCESS_ACCOUNTS, &err);
	if (!r)
		r = save(s, path, &err);
	if (r < 0) {
		fprintf(stderr, "overmap: %s\n", err.text);
		return EXIT_USAGE;
	}
	return 0;
}
