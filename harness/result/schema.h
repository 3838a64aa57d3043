/* SPDX-License-Identifier: MIT */
/* JSON Schemas (draft 2020-12) of what overmap reads and writes, made from its own tables. */
#ifndef RESULT_SCHEMA_H
#define RESULT_SCHEMA_H

struct cJSON;

/* The schema of a result: a fresh tree; memory that ran out shows when it is printed. */
struct cJSON *schema_result(void);

/* The same for what overmap compare --format json writes. */
struct cJSON *schema_comparison(void);

/* A schema by its name, "result", "scenario" or "comparison", as indented text in fresh memory;
 * NULL: no memory.
 */
char *schema_text(const char *name);

#endif
