/* SPDX-License-Identifier: MIT */
/* What a person wrote as the value of a setting, in the form that is kept. */
#include "sys/settings_value.h"

#include "base/size.h"
#include "sys/swapspace.h"
#include "sys/sysfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Is every word a number? "010" is none: the kernel would read it as octal. Single blanks. */
static bool numbers(const char *text)
{
	char word[32];
	uint64_t number;

	if (!text[0])
		return false;
	while (*text) {
		size_t n = strcspn(text, " ");

		if (n == 0 || n >= sizeof(word))
			return false;
		memcpy(word, text, n);
		word[n] = '\0';
		if (count_parse(word[0] == '-' ? word + 1 : word, &number, NULL))
			return false;
		text += n + (text[n] == ' ');
	}
	return true;
}

/* Is word one of "always [madvise] never"? */
static bool offered(const char *raw, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = raw; *at; at += strspn(at, " []")) {
		size_t n = strcspn(at, " []");

		if (n == length && strncmp(at, word, n) == 0)
			return true;
		at += n;
	}
	return false;
}

static bool is_on(const char *text)
{
	return strcmp(text, "1") == 0 || strcmp(text, "on") == 0 || strcmp(text, "Y") == 0;
}

static bool is_off(const char *text)
{
	return strcmp(text, "0") == 0 || strcmp(text, "off") == 0 || strcmp(text, "N") == 0;
}

static int parse_switch(const struct setting_place *place, const char *text, const char *on,
			const char *off, char ret[SETTINGS_VALUE_MAX], struct error *err)
{
	if (!is_on(text) && !is_off(text))
		return error_set(err, -EINVAL, "%s: \"%s\" is neither on nor off", place->name,
				 text);
	snprintf(ret, SETTINGS_VALUE_MAX, "%s", is_on(text) ? on : off);
	return 0;
}

/* Blanks single, as sysfile_read() gives them. */
static void copy_words(const char *text, char ret[SETTINGS_VALUE_MAX])
{
	size_t used = 0;

	for (text += strspn(text, " \t"); *text; text++) {
		bool blank = *text == ' ' || *text == '\t';

		if (used + 1 < SETTINGS_VALUE_MAX && !(blank && used && ret[used - 1] == ' '))
			ret[used++] = blank ? ' ' : *text;
	}
	while (used && ret[used - 1] == ' ')
		used--;
	ret[used] = '\0';
}

/* The content shows what the file takes: "a [b] c", Y or N, numbers, or words. */
static int parse_plain(const struct setting_place *place, const char *root, const char *text,
		       char ret[SETTINGS_VALUE_MAX], struct error *err)
{
	char raw[SETTINGS_RAW_MAX], words[SETTINGS_VALUE_MAX];
	int r = sysfile_read(root, place->path, raw, sizeof(raw));

	if (r < 0)
		return error_set_errno(err, r, "%s: cannot read %s", place->name, place->path);
	copy_words(text, words);
	if (strchr(raw, '[') && !offered(raw, text))
		return error_set(err, -EINVAL, "%s: \"%s\" is none of: %s", place->name, text, raw);
	if (strcmp(raw, "Y") == 0 || strcmp(raw, "N") == 0)
		return parse_switch(place, text, "Y", "N", ret, err);
	if (strcmp(place->name, "cpu.turbo") == 0)
		return parse_switch(place, text, "1", "0", ret, err);
	if (numbers(raw) && !numbers(words))
		return error_set(err, -EINVAL, "%s: \"%s\" is not a number (it is %s now)",
				 place->name, text, raw);
	memcpy(ret, words, sizeof(words));
	return 0;
}

static int parse_swap(const struct setting_place *place, const char *text,
		      char ret[SETTINGS_VALUE_MAX], struct error *err)
{
	uint64_t bytes = 0;
	int r = 0;

	if (strcmp(text, "none") == 0 || strcmp(text, "0") == 0)
		snprintf(ret, SETTINGS_VALUE_MAX, "none");
	else
		r = swap_bytes_parse(text, &bytes, err);
	if (r)
		return error_prefix(err, r, "%s", place->name);
	if (bytes)
		bytes_format_exact(bytes, ret, SETTINGS_VALUE_MAX);
	return 0;
}

static bool presentable(const char *text)
{
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' && *at != '\t')
			return false;
	}
	return text[0] && strlen(text) < SETTINGS_VALUE_MAX;
}

int setting_value_parse(const struct setting_place *place, const char *root, const char *text,
			char ret[SETTINGS_VALUE_MAX], struct error *err)
{
	uint64_t number;

	if (!presentable(text))
		return error_set(err, -EINVAL, "%s: an empty or too long value", place->name);
	if (place->kind == SETTING_PLAIN)
		return parse_plain(place, root, text, ret, err);
	if (place->kind == SETTING_INVERTED)
		return parse_switch(place, text, "1", "0", ret, err);
	if (place->kind == SETTING_SWAP_FILE || place->kind == SETTING_ZRAM ||
	    place->kind == SETTING_ZRAM_ADDED)
		return parse_swap(place, text, ret, err);
	if (count_parse(text, &number, NULL))
		return error_set(err, -EINVAL, "%s: \"%s\" is not a whole number", place->name,
				 text);
	if (place->kind == SETTING_PAIR)
		snprintf(ret, SETTINGS_VALUE_MAX, place->component ? "0 %s" : "%s 0", text);
	else
		snprintf(ret, SETTINGS_VALUE_MAX, "%s", text);
	return 0;
}
