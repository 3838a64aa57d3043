/* SPDX-License-Identifier: MIT */
#include "result/write.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "result/encode.h"
#include "result/journal.h"
#include "result/write_document.h"

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
		r = write_each_line(&recorder->journal, "cell", mark_visited, recorder, err);
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

static int replace_output(struct recorder *recorder, bool complete, struct error *err)
{
	const char *path = recorder->output_path;
	struct file_replace file = { 0 };
	int r = file_replace_begin(&file, path, err);

	if (r)
		return r;
	err->text[0] = '\0';
	r = write_document(&recorder->journal, recorder->context->scenario->find, complete,
			   file.stream, err);
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
