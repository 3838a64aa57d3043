/* SPDX-License-Identifier: MIT */
#include "result/harmless.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

/* Ends of lines are those of the scenario, whose text a run that is resumed reads again. */
static bool ends_line(const unsigned char *at)
{
	return at[0] == '\n' || (at[0] == '\r' && at[1] == '\n') ||
	       (at[0] == 0xc2 && at[1] == 0x85);
}

/* C1 controls are U+0080 to U+009F; a byte of that range alone is one where UTF-8 is off. */
static bool obeyed(const unsigned char *at, size_t length)
{
	return !length || at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
}

static void clean(char *text)
{
	while (text && *text) {
		const unsigned char *at = (const unsigned char *)text;
		size_t length = text_utf8_length(text);

		if (*text != '\t' && !ends_line(at) && obeyed(at, length))
			memset(text, '?', length ? length : 1);
		text += length ? length : 1;
	}
}

void harmless_tree(cJSON *item)
{
	for (; item; item = item->next) {
		clean(item->string);
		if (cJSON_IsString(item))
			clean(item->valuestring);
		harmless_tree(item->child);
	}
}
