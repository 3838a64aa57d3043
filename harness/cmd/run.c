/* SPDX-License-Identifier: MIT */
/* overmap run: scenario files in, results out. */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "cmd/run_arguments.h"
#include "cmd/run_recorded.h"
#include "result/resume.h"
#include "scenario/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What was asked for by name is done, or the run does not begin. */
static bool set_is_permitted(const struct run_arguments *a)
{
	struct error err;

	for (unsigned int i = 0; i < a->run.nr_set; i++) {
		if (settings_check(a->set[i].name, a->set[i].value, &err) == 0)
			continue;
		fprintf(stderr, "overmap run: %s\n", err.text);
		return false;
	}
	return true;
}

/* -o FILE, or DIR/NAME.json; the folder is made where it is missing. Fresh memory. */
static char *output_path(const struct run_arguments *a, const struct scenario *s, struct error *err)
{
	const char *folder = a->directory ? a->directory : "results";
	char *path;

	if (a->output)
		return strdup(a->output);
	if (mkdir(folder, 0755) && errno != EEXIST) {
		error_set_errno(err, -errno, "cannot make the folder %s", folder);
		return NULL;
	}
	if (asprintf(&path, "%s/%s.json", folder, s->name) < 0) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	return path;
}

static int report(int status, const struct error *err)
{
	if (err->text[0])
		fprintf(stderr, "overmap: %s\n", err->text);
	return status;
}

static int run_file(struct run_arguments *a, const char *file)
{
	AUTO_FREE char *path = NULL;
	struct scenario *s = NULL;
	struct resume *resume = NULL;
	struct error err = { "" };
	int status = EXIT_USAGE;

	if (scenario_load(file, stderr, &s, NULL))
		return EXIT_USAGE;
	path = output_path(a, s, &err);
	if (path && (!a->resume || resume_open(&resume, path, &err) == 0))
		status = run_recorded(a, s, resume, path, &err);
	resume_free(resume);
	scenario_free(s);
	return report(status, &err);
}

/* Go on with what the journal beside -o FILE says it was: it holds the scenario too. */
static int run_journal(struct run_arguments *a)
{
	struct scenario *s = NULL;
	struct resume *resume = NULL;
	struct error err = { "" };
	int status = EXIT_USAGE;
	const char *source;

	if (resume_open(&resume, a->output, &err))
		return report(EXIT_USAGE, &err);
	source = resume_source(resume);
	if (scenario_load_text(source, strlen(source), resume_path(resume), stderr, &s, NULL) == 0)
		status = run_recorded(a, s, resume, a->output, &err);
	scenario_free(s);
	resume_free(resume);
	return report(status, &err);
}

/* Mistakes of the last of several scenarios are said before the first runs for hours. */
static int check_files(const struct run_arguments *a)
{
	int status = 0;

	for (int i = 0; a->nr_files > 1 && i < a->nr_files; i++) {
		struct scenario *s = NULL;

		if (strcmp(a->files[i], "-") == 0)
			continue;
		if (scenario_load(a->files[i], stderr, &s, NULL))
			status = EXIT_USAGE;
		scenario_free(s);
	}
	return status;
}

/* What of the arguments does not go together; NULL: nothing. */
static const char *misuse(const struct run_arguments *a)
{
	if (a->resume && !a->output && !a->directory && !a->nr_files)
		return "--resume takes -o FILE, whose FILE.journal is there";
	if (!a->nr_files)
		return "no scenario file: try scenarios/larger-than-memory.yaml";
	if (a->output && (a->directory || a->nr_files > 1))
		return "-o takes one scenario and no -d: use -d DIR for several";
	return NULL;
}

int cmd_run(int argc, char **argv)
{
	struct run_arguments a;
	const char *wrong;
	int worst = 0;

	run_arguments_read(&a, argc, argv);
	if (!set_is_permitted(&a))
		return EXIT_NOT_PERMITTED;
	if (a.resume && a.output && !a.nr_files)
		return run_journal(&a);
	wrong = misuse(&a);
	if (wrong) {
		fprintf(stderr, "overmap run: %s\n", wrong);
		return EXIT_USAGE;
	}
	if (check_files(&a))
		return EXIT_USAGE;
	for (int i = 0; i < a.nr_files; i++) {
		int status = run_file(&a, a.files[i]);

		/* The signal was for all of them. */
		if (status > 128)
			return status;
		worst = status > worst ? status : worst;
	}
	return worst;
}
