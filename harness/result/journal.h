/* SPDX-License-Identifier: MIT */
/*
 * The file beside a result while a run lasts: JSON lines, each durable before the next repetition
 * begins, so that whatever ends the run leaves every finished repetition. It knows lines, not what
 * they mean.
 */
#ifndef RESULT_JOURNAL_H
#define RESULT_JOURNAL_H

#include "base/error.h"

#include <stddef.h>
#include <stdio.h>

struct journal {
	char *path;
	int fd; /* locked against a second run with the same output */
};

/* "r.json.journal" in fresh memory; NULL: memory ran out. */
char *journal_path(const char *output_path);

/*
 * Begin a new journal beside output_path; for "-" in TMPDIR, else /tmp. −EEXIST: an earlier run
 * left one that is still worth something; −EBUSY: another run writes it now.
 */
int journal_create(struct journal *ret, const char *output_path, struct error *err);

/* Go on in the one that is there; a line that was cut when the run died is taken away. */
int journal_resume(struct journal *ret, const char *output_path, struct error *err);

/* Append one line (text without the newline) and make it durable. */
int journal_append(struct journal *j, const char *text, struct error *err);

/* A stream of its own over the same file, from its start. NULL: errno says why. */
FILE *journal_open_stream(const struct journal *j);

/* The document is safe: the journal goes. */
void journal_remove(struct journal *j);

/* Let go and keep the file. Safe when zeroed with fd −1. */
void journal_close(struct journal *j);

#endif
