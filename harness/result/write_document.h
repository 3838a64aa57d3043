/* SPDX-License-Identifier: MIT */
/*
 * The document, made of the lines of a journal: streamed, so that memory does not grow with the
 * number of repetitions.
 */
#ifndef RESULT_WRITE_DOCUMENT_H
#define RESULT_WRITE_DOCUMENT_H

#include "result/journal.h"
#include "result/json.h"
#include "result/json_walk.h"
#include "scenario/find.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Call take for each line of a kind ("cell"), with the text of its one member, until it returns
 * other than 0. That, or −errno with the sentence where the journal cannot be read.
 */
int write_each_line(const struct journal *j, const char *kind,
		    int (*take)(void *context, struct json_slice text), void *context,
		    struct error *err);

/*
 * Write the whole document of a journal with its header and an end; find: what its scenario
 * searches for. −errno, with the sentence where the journal is at fault; what the stream says is
 * for the caller to ask.
 */
int write_document(const struct journal *j, enum find_kind find, bool complete, FILE *stream,
		   struct error *err);

#endif
