/* SPDX-License-Identifier: MIT */
#include "result/write.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "result/encode.h"
#include "result/journal.h"

#include <stdlib.h>
#include <string.h>

struct recorder {
	struct journal journal;
	char *output_path;
	const struct result_context *context;
	uint64_t nr_numbers; /* of cells */
	uint8_t *visited;    /* a bit a cell: its line is in the journal */
};

/* A journal line: an object with one member, whose name says what the line is. Takes item. */
static int append(struct recorder *r, const char *kind, cJSON *item, struct error *err)
{
	AUTO_FREE char *text = NULL;
	cJSON *line = cJSON_CreateObject();

	json_add(line, kind, item);
	text = json_print(line);
	cJSON_Delete(line);
	if (!text)
		return error_set(err, -ENOMEM, "out of memory while recording");
	return journal_append(&r->journal, text, err);
}

static int recorder_new(struct recorder **ret, const char *output_path,
			const struct result_context *context, struct error *err)
{
	const struct matrix *m = &context->scenario->matrix;
	struct recorder *r = calloc(1, sizeof(*r));

	if (r) {
		r->journal.fd = -1;
		r->context = context;
		r->nr_numbers = m->nr_product + m->nr_include;
		/* Zero pages cost nothing until a bit is set. */
		r->visited = calloc(1, r->nr_numbers / 8 + 1);
		r->output_path = strdup(output_path);
	}
	if (!r || !r->visited || !r->output_path) {
		recorder_abort(r);
		return error_set(err, -ENOMEM, "out of memory");
	}
	*ret = r;
	return 0;
}

int recorder_open(struct recorder **ret, const char *output_path,
		  const struct result_context *context, struct error *err)
{
	struct recorder *recorder;
	int r = recorder_new(&recorder, output_path, context, err);

	if (r)
		return r;
	r = journal_create(&recorder->journal, output_path, err);
	if (!r) {
		r = append(recorder, "header", encode_header(context), err);
		if (r)
			journal_remove(&recorder->journal);
	}
	if (r) {
		recorder_abort(recorder);
		return r;
	}
	*ret = recorder;
	return 0;
}

/* Call take for each journal line of that kind, with the member's text. */
static int each_line(const struct journal *j, const char *kind,
		     int (*take)(void *context, struct json_slice text), void *context,
		     struct error *err)
{
	AUTO_FCLOSE FILE *stream = journal_open_stream(j);
	AUTO_FREE char *line = NULL;
	char start[32];
	size_t room = 0, length = (size_t)snprintf(start, sizeof(start), "{\"%s\":", kind);
	ssize_t n;
	int r = 0;

	if (!stream)
		return error_set_errno(err, -errno, "cannot read %s", j->path);
	while (!r && (n = getline(&line, &room, stream)) > 0) {
		if (line[n - 1] != '\n')
			break;
		if (strncmp(line, start, length) == 0)
			/* Less the braces around, and the newline. */
			r = take(context,
				 (struct json_slice){ line + length, (size_t)n - length - 2 });
	}
	if (ferror(stream))
		return error_set(err, -EIO, "cannot read %s", j->path);
	return r;
}

static int mark_visited(void *context, struct json_slice text)
{
	struct recorder *r = context;
	uint64_t cell = json_exact_u64(text, "cell", UINT64_MAX);

	if (cell < r->nr_numbers)
		r->visited[cell / 8] |= (uint8_t)(1u << cell % 8);
	return 0;
}

int recorder_resume(struct recorder **ret, const char *output_path,
		    const struct result_context *context, struct error *err)
{
	struct recorder *recorder;
	int r = recorder_new(&recorder, output_path, context, err);

	if (r)
		return r;
	r = journal_resume(&recorder->journal, output_path, err);
	if (!r)
		r = each_line(&recorder->journal, "cell", mark_visited, recorder, err);
	if (!r)
		r = append(recorder, "resumed", encode_resumed(context), err);
	if (r) {
		recorder_abort(recorder);
		return r;
	}
	*ret = recorder;
	return 0;
}

/* What the chart of a search draws: of each cell what its first repetition found. */
static int append_found(struct recorder *r, const struct cell *cell, const struct repetition *rep,
			struct error *err)
{
	const struct scenario *s = r->context->scenario;

	if (!s->find || !rep->nr_steps || !rep->steps[0].ran)
		return 0;
	if (s->find != FIND_CUMULATIVE)
		return append(r, "ceiling", encode_ceiling(s, cell, rep), err);
	if (!rep->nr_samples)
		return 0;
	return append(r, "cumulative", encode_samples(s, cell, rep), err);
}

