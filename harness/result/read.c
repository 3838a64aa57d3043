/* SPDX-License-Identifier: MIT */
#include "result/read.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "result/journal.h"
#include "result/read_parts.h"
#include "result/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int read_text(struct reader *rd)
{
	static const char journal_start[] = "{\"header\":";
	int r;

	if (strncmp(rd->text, journal_start, strlen(journal_start)) == 0)
		r = read_journal(rd);
	else if (!rd->length)
		r = error_set(rd->err, -EINVAL, "%s: is empty", rd->path);
	else
		r = read_document(rd);
	if (r == -ENOMEM || (!r && rd->out_of_memory))
		r = error_set(rd->err, -ENOMEM, "%s: out of memory", rd->path);
	if (!r && !rd->r->values)
		r = decode_nothing(rd);
	return r;
}

static int read_file(struct result **ret, const char *path, unsigned int flags, struct error *err)
{
	struct result *result = calloc(1, sizeof(*result));
	struct reader rd = { .r = result, .path = path, .flags = flags, .err = err };
	AUTO_FREE char *text = NULL;
	int r;

	if (!result)
		return error_set(err, -ENOMEM, "out of memory");
	result->store = calloc(1, sizeof(*result->store));
	if (!result->store || !(result->store->context = cJSON_CreateObject())) {
		result_free(result);
		return error_set(err, -ENOMEM, "out of memory");
	}
	r = file_load(path, RESULT_BYTES_MAX, &text, &rd.length, err);
	if (!r) {
		rd.text = text;
		result->path = store_text(result->store, path);
		r = read_text(&rd);
	}
	if (r) {
		result_free(result);
		return r;
	}
	*ret = result;
	return 0;
}

void result_free(struct result *r)
{
	if (!r)
		return;
	if (r->store)
		store_clear(r->store);
	free(r->store);
	free(r->cells);
	free(r->repetitions);
	free(r->values);
	free(r);
}

static void set_note(struct result *r, const char *path, const char *what)
{
	struct error note;

	error_set(&note, 0, "%s %s: read from %s", path, what, r->path);
	r->note = store_text(r->store, note.text);
}

/* Is the journal of the very run that left the document incomplete? It has at least as much. */
static bool same_run(const struct result *a, const struct result *b)
{
	const char *one = result_text(a, "run/started"), *other = result_text(b, "run/started");

	return one && other && strcmp(one, other) == 0 && a->seed == b->seed;
}

int result_read(struct result **ret, const char *path, unsigned int flags, struct error *err)
{
	AUTO_FREE char *beside = journal_path(path);
	struct result *result = NULL, *journal = NULL;
	struct stat st;
	int r;

	if (!beside)
		return error_set(err, -ENOMEM, "out of memory");
	if (strcmp(path, "-") != 0 && stat(path, &st) && errno == ENOENT && !stat(beside, &st)) {
		r = read_file(&result, beside, flags, err);
		if (!r) {
			set_note(result, path, "is not finished");
			*ret = result;
		}
		return r;
	}
	r = read_file(&result, path, flags, err);
	if (r)
		return r;
	if (!result->complete && !result->from_journal && !stat(beside, &st) &&
	    !read_file(&journal, beside, flags, NULL)) {
		if (same_run(result, journal) && journal->nr_repetitions > result->nr_repetitions) {
			struct result *swap = result;

			result = journal;
			journal = swap;
			set_note(result, path, "is not the latest");
		}
		result_free(journal);
	}
	*ret = result;
	return 0;
}
