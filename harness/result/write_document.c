/* SPDX-License-Identifier: MIT */
#include "result/write_document.h"

#include "base/cleanup.h"
#include "result/write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int write_each_line(const struct journal *j, const char *kind,
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

static void begin_list(struct document *d, const char *name)
{
	fprintf(d->stream, ",\n  \"%s\": [", name);
	d->separator = "\n    ";
}

static void end_list(struct document *d)
{
	fputs(d->separator[0] == ',' ? "\n  ]" : "]", d->stream);
}

/* take: write_item(), or write_items(). */
static int write_list(struct document *d, const char *name, const struct journal *j,
		      const char *kind, int (*take)(void *context, struct json_slice text),
		      struct error *err)
{
	int r;

	begin_list(d, name);
	r = write_each_line(j, kind, take, d, err);
	end_list(d);
	return r;
}

/* What the scenario searched for. */
static int write_found(struct document *d, const struct journal *j, enum find_kind find,
		       struct error *err)
{
	if (find == FIND_CUMULATIVE)
		return write_list(d, "cumulative", j, "cumulative", write_items, err);
	return write_list(d, "ceilings", j, "ceiling", write_item, err);
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
	r = write_each_line(j, "resumed", write_item, d, err);
	fputs("]\n  }", d->stream);
	write_object(d, "host", member(header, "host"));
	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
		struct json_slice text = member(header, lists[i]), value;
		struct json_walk w;

		begin_list(d, lists[i]);
		json_walk_begin(&w, text);
		while (json_walk_next(&w, NULL)) {
			cJSON_Delete(json_walk_parse(&w, &value));
			write_item(d, value);
		}
		end_list(d);
	}
	return r;
}

int write_document(const struct journal *j, enum find_kind find, bool complete, FILE *stream,
		   struct error *err)
{
	struct document d = { .stream = stream };
	struct kept header = { 0 }, end = { 0 };
	struct json_slice summary;
	int r = write_each_line(j, "header", keep, &header, err);

	if (!r)
		r = write_each_line(j, "end", keep, &end, err);
	if (!r && (!header.text || !end.text))
		r = error_set(err, -EINVAL, "%s: is no journal any more", j->path);
	if (r)
		goto out;
	r = write_head(&d, j, (struct json_slice){ header.text, header.length },
		       (struct json_slice){ end.text, end.length }, complete, err);
	if (!r)
		r = write_list(&d, "cells", j, "cell", write_item, err);
	if (!r)
		r = write_list(&d, "repetitions", j, "repetition", write_item, err);
	if (!r && find)
		r = write_found(&d, j, find, err);
	summary = member((struct json_slice){ end.text, end.length }, "summary");
	fprintf(stream, ",\n  \"summary\": %.*s", (int)summary.length, summary.text);
	if (!r)
		r = write_list(&d, "warnings", j, "warning", write_item, err);
	fputs("\n}\n", stream);
out:
	free(header.text);
	free(end.text);
	return r;
}
