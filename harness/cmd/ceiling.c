/* SPDX-License-Identifier: MIT */
/*
 * overmap ceiling: the largest mapping that is granted, found on this kernel to the page, beside
 * what its rules predict and the rule that binds; for every combination of the words given.
 */
#include "cmd/cmd.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/columns.h"
#include "cmd/question.h"
#include "result/answer.h"
#include "run/budget.h"
#include "run/ceiling.h"
#include "run/pile.h"
#include "scenario/find.h"
#include "sys/settings.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_MAX  16
#define ROWS_MAX     256
#define CHUNKS_MAX   512
#define SHARED_FLAGS "shared anonymous"

enum {
	OPTION_CUMULATIVE = QUESTION_OPTIONS,
	OPTION_TOUCH,
	OPTION_MAX_MEMORY,
};

/* Words between commas: one value each. */
struct choices {
	unsigned int n;
	char *words[CHOICES_MAX];
};

struct arguments {
	struct question question; /* what is the same in all rows */
	struct choices flags, protections, modes;
	const char *chunk, *touch;
	uint64_t max_touched_bytes; /* in all; 0: as much as the machine can spare */
};

struct table {
	const struct arguments *arguments;
	struct settings *settings;
	struct ceiling_row rows[ROWS_MAX];
	char bands[ROWS_MAX][40]; /* how far the prediction is open */
	char notes[ROWS_MAX][128];
	unsigned int n;
	bool misasked;       /* a word that there is not: the table says which */
	bool not_permitted;  /* a setting may not be written, as the table says */
	bool found;          /* anything at all */
	struct host start;   /* the machine before anything was changed */
	uint64_t started_ns; /* CLOCK_REALTIME */
	struct asked asked;
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

static void check_together(const struct arguments *a, struct argp_state *state)
{
	if (a->touch && !a->chunk)
		argp_error(state, "--touch is of chunks: add --cumulative 1GiB");
	if (a->max_touched_bytes && !a->touch)
		argp_error(state, "--max-memory is of what --touch takes: add it");
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
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

static bool is_forbidden(int r)
{
	return r == -EACCES || r == -EPERM || r == -EROFS;
}

/* Apply what the conditions want of the system, and read the machine again. */
static int apply(struct table *t, struct error *err)
{
	const struct conditions *c = &t->asked.conditions;
	struct setting_wanted wanted[WANTED_MAX];
	int r = 0;

	if (!t->settings)
		r = settings_begin(&t->settings, NULL, err);
	for (unsigned int i = 0; i < c->nr_wanted; i++)
		wanted[i] = (struct setting_wanted){ c->wanted[i].name, c->wanted[i].value };
	if (!r)
		r = settings_apply(t->settings, wanted, c->nr_wanted, err);
	return r ? r : host_refresh(&t->asked.system.host, err);
}

static int ask(struct table *t, const char *mode, const char *flags, const char *protection,
	       struct error *err)
{
	struct question q = t->arguments->question;
	int r;

	q.overcommit = mode;
	q.flags = flags;
	q.protection = protection;
	q.size = t->arguments->chunk;
	r = question_resolve(&q, &t->asked, err);
	return r ? r : apply(t, err);
}

/* What names a row: all that was said of it. */
static void label(struct ceiling_row *row, const char *mode, const char *flags,
		  const char *protection, const struct question *q)
{
	const char *words[3 + 1 + QUESTION_LIMITS_MAX] = { mode, flags, protection, q->hugepages };
	size_t used = 0;

	memcpy(words + 4, q->limits, sizeof(q->limits));
	for (size_t i = 0; i < ARRAY_LENGTH(words) && used < sizeof(row->label); i++) {
		if (words[i])
			used += (size_t)snprintf(row->label + used, sizeof(row->label) - used,
						 "%s%s", used ? ", " : "", words[i]);
	}
}

static void add_row(struct table *t, const char *mode, const char *flags, const char *protection)
{
	struct ceiling_row *row = &t->rows[t->n];
	struct ceiling_found found;
	struct error err = { "" };
	int r;

	if (t->n == ROWS_MAX)
		return;
	label(row, mode, flags, protection, &t->arguments->question);
	r = ask(t, mode, flags, protection, &err);
	if (!r)
		r = ceiling_search(&t->asked.conditions, &t->asked.system.host, &found, &err);
	t->misasked |= r == -EINVAL;
	t->not_permitted |= is_forbidden(r);
	t->found |= !r;
	if (r) {
		snprintf(t->notes[t->n++], sizeof(t->notes[0]), "%.127s", err.text);
		return;
	}
	row->found = true;
	row->bytes = found.bytes;
	row->predicted_bytes = found.predicted.bytes;
	row->rule = found.predicted.rule;
	row->nr_calls = found.nr_calls;
	row->elapsed_ns = found.elapsed_ns;
	if (found.predicted.bytes != found.predicted.low_bytes)
		bytes_format(found.predicted.bytes - found.predicted.low_bytes, t->bands[t->n],
			     sizeof(t->bands[0]));
	t->n++;
}

static void search_all(struct table *t)
{
	static char defaults[] = "private anonymous, private anonymous noreserve, " SHARED_FLAGS;
	const struct arguments *a = t->arguments;
	struct choices flags = a->flags, modes = a->modes, protections = a->protections;

	if (!flags.n)
		split(defaults, &flags, NULL);
	modes.n = modes.n ? modes.n : 1;
	protections.n = protections.n ? protections.n : 1;
	for (unsigned int i = 0; i < modes.n; i++)
		for (unsigned int j = 0; j < flags.n; j++)
			for (unsigned int k = 0; k < protections.n; k++)
				add_row(t, modes.words[i], flags.words[j], protections.words[k]);
}

static void format_difference(const struct table *t, unsigned int i, char *ret, size_t length)
{
	const struct ceiling_row *row = &t->rows[i];
	bool more = row->bytes > row->predicted_bytes;
	uint64_t off = more ? row->bytes - row->predicted_bytes : row->predicted_bytes - row->bytes;
	char size[40];

	if (!off)
		snprintf(ret, length, "the same");
	else
		snprintf(ret, length, "%s %s%s%s", bytes_format(off, size, sizeof(size)),
			 more ? "less" : "more", t->bands[i][0] ? ", known to within " : "",
			 t->bands[i]);
}

static void print_table(const struct table *t)
{
	static const struct column_head heads[] = {
		{ "mapping", false },   { "ceiling", true },     { "bytes", true },
		{ "predicted", false }, { "what binds", false }, { "calls", true },
		{ "time", true },       { NULL, false },
	};
	struct columns columns;

	columns_begin(&columns, heads);
	for (unsigned int i = 0; i < t->n; i++) {
		const struct ceiling_row *row = &t->rows[i];
		char size[40], bytes[24], difference[120], calls[16], time[40];
		const char *texts[] = { row->label,
					size,
					bytes,
					difference,
					t->notes[i][0] ? t->notes[i] : rule_get(row->rule)->title,
					calls,
					time };

		bytes_format(row->bytes, size, sizeof(size));
		snprintf(bytes, sizeof(bytes), "%" PRIu64, row->bytes);
		format_difference(t, i, difference, sizeof(difference));
		snprintf(calls, sizeof(calls), "%u", row->nr_calls);
		duration_format(row->elapsed_ns, time, sizeof(time));
		if (!row->found)
			texts[1] = texts[2] = texts[3] = texts[5] = texts[6] = "-";
		columns_add(&columns, texts);
	}
	columns_print(&columns);
}

static int print_searches(struct table *t, struct error *err)
{
	search_all(t);
	if (t->arguments->question.json)
		return ceilings_write(t->rows, t->n, &t->start, t->started_ns, stdout, err);
	print_table(t);
	return 0;
}

static void print_sample(const struct cumulative_sample *sample)
{
	char granted[40], committed[40], tables[40], resident[40];

	printf("%12s %14s %14s %12s\n",
	       bytes_format(sample->granted_bytes, granted, sizeof(granted)),
	       bytes_format(sample->committed_bytes, committed, sizeof(committed)),
	       bytes_format(sample->page_table_bytes, tables, sizeof(tables)),
	       bytes_format(sample->resident_bytes, resident, sizeof(resident)));
}

static void print_pile(const struct pile *pile)
{
	unsigned int n = pile->nr_samples;
	char end[64];

	printf("%12s %14s %14s %12s\n", "granted", "Committed_AS", "page tables", "resident");
	for (unsigned int i = 0; i < n; i++) {
		if (n <= 24 || i < 8 || i >= n - 8)
			print_sample(&pile->samples[i]);
		else if (i == 8)
			printf("%12s\n", "...");
	}
	printf("%" PRIu64 " chunks, %s\n", pile->nr_chunks,
	       pile_end_describe(pile, end, sizeof(end)));
}

static int touch_bytes(const struct table *t, uint64_t *ret, struct error *err)
{
	struct size_bases bases;
	struct size size;
	int r;

	*ret = 0;
	if (!t->arguments->touch)
		return 0;
	r = size_parse(t->arguments->touch, &size, err);
	host_size_bases(&t->asked.system.host, &bases);
	bases.bytes[SIZE_MAPPING] = t->asked.conditions.map.length_bytes;
	r = r ? r : size_resolve(&size, &bases, ret, err);
	return r ? error_prefix(err, r, "--touch") : 0;
}

/* What `find: cumulative` of a scenario does, with its guards. */
static int plan_pile(const struct table *t, struct pile_plan *ret, struct error *err)
{
	const struct op *op = find_op(FIND_CUMULATIVE);
	const struct host *host = &t->asked.system.host;
	struct op_call call = { .op = op };
	int r;

	*ret = (struct pile_plan){ .chunk = t->asked.conditions.map,
				   .touched_max_bytes = t->arguments->max_touched_bytes,
				   .reserve_bytes = budget_reserve_bytes(host) };
	r = touch_bytes(t, &ret->touch_bytes, err);
	if (r)
		return r;
	call.args[FIND_CHUNK] = ret->chunk.length_bytes;
	call.args[FIND_TOUCHED] = ret->touch_bytes;
	if (__builtin_mul_overflow(ret->chunk.length_bytes, CHUNKS_MAX, &ret->until_bytes))
		ret->until_bytes = 0;
	r = op->supported(&call, &t->asked.conditions, host, err);
	return r ? error_prefix(err, r, "--cumulative") : 0;
}

static int print_cumulative(struct table *t, struct error *err)
{
	const struct arguments *a = t->arguments;
	AUTO_FREE struct pile *pile = malloc(sizeof(*pile));
	struct pile_plan plan;
	char end[64];
	int r;

	if (!pile)
		return -ENOMEM;
	r = ask(t, a->modes.words[0], a->flags.words[0], a->protections.words[0], err);
	if (!r)
		r = plan_pile(t, &plan, err);
	if (!r)
		r = pile_search(&t->asked.conditions, &plan, pile, err);
	if (r)
		return r;
	if (a->question.json)
		return cumulative_write(pile->samples, pile->nr_samples,
					pile_end_describe(pile, end, sizeof(end)), &t->start,
					t->started_ns, stdout, err);
	print_pile(pile);
	return 0;
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
	return is_forbidden(r) ? EXIT_NOT_PERMITTED : EXIT_USAGE;
}

int cmd_ceiling(int argc, char **argv)
{
	struct arguments arguments = { .chunk = NULL };
	AUTO_FREE struct table *t = calloc(1, sizeof(*t));
	struct error err = { "" }, restore = { "" };
	int r;

	argp_parse(&ceiling_argp, argc, argv, 0, NULL, &arguments);
	if (!t)
		return EXIT_DIFFERS;
	t->arguments = &arguments;
	t->started_ns = clock_realtime_ns();
	if (host_read(&t->start, &err))
		return exit_status(-EIO, &err);
	r = arguments.chunk ? print_cumulative(t, &err) : print_searches(t, &err);
	if (settings_end(t->settings, warn, NULL, &restore)) {
		fprintf(stderr, "overmap: %s\n", restore.text);
		return EXIT_NOT_RESTORED;
	}
	if (!r && t->misasked)
		return EXIT_USAGE;
	if (!r && t->not_permitted && !t->found)
		return EXIT_NOT_PERMITTED;
	return exit_status(r, &err);
}
