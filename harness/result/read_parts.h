/* SPDX-License-Identifier: MIT */
/* Inside read*.c: the two forms of a result, and what they have in common. */
#ifndef RESULT_READ_PARTS_H
#define RESULT_READ_PARTS_H

#include "result/decode.h"

/* All of rd->text into rd->r. −EINVAL with the sentence in rd->err, −ENOMEM without. */
int read_document(struct reader *rd);
int read_journal(struct reader *rd);

/* The value that the walk stands before. 0 too where it is no JSON: the walk says so. */
int read_one_cell(struct reader *rd, struct json_walk *w);
int read_one_repetition(struct reader *rd, struct json_walk *w);

/*
 * A member of the head or of the end, kept for result_text() and its like; text is where value was
 * parsed from. Takes value. −EINVAL with the sentence.
 */
int read_member(struct reader *rd, const char *name, cJSON *value, struct json_slice text);

/* It is something else's JSON: −EINVAL. */
int read_foreign(struct reader *rd);

#endif
