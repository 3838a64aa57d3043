/* SPDX-License-Identifier: MIT */
/*
 * A result may come from anybody: its texts hold nothing that a terminal would obey once they are
 * read.
 */
#ifndef RESULT_HARMLESS_H
#define RESULT_HARMLESS_H

#include "result/json.h"

/*
 * In every name and string of the tree that was read from text, control characters, of C0 and C1,
 * but for tabs and ends of lines, become '?'.
 */
void harmless_tree(cJSON *item, struct json_slice text);

#endif
