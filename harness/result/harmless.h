/* SPDX-License-Identifier: MIT */
/*
 * A result may come from anybody: its texts hold nothing that a terminal would obey once they are
 * read.
 */
#ifndef RESULT_HARMLESS_H
#define RESULT_HARMLESS_H

#include <cjson/cJSON.h>

/*
 * In every name and string of the tree, control characters, of C0 and C1, but for tabs and ends of
 * lines, become '?', and so does every byte that is no UTF-8.
 */
void harmless_tree(cJSON *item);

#endif
