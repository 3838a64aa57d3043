/* SPDX-License-Identifier: MIT */
/*
 * The subcommands. Each is a main of its own: argv[0] is "overmap NAME", the return value is
 * the exit status of the program.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

enum {
	EXIT_DIFFERS = 1,       /* an outcome is not the expected one, or the harness failed */
	EXIT_USAGE = 2,         /* wrong arguments, or an input that cannot be read */
	EXIT_SKIPPED = 3,       /* cells were skipped or refused, under --strict */
	EXIT_NOT_PERMITTED = 4, /* a required setting could not be applied */
	EXIT_NOT_RESTORED = 5,  /* a setting could not be put back */
};

/* Before any of them: a wrong command line ends the program with EXIT_USAGE. */
void cmd_begin(void);

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_schema(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_predict(int argc, char **argv);
int cmd_snapshot(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_ceiling(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_power(int argc, char **argv);
int cmd_selftest(int argc, char **argv);
int cmd_version(void);

#endif
