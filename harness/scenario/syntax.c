/* SPDX-License-Identifier: MIT */
#include "scenario/syntax.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * libfyaml's words for a mistake in the syntax, in ours. The rest is passed on as it is.
 */
static const struct {
	const char *theirs, *ours;
} sentences[] = {
	{ "flow sequence without a closing bracket", "a list is not closed: ']' is missing" },
	{ "flow sequence with invalid extra closing bracket", "one ']' too many" },
	{ "flow mapping without a closing brace", "a mapping is not closed: '}' is missing" },
	{ "flow mapping with invalid extra closing brace", "one '}' too many" },
	{ "double-quoted scalar without closing quote", "a closing '\"' is missing" },
	{ "single-quoted scalar without closing quote", "a closing \"'\" is missing" },
	{ "missing comma in flow sequence", "',' or ']' is missing before this" },
	{ "missing comma in flow mapping", "',' or '}' is missing before this" },
	{ "did not find expected node content",
	  "a value was expected here: is a ']' or '}' missing above?" },
	{ "wrongly indented double-quoted scalar",
	  "a closing '\"' is missing, or the text goes on in the first column" },
	{ "wrongly indented single-quoted scalar",
	  "a closing \"'\" is missing, or the text goes on in the first column" },
	{ "invalid multiline plain key",
	  "the next line is indented as if it belonged to this value: begin its key in the column "
	  "of the other keys" },
	{ "invalid nested block mapping on the same line",
	  "two ':' on one line: put the value in quotes, or the second key on a line of its own" },
	{ "invalid scalar at the end of block sequence",
	  "a key in the column of list items: a collection is either a list or a mapping" },
	{ "invalid indentation in mapping", "this is in another column than the keys before it" },
	{ "invalid escape",
	  "YAML does not know this escape: write '\\\\' for '\\', or use single quotes" },
	{ "plain scalar cannot start with",
	  "a word cannot begin with this character: put it in quotes" },
	{ "unexpected alias", "an alias cannot have an anchor of its own" },
};

static const char *our_sentence(const char *theirs)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strstr(theirs, sentences[i].theirs))
			return sentences[i].ours;
	return theirs;
}

/* The number of the last line that holds anything, for errors that libfyaml puts after it. */
static unsigned int last_line(const struct mistakes *m)
{
	size_t end = m->length;
	unsigned int line = 1;

	while (end && (m->text[end - 1] == '\n' || m->text[end - 1] == '\r'))
		end--;
	for (size_t i = 0; i < end; i++)
		line += m->text[i] == '\n';
	return line;
}

/* Where the line begins; NULL: there is none. */
static const char *line_start(const struct mistakes *m, unsigned int line)
{
	const char *at = m->text, *end = m->text + m->length;

	while (--line && at) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	return at;
}

/* Characters of the line. */
static unsigned int line_width(const struct mistakes *m, unsigned int line)
{
	const char *at = line_start(m, line), *end = m->text + m->length;
	unsigned int width = 0;

	for (; at && at < end && *at != '\n' && *at != '\r'; at++)
		width += ((unsigned char)*at & 0xc0) != 0x80;
	return width;
}

/* Is there a tab before the first word of the line? */
static bool tab_indents(const struct mistakes *m, unsigned int line)
{
	const char *at = line_start(m, line), *end = m->text + m->length;

	for (; at && at < end && (*at == ' ' || *at == '\t'); at++)
		if (*at == '\t')
			return true;
	return false;
}

void syntax_report(struct mistakes *m, struct fy_diag *diag)
{
	void *iterator = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
	unsigned int last = last_line(m);
	struct position place = { last, line_width(m, last) + 1, 1 };

	if (!error || !error->msg) {
		mistakes_add(m, (struct position){ 0 }, "is not YAML");
		return;
	}
	if (error->line > 0 && (unsigned int)error->line <= last)
		place = (struct position){ (unsigned int)error->line,
					   error->column > 0 ? (unsigned int)error->column : 1, 1 };
	for (unsigned int line = place.line; line <= place.line + 1 && line <= last; line++) {
		if (tab_indents(m, line)) {
			place = (struct position){ line, 1, 1 };
			mistakes_add(m, place, "a tab in the indentation: YAML wants blanks there");
			return;
		}
	}
	mistakes_add(m, place, "%s", our_sentence(error->msg));
}

/* How many bytes the UTF-8 character at at has; 0: none that YAML allows. */
static size_t character_bytes(const unsigned char *at, size_t left)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = at[0] < 0x80             ? 1
		   : (at[0] & 0xe0) == 0xc0 ? 2
		   : (at[0] & 0xf0) == 0xe0 ? 3
		   : (at[0] & 0xf8) == 0xf0 ? 4
					    : 0;
	uint32_t point = n == 1 ? at[0] : n ? at[0] & (0x7fu >> n) : 0;

	if (!n || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3f);
	}
	if (n > 1 && point < smallest[n])
		return 0;
	if ((point < 0x20 && point != '\t' && point != '\n' && point != '\r') ||
	    (point >= 0x7f && point < 0xa0 && point != 0x85) ||
	    (point >= 0xd800 && point < 0xe000) || point > 0x10ffff)
		return 0;
	return n;
}

/*
 * A key after '?' brings libfyaml 0.7.12 to corrupt its own memory ("?   -:<tab>?   - m"), and no
 * scenario needs one: a line that begins with it goes no further.
 */
static int check_complex_keys(const char *text, size_t length, struct mistakes *m)
{
	const char *end = text + length;
	struct position place = { 1, 1, 1 };
	bool begins = true;

	for (const char *at = text; at < end; at++, place.column++) {
		bool alone = at + 1 == end || strchr(" \t\r\n", at[1]);

		if (*at == '\n') {
			place = (struct position){ place.line + 1, 0, 1 };
			begins = true;
		} else if (begins && alone && *at == '?') {
			mistakes_add(m, place, "'?' before a key: write 'KEY: VALUE'");
			return -EINVAL;
		} else if (*at != ' ' && *at != '\t' && !(strchr("-:?", *at) && alone)) {
			begins = false;
		}
	}
	return 0;
}

/* libfyaml takes a NUL or a broken character for the end of the file, and says nothing. */
static int check_characters(const char *text, size_t length, struct mistakes *m)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + length;
	struct position place = { 1, 1, 1 };

	while (at < end) {
		size_t n = character_bytes(at, (size_t)(end - at));

		if (!n) {
			m->text = NULL; /* nothing of it is fit to be shown */
			mistakes_add(m, place,
				     "byte 0x%02x is not text: a scenario is a UTF-8 text file",
				     *at);
			return -EINVAL;
		}
		place.column++;
		if (*at == '\n')
			place = (struct position){ place.line + 1, 1, 1 };
		at += n;
	}
	return 0;
}

int syntax_check(const char *text, size_t length, struct mistakes *m)
{
	int r = check_characters(text, length, m);

	return r ? r : check_complex_keys(text, length, m);
}
