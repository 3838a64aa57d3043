/* SPDX-License-Identifier: MIT */
/* Files of /proc and /sys as facts. */
#include "sys/facts_parts.h"

#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void facts_tell(struct facts_visit *v, const char *group, const char *name, const char *value)
{
	if (!v->result)
		v->result = v->fact(v->context, group, name, value);
}

void facts_tell_number(struct facts_visit *v, const char *group, const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	facts_tell(v, group, name, text);
}

/* "always [madvise] never": only the word that holds. */
static void keep_chosen(char *value)
{
	char *from = strchr(value, '['), *to = from ? strchr(from, ']') : NULL;

	if (!to || (from > value && from[-1] != ' '))
		return;
	memmove(value, from + 1, (size_t)(to - from - 1));
	value[to - from - 1] = '\0';
}

bool facts_read_value(const struct facts_visit *v, const char *path, char ret[FACTS_VALUE_MAX])
{
	if (file_readf(ret, FACTS_VALUE_MAX, "%s%s", v->root, path) < 0)
		return false;
	for (char *at = ret; *at; at++)
		if (*at == '\t' || *at == '\n')
			*at = ' ';
	for (size_t n = strlen(ret); n && ret[n - 1] == ' '; n--)
		ret[n - 1] = '\0';
	keep_chosen(ret);
	return true;
}

void facts_tell_file(struct facts_visit *v, const char *group, const char *name, const char *path)
{
	char value[FACTS_VALUE_MAX];

	if (facts_read_value(v, path, value))
		facts_tell(v, group, name, value);
}

void facts_tell_files(struct facts_visit *v, const struct fact_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		facts_tell_file(v, files[i].group, files[i].name, files[i].path);
}