int recorder_repetition(struct recorder *r, const struct cell *cell, const struct repetition *rep,
			struct error *err)
{
	uint8_t bit = (uint8_t)(1u << cell->index % 8);

	if (cell->index >= r->nr_numbers)
		BUG("cell %llu of %llu", (unsigned long long)cell->index,
		    (unsigned long long)r->nr_numbers);
	if (rep->outcome.kind == OUTCOME_INTERRUPTED)
		return 0;
	if (!(r->visited[cell->index / 8] & bit)) {
		int error = append(r, "cell", encode_cell(r->context, cell), err);

		if (error)
			return error;
		r->visited[cell->index / 8] |= bit;
		error = append_found(r, cell, rep, err);
		if (error)
			return error;
	}
	return append(r, "repetition",
		      encode_repetition(r->context->scenario, r->context->host, rep), err);
}

int recorder_warn(struct recorder *r, const char *kind, const char *text, struct error *err)
{
	cJSON *item = cJSON_CreateObject();

	json_add_text(item, "kind", kind);
	json_add_text(item, "text", text);
	return append(r, "warning", item, err);
}

const char *recorder_journal(const struct recorder *r)
{
	return r->journal.path;
}

/* The document while it is written: what goes before the next item of a list. */
struct document {
	FILE *stream;
	const char *separator;
};

static int write_item(void *context, struct json_slice text)
{
	struct document *d = context;

	if (fputs(d->separator, d->stream) < 0 ||
	    fwrite(text.text, 1, text.length, d->stream) != text.length)
		return -errno;
	d->separator = ",\n    ";
	return 0;
}

/* A list of items in one line, less its brackets. */
static int write_items(void *context, struct json_slice text)
{
	return write_item(context, (struct json_slice){ text.text + 1, text.length - 2 });
}

static int write_list(struct document *d, const char *name, const struct journal *j,
		      const char *kind, struct error *err)
{
	int r;

	fprintf(d->stream, ",\n  \"%s\": [", name);
	d->separator = "\n    ";
	r = each_line(j, kind, write_item, d, err);
	fputs(d->separator[0] == ',' ? "\n  ]" : "]", d->stream);
	return r;
}

/* What the scenario searched for. */
static int write_found(struct document *d, const struct journal *j, enum find_kind find,
		       struct error *err)
{
	int r;

	if (find != FIND_CUMULATIVE)
		return write_list(d, "ceilings", j, "ceiling", err);
	fputs(",\n  \"cumulative\": [", d->stream);
	d->separator = "\n    ";
	r = each_line(j, "cumulative", write_items, d, err);
	fputs(d->separator[0] == ',' ? "\n  ]" : "]", d->stream);
	return r;
}

/* The members of an object, one a line. */
static void write_members(struct document *d, struct json_slice object)
{
	struct json_walk w;
	cJSON *name, *value;

	json_walk_begin(&w, object);
	while (json_walk_next(&w, &name)) {
		struct json_slice text;
		char *quoted = json_print(name);

		value = json_walk_parse(&w, &text);
		if (quoted && value)
			fprintf(d->stream, "%s%s: %.*s", d->separator, quoted, (int)text.length,
				text.text);
		d->separator = ",\n    ";
		free(quoted);
		cJSON_Delete(value);
		cJSON_Delete(name);
	}
}

/* A member of the object in text, as text; length 0: there is none. */
static struct json_slice member(struct json_slice object, const char *wanted)
{
	struct json_slice text = { 0 }, found = { 0 };
	struct json_walk w;
	cJSON *name, *value;

	json_walk_begin(&w, object);
	while (json_walk_next(&w, &name)) {
		value = json_walk_parse(&w, &text);
		if (value && strcmp(name->valuestring, wanted) == 0)
			found = text;
		cJSON_Delete(value);
		cJSON_Delete(name);
	}
	return found;
}

/* The lines that the document's head is made from, kept: the header and the last end. */
struct kept {
	char *text;
	size_t length;
};

static int keep(void *context, struct json_slice text)
{
	struct kept *kept = context;

	free(kept->text);
	kept->text = strndup(text.text, text.length);
	kept->length = text.length;
	return kept->text ? 0 : -ENOMEM;
}

