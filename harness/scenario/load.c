/* SPDX-License-Identifier: MIT */
/* Loads a scenario: from a file to a checked struct, or to all of its mistakes. */
#include "scenario/scenario.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "scenario/document.h"
#include "scenario/mistakes.h"
#include "scenario/reader.h"

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_MAX     64
#define REPETITIONS_INITIAL 6
#define TIMEOUT_INITIAL_NS  60000000000u

static void read_name(struct reader *r, const struct node *key, const struct node *value)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	if (!*text || strspn(text, allowed) != strlen(text) || *text == '.' || *text == '-')
		mistakes_add(r->mistakes, value->place,
			     "a scenario's name has letters, digits, '-', '_' and '.' only, and "
			     "begins with a letter or digit");
	else if (strlen(text) > NAME_LENGTH_MAX)
		mistakes_add(r->mistakes, value->place,
			     "the name is longer than %d characters: put the rest into 'summary'",
			     NAME_LENGTH_MAX);
	r->scenario->name = reader_copy(r, text);
}

static void read_summary(struct reader *r, const struct node *key, const struct node *value)
{
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	r->scenario->summary = reader_copy(r, text);
}

static const char *const keys[] = {
	"scenario", "summary", "defaults", "matrix", "include",     "exclude", "when",
	"setup",    "steps",   "measure",  "expect", "repetitions", "may_oom", "timeout",
	"requires", "charts",  "find",     "chunk",  "until",       "touched", NULL,
};

/* In the order of reading: the cells first, then what speaks of them; steps before expect. */
static const struct key_row cell_rows[] = {
	{ "scenario", read_name },
	{ "summary", read_summary },
	{ "matrix", read_matrix },
	{ "include", read_include },
	{ NULL, NULL },
};

static const struct key_row other_rows[] = {
	{ "exclude", read_exclude },
	{ "when", read_when },
	{ "find", read_find },
	{ "chunk", read_find_size },
	{ "until", read_find_size },
	{ "touched", read_find_size },
	{ "setup", read_setup },
	{ "steps", read_steps },
	{ "measure", read_measure },
	{ "expect", read_expect },
	{ "repetitions", read_repetitions },
	{ "may_oom", read_may_oom },
	{ "timeout", read_timeout },
	{ "requires", read_requires },
	{ "charts", read_charts },
	{ NULL, NULL },
};

/* An axis at the top belongs into the matrix. */
static bool is_axis_outside(struct reader *r, const struct node *key)
{
	const char *axis = text_nearest(key->text, axis_names());

	if (!axis || text_nearest(key->text, keys))
		return false;
	mistakes_add(r->mistakes, key->place,
		     "unknown key '%s': '%s' is an axis, put it into 'matrix'", key->text, axis);
	return true;
}

static void check_keys(struct reader *r)
{
	for (unsigned int i = 0; i < r->root->nr; i++) {
		const struct node *key = r->root->keys[i];
		bool known = false;

		for (size_t j = 0; keys[j] && !known; j++)
			known = strcmp(keys[j], key->text) == 0;
		if (!known && !is_axis_outside(r, key))
			reader_unknown(r, key->place, "key", key->text, keys);
	}
}

static void check_required(struct reader *r)
{
	static const char *const required[] = { "scenario", "steps" };
	static const char *const examples[] = { "scenario: NAME", "steps: [map, unmap]" };

	for (size_t i = 0; i < ARRAY_LENGTH(required); i++)
		if (!(i == 1 && node_find(r->root, "find", NULL)) &&
		    !node_find(r->root, required[i], NULL))
			mistakes_add(r->mistakes, r->root->place, "'%s' is missing: add '%s'",
				     required[i], examples[i]);
}

static void read_root(struct reader *r)
{
	if (r->root->kind != NODE_MAPPING || !r->root->nr) {
		if (r->root->kind != NODE_BROKEN)
			mistakes_add(r->mistakes, r->root->place,
				     "a scenario is a mapping: begin with 'scenario: NAME'");
		return;
	}
	check_keys(r);
	reader_read(r, r->root, cell_rows);
	read_matrix_end(r);
	reader_read(r, r->root, other_rows);
	if ((r->scenario->find || r->scenario->may_oom) && !node_find(r->root, "expect", NULL))
		r->scenario->expect = EXPECT_NOTHING;
	read_steps_end(r);
	check_required(r);
}

static struct scenario *new_scenario(const char *text, size_t length, const char *path)
{
	struct scenario *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->measure.iterations = 1;
	perf_choose_usual(&s->measure.perf);
	s->repetitions = (struct repetition_plan){
		.min = REPETITIONS_INITIAL,
		.max = REPETITIONS_INITIAL,
		.compare = -1,
		.margin = 0.01,
		.power = 0.8,
	};
	s->timeout_ns = TIMEOUT_INITIAL_NS;
	for (unsigned int i = 0; axes[i]; i++)
		s->matrix.axes[s->matrix.nr_axes++].axis = axes[i];
	s->path = strdup(path);
	s->source = malloc(length + 1);
	s->source_length = length;
	if (!s->path || !s->source) {
		scenario_free(s);
		return NULL;
	}
	memcpy(s->source, text, length);
	s->source[length] = '\0';
	SHA256Data((const uint8_t *)s->source, length, s->sha256);
	return s;
}

/* From text to scenario; what is wrong goes into m. NULL only without memory. */
static struct scenario *read_scenario(const char *text, size_t length, const char *path,
				      struct mistakes *m)
{
	struct scenario *s = new_scenario(text, length, path);
	struct reader r = { .mistakes = m, .scenario = s };
	struct document *document = NULL;

	if (!s) {
		mistakes_add(m, (struct position){ 0 }, "out of memory");
		return NULL;
	}
	if (document_parse(text, length, m, &document))
		return s;
	r.root = document_root(document);
	read_root(&r);
	document_free(document);
	return s;
}

int scenario_load_text(const char *text, size_t length, const char *path, FILE *messages,
		       struct scenario **ret, struct load_report *report)
{
	struct mistakes m = { .path = path };
	struct scenario *s = NULL;
	int r = 0;

	if (length > SCENARIO_BYTES_MAX)
		mistakes_add(&m, (struct position){ 0 }, "is larger than 1 MiB");
	else
		s = read_scenario(text, length, path, &m);
	if (messages)
		mistakes_print(&m, messages);
	if (report)
		*report = (struct load_report){ m.nr_errors, m.nr_warnings };
	if (m.nr_errors || !s) {
		scenario_free(s);
		r = -EINVAL;
	} else {
		*ret = s;
	}
	mistakes_free(&m);
	return r;
}

static const char *shown_path(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

int scenario_read(const char *path, FILE *messages, char **ret, size_t *ret_length)
{
	size_t prefix = strlen(path) + 2;
	struct error err;
	int r = file_load(path, SCENARIO_BYTES_MAX, ret, ret_length, &err);

	/* The sentence begins with "path: ". */
	if (r && messages)
		fprintf(messages, "%s: error: %s\n", shown_path(path),
			strlen(err.text) > prefix ? err.text + prefix : err.text);
	return r;
}

int scenario_load(const char *path, FILE *messages, struct scenario **ret,
		  struct load_report *report)
{
	AUTO_FREE char *text = NULL;
	size_t length;
	int r = scenario_read(path, messages, &text, &length);

	if (!r)
		return scenario_load_text(text, length, shown_path(path), messages, ret, report);
	if (report)
		*report = (struct load_report){ .nr_errors = 1 };
	return r;
}
