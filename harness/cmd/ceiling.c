/* SPDX-License-Identifier: MIT */
/*
 * overmap ceiling: the largest mapping that is granted, found on this kernel to the page, beside
 * what its rules predict and the rule that binds; for every combination of the words given.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/ceiling_view.h"
#include "run/budget.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPTION_CUMULATIVE = QUESTION_OPTIONS,
	OPTION_TOUCH,
	OPTION_MAX_MEMORY,
};

static const struct argp_option options[] = {
	{ "flags", QUESTION_FLAGS, "WORDS,...", 0,
	  "Default: 'private anonymous, private anonymous noreserve, shared anonymous'", 0 },
	{ "protection", QUESTION_PROTECTION, "WORDS,...", 0, "Default: 'read write'", 0 },
	{ "overcommit", QUESTION_OVERCOMMIT, "MODE,...", 0,
	  "heuristic, always, never: written for the search and put back after (needs root). "
	  "Default: what the system says",
	  0 },
	{ "hugepages", QUESTION_HUGEPAGES, "WORDS", 0,
	  "none (default), 'hugetlb 2MiB': from the pool as it is", 0 },
	{ "limit", QUESTION_LIMIT, "NAME=SIZE", 0, "as, data, memlock or stack; may be repeated",
	  0 },
	{ "set", QUESTION_SET, "NAME=VALUE", 0,
	  "Give a system setting this value for the search, and put it back: hugetlb.2MiB=64; may "
	  "be repeated",
	  0 },
	{ "cumulative", OPTION_CUMULATIVE, "CHUNK", 0,
	  "Map chunks of this size until refused, with the first flags and mode: the picture of "
	  "overcommitting",
	  0 },
	{ "touch", OPTION_TOUCH, "SIZE", 0,
	  "With --cumulative: write to so much of each chunk, as long as the machine can spare it",
	  0 },
	{ "max-memory", OPTION_MAX_MEMORY, "SIZE", 0, "With --touch: no more than SIZE in all", 0 },
	{ "json", QUESTION_JSON, NULL, 0, "Print JSON", 0 },
	{ 0 },
};

/* Cut text at commas, in place. */
static int split(char *text, struct choices *ret, struct error *err)
{
	for (char *rest = text, *word; (word = strsep(&rest, ","));) {
		word += strspn(word, " ");
		if (!*word)
			return error_set(err, -EINVAL, "nothing between two commas");
		if (ret->n == CHOICES_MAX)
			return error_set(err, -E2BIG, "more than %d values", CHOICES_MAX);
		ret->words[ret->n++] = word;
	}
	return 0;
}

static void check_together(const struct ceiling_arguments *a, struct argp_state *state)
{
	if (a->touch && !a->chunk)
		argp_error(state, "--touch is of chunks: add --cumulative 1GiB");
	if (a->max_touched_bytes && !a->touch)
		argp_error(state, "--max-memory is of what --touch takes: add it");
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct ceiling_arguments *a = state->input;
	struct error err = { "" };
	int r = 0;

	switch (key) {
	case QUESTION_FLAGS:
		r = split(text, &a->flags, &err);
		break;
	case QUESTION_PROTECTION:
		r = split(text, &a->protections, &err);
		break;
	case QUESTION_OVERCOMMIT:
		r = split(text, &a->modes, &err);
		break;
	case OPTION_CUMULATIVE:
		a->chunk = text;
		break;
	case OPTION_TOUCH:
		a->touch = text;
		break;
	case OPTION_MAX_MEMORY:
		r = budget_parse(text, &a->max_touched_bytes, &err);
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is too much", text);
		break;
	case ARGP_KEY_END:
		check_together(a, state);
		break;
	default:
		return question_option(&a->question, key, text, state);
	}
	if (r)
		argp_error(state, "%s", err.text);
	return 0;
}

static const struct argp ceiling_argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Search for the largest mapping that this kernel grants, to the page, beside what "
	       "its rules predict and the rule that binds. Nothing is touched: a mapping goes as "
	       "soon as it is granted. In mode never a search takes all that may still be "
	       "committed, for microseconds.\v"
	       "overmap ceiling --overcommit heuristic,always,never\n"
	       "overmap ceiling --cumulative 1GiB --overcommit never",
};

bool ceiling_forbidden(int r)
{
	return r == -EACCES || r == -EPERM || r == -EROFS;
}

/* Apply what the conditions want of the system, and read the machine again. */
static int apply(struct ceiling_view *v, struct error *err)
{
	const struct conditions *c = &v->asked.conditions;
	struct setting_wanted wanted[WANTED_MAX];
	int r = 0;

	if (!v->settings)
		r = settings_begin(&v->settings, NULL, err);
	for (unsigned int i = 0; i < c->nr_wanted; i++)
		wanted[i] = (struct setting_wanted){ c->wanted[i].name, c->wanted[i].value };
	if (!r)
		r = settings_apply(v->settings, wanted, c->nr_wanted, err);
	return r ? r : host_refresh(&v->asked.system.host, err);
}

int ceiling_ask(struct ceiling_view *v, const char *mode, const char *flags, const char *protection,
		struct error *err)
{
	struct question q = v->arguments->question;
	int r;

	q.overcommit = mode;
	q.flags = flags;
	q.protection = protection;
	q.size = v->arguments->chunk;
	r = question_resolve(&q, &v->asked, err);
	return r ? r : apply(v, err);
}

static void warn(void *context, const char *sentence)
{
	(void)context;
	fprintf(stderr, "overmap: %s\n", sentence);
}

static int exit_status(int r, const struct error *err)
{
	if (!r)
		return 0;
	fprintf(stderr, "overmap: %s\n", err->text);
	return ceiling_forbidden(r) ? EXIT_NOT_PERMITTED : EXIT_USAGE;
}

int cmd_ceiling(int argc, char **argv)
{
	struct ceiling_arguments arguments = { .chunk = NULL };
	AUTO_FREE struct ceiling_view *v = calloc(1, sizeof(*v));
	struct error err = { "" }, restore = { "" };
	int r;

	argp_parse(&ceiling_argp, argc, argv, 0, NULL, &arguments);
	if (!v)
		return EXIT_DIFFERS;
	v->arguments = &arguments;
	v->started_ns = clock_realtime_ns();
	if (host_read(&v->start, &err))
		return exit_status(-EIO, &err);
	r = arguments.chunk ? ceiling_print_pile(v, &err) : ceiling_print_table(v, &err);
	if (settings_end(v->settings, warn, NULL, &restore)) {
		fprintf(stderr, "overmap: %s\n", restore.text);
		return EXIT_NOT_RESTORED;
	}
	if (!r && v->misasked)
		return EXIT_USAGE;
	if (!r && v->not_permitted && !v->found)
		return EXIT_NOT_PERMITTED;
	return exit_status(r, &err);
}
