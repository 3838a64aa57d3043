/* SPDX-License-Identifier: MIT */
/* JSON Schemas (draft 2020-12) of what overmap reads and writes, made from its own tables. */
#ifndef RESULT_SCHEMA_H
#define RESULT_SCHEMA_H

struct cJSON;

/* The schema of a result; NULL: memory ran out. To be cJSON_Delete()d. */
struct cJSON *schema_result(void);

/* The same as indented text in fresh memory. */
char *schema_result_text(void);

#endif
