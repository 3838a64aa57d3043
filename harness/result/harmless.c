/* SPDX-License-Identifier: MIT */
#include "result/harmless.h"

#include <stdbool.h>
#include <string.h>

/* Ends of lines are those of the scenario, whose text a run that is resumed reads again. */
static bool ends_line(const unsigned char *at)
{
	return at[0] == '\n' || (at[0] == '\r' && at[1] == '\n') ||
	       (at[0] == 0xc2 && at[1] == 0x85);
}

static void clean(char *text)
{
	for (unsigned char *at = (unsigned char *)text; at && *at; at++) {
		if (ends_line(at) || *at == '\t')
			continue;
		if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
			at[0] = at[1] = '?';
		else if (*at < 0x20 || *at == 0x7f)
			*at = '?';
	}
}

static void clean_tree(cJSON *item)
{
	for (; item; item = item->next) {
		clean(item->string);
		if (cJSON_IsString(item))
			clean(item->valuestring);
		clean_tree(item->child);
	}
}

/* Nearly no text has any: those that cannot are told by a few fast searches. */
static bool may_harm(struct json_slice text)
{
	static const unsigned char raw[] = { 0x1b, 0x7f, 0xc2, '\r', '\b' };

	for (size_t i = 0; i < sizeof(raw); i++)
		if (memchr(text.text, raw[i], text.length))
			return true;
	return memmem(text.text, text.length, "\\u00", 4) ||
	       memmem(text.text, text.length, "\\b", 2) || memmem(text.text, text.length, "\\r", 2);
}

void harmless_tree(cJSON *item, struct json_slice text)
{
	if (may_harm(text))
		clean_tree(item);
}
