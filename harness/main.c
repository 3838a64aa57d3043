/* SPDX-License-Identifier: MIT */
/* The table of subcommands, nothing else. */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
	{ "run", cmd_run, "run scenarios, write results" },
	{ "check", cmd_check, "say every mistake in scenario files" },
	{ "plan", cmd_plan, "show what a run would do, and touch nothing" },
	{ "list", cmd_list, "list ops, axes, metrics or scenarios" },
	{ "schema", cmd_schema, "print the JSON Schema of scenarios, results or comparisons" },
	{ "show", cmd_show, "print a result's summary table" },
	{ "compare", cmd_compare, "say what is slower or faster, and how sure that is" },
	{ "power", cmd_power, "say how small a difference this machine can show" },
	{ "selftest", cmd_selftest, "find out what comparisons on this machine are worth" },
	{ "restore", cmd_restore, "put back settings that a killed run left" },
	{ "export", cmd_export, "print a result as long-form data" },
	{ "predict", cmd_predict, "say whether the kernel would grant a mapping, and why not" },
	{ "explain", cmd_explain, "say why mappings of a run were refused or failed" },
	{ "ceiling", cmd_ceiling, "search for the largest mapping that is granted" },
	{ "snapshot", cmd_snapshot, "write what predict needs to know of this machine" },
};

static void print_help(FILE *out)
{
	fputs("usage: overmap COMMAND [OPTION]... [FILE]...\n\n"
	      "Benchmark and stress Linux virtual memory mappings: scenario files in, results "
	      "out.\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].help);
	fputs("\n'overmap COMMAND --help' says more. Start with:\n"
	      "  overmap plan scenarios/larger-than-memory.yaml\n",
	      out);
}

static int unknown_command(const char *name)
{
	const char *names[ARRAY_LENGTH(commands) + 1] = { NULL }, *nearest;

	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		names[i] = commands[i].name;
	nearest = text_nearest(name, names);
	if (nearest)
		fprintf(stderr, "overmap: unknown command '%s': did you mean '%s'?\n", name,
			nearest);
	else
		fprintf(stderr, "overmap: unknown command '%s': 'overmap --help' lists them\n",
			name);
	return EXIT_USAGE;
}

/* What could not be written, on a full disk say, is no success: said here once for all commands. */
static int close_output(int status)
{
	bool failed = ferror(stdout);

	if ((!fclose(stdout) && !failed) || status)
		return status;
	fputs("overmap: standard output could not be written whole\n", stderr);
	return EXIT_USAGE;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* A command names itself in its messages as people typed it. */
static int run_command(const struct command *command, int argc, char **argv)
{
	char title[64];

	snprintf(title, sizeof(title), "overmap %s", command->name);
	argv[0] = title;
	cmd_begin();
	return close_output(command->run(argc, argv));
}

/*
 * Else the first file that is opened would take the place of one that was closed. Opened the wrong
 * way round, so that using them is an error still.
 */
static void open_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_WRONLY);
		if (fd == STDOUT_FILENO || fd == STDERR_FILENO) {
			close(fd);
			fd = open("/dev/null", O_RDONLY);
		}
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* "help", and "help run" as "run --help". */
static int help(const char *name)
{
	char option[] = "--help", *argv[] = { NULL, option, NULL };
	const struct command *command = name ? find_command(name) : NULL;

	if (command)
		return run_command(command, 2, argv);
	if (name)
		return unknown_command(name);
	print_help(stdout);
	return close_output(0);
}

int main(int argc, char **argv)
{
	const struct command *command;

	open_standard_streams();
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return help(argv[2]);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return close_output(cmd_version());
	command = find_command(argv[1]);
	return command ? run_command(command, argc - 1, argv + 1) : unknown_command(argv[1]);
}
