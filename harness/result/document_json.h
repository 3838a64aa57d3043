/* SPDX-License-Identifier: MIT */
/* A YAML tree as JSON, with aliases and merge keys followed: what a schema is held against. */
#ifndef RESULT_DOCUMENT_JSON_H
#define RESULT_DOCUMENT_JSON_H

#include "scenario/document.h"

#include <stdio.h>

/*
 * Write the tree as one JSON value and a newline: words without quotes that are true, false or
 * whole numbers become those. −ENOMEM, −errno.
 */
int document_write_json(const struct node *root, FILE *out);

#endif