static void write_object(struct document *d, const char *name, struct json_slice object)
{
	fprintf(d->stream, ",\n  \"%s\": {", name);
	d->separator = "\n    ";
	write_members(d, object);
	if (strcmp(name, "run") != 0)
		fputs("\n  }", d->stream);
}

static int write_head(struct document *d, const struct journal *j, struct json_slice header,
		      struct json_slice end, bool complete, struct error *err)
{
	static const char *const lists[] = { "axes", "steps", "metrics" };
	int r;

	fprintf(d->stream, "{\n  \"overmap\": \"result\", \"schema\": %d, \"complete\": %s",
		RESULT_SCHEMA, complete ? "true" : "false");
	if (member(header, "emulated").length)
		fputs(",\n  \"emulated\": true", d->stream);
	write_object(d, "scenario", member(header, "scenario"));
	write_object(d, "tool", member(header, "tool"));
	write_object(d, "run", member(header, "run"));
	write_members(d, member(end, "run"));
	fputs(",\n    \"resumed\": [", d->stream);
	d->separator = "";
	r = each_line(j, "resumed", write_item, d, err);
	fputs("]\n  }", d->stream);
	write_object(d, "host", member(header, "host"));
	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
		struct json_slice text = member(header, lists[i]), value;
		struct json_walk w;

		fprintf(d->stream, ",\n  \"%s\": [", lists[i]);
		d->separator = "\n    ";
		json_walk_begin(&w, text);
		while (json_walk_next(&w, NULL)) {
			cJSON_Delete(json_walk_parse(&w, &value));
			write_item(d, value);
		}
		fputs(d->separator[0] == ',' ? "\n  ]" : "]", d->stream);
	}
	return r;
}

/* Streamed from the journal, so that memory does not grow with the number of repetitions. */
static int write_document(struct recorder *recorder, FILE *stream, bool complete, struct error *err)
{
	struct document d = { .stream = stream };
	const struct journal *j = &recorder->journal;
	struct kept header = { 0 }, end = { 0 };
	struct json_slice summary;
	int r = each_line(j, "header", keep, &header, err);

	if (!r)
		r = each_line(j, "end", keep, &end, err);
	if (!r && (!header.text || !end.text))
		r = error_set(err, -EINVAL, "%s: is no journal any more", j->path);
	if (r)
		goto out;
	r = write_head(&d, j, (struct json_slice){ header.text, header.length },
		       (struct json_slice){ end.text, end.length }, complete, err);
	if (!r)
		r = write_list(&d, "cells", j, "cell", err);
	if (!r)
		r = write_list(&d, "repetitions", j, "repetition", err);
	if (!r && recorder->context->scenario->find)
		r = write_found(&d, j, recorder->context->scenario->find, err);
	summary = member((struct json_slice){ end.text, end.length }, "summary");
	fprintf(stream, ",\n  \"summary\": %.*s", (int)summary.length, summary.text);
	if (!r)
		r = write_list(&d, "warnings", j, "warning", err);
	fputs("\n}\n", stream);
out:
	free(header.text);
	free(end.text);
	return r;
}

static int replace_output(struct recorder *recorder, bool complete, struct error *err)
{
	const char *path = recorder->output_path;
	struct file_replace file = { 0 };
	int r = file_replace_begin(&file, path, err);

	if (r)
		return r;
	err->text[0] = '\0';
	r = write_document(recorder, file.stream, complete, err);
	if (!r && fflush(file.stream))
		r = -errno;
	if (r && !err->text[0])
		error_set_errno(err, r, "cannot write %s",
				strcmp(path, "-") == 0 ? "standard output" : path);
	if (r)
		file_replace_abort(&file);
	else
		r = file_replace_commit(&file, err);
	return r;
}

int recorder_finish(struct recorder *recorder, const struct result_end *end, struct error *err)
{
	struct result_end what = *end;
	struct error reason;
	int r;

	if (recorder->context->clock)
		what.clock = NULL; /* the header has it */
	r = append(recorder, "end", encode_end(&what), &reason);
	if (!r)
		r = replace_output(recorder, !end->signal, &reason);
	if (r)
		error_set(err, r, "%s (every finished repetition is kept in %s)", reason.text,
			  recorder->journal.path);
	else if (!end->signal || strcmp(recorder->output_path, "-") == 0)
		journal_remove(&recorder->journal);
	recorder_abort(recorder);
	return r;
}

void recorder_abort(struct recorder *r)
{
	if (!r)
		return;
	journal_close(&r->journal);
	free(r->visited);
	free(r->output_path);
	free(r);
}
