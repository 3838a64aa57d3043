/* SPDX-License-Identifier: MIT */
/* Lists of CPUs and nodes as the kernel writes them: "0-3,8-11". */
#ifndef SYS_ID_LIST_H
#define SYS_ID_LIST_H

#include <stdbool.h>

#define ID_LIST_MAX 8192 /* bytes: the longest list that is read */

/* The next range; false at the end of the list. at moves on. */
bool id_list_next(const char **at, unsigned int *ret_first, unsigned int *ret_last);

/* How many numbers it holds, and whether this one is among them. */
unsigned int id_list_count(const char *list);
bool id_list_has(const char *list, unsigned int number);

#endif
