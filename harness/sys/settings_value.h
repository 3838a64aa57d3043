/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and comparing the value of one place, whatever its kind. Values are kept in one
 * form, the same that is written: the word in brackets of "always [madvise] never", a pool's
 * persistent pages, "50 0" for a pair. Nothing here allocates memory.
 */
#ifndef SYS_SETTINGS_VALUE_H
#define SYS_SETTINGS_VALUE_H

#include "sys/settings_table.h"

#define SETTINGS_RAW_MAX 512 /* "[always] inherit madvise never" and longer ones */

/* root as of sysfile_open(). 0 or −errno. */
int setting_value_read(const struct setting_place *place, const char *root,
		       char ret[SETTINGS_VALUE_MAX]);

/* 0 or −errno, with the sentence. value is of the form that setting_value_read() gives. */
int setting_value_write(const struct setting_place *place, const char *root, const char *value,
			struct error *err);

/* May it be written? 0 or −errno. Writes nothing. */
int setting_value_writable(const struct setting_place *place, const char *root);

/*
 * The form that is kept, from what a person wrote. −EINVAL: a value that the place does not take,
 * as far as its content shows. Of a pair it is one component, the other one 0.
 */
int setting_value_parse(const struct setting_place *place, const char *root, const char *text,
			char ret[SETTINGS_VALUE_MAX], struct error *err);

/* Component i of a pair's value. */
void setting_pair_component(const char *value, unsigned int i, char ret[SETTINGS_VALUE_MAX]);

#endif
