/* SPDX-License-Identifier: MIT */
/* After a crash: what an earlier run left is put back, or told. */
#include "sys/settings_state.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "sys/swapspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct line_sink {
	void (*line)(void *context, const char *sentence);
	void *context;
	unsigned int nr_restored, nr_kept, nr_failed;
};

static void line_restored(void *context, const char *sentence)
{
	struct line_sink *sink = context;

	sink->nr_restored++;
	sink->line(sink->context, sentence);
}

static void line_kept(void *context, const char *sentence)
{
	struct line_sink *sink = context;

	sink->nr_kept++;
	sink->line(sink->context, sentence);
}

static void line_failed(void *context, const char *sentence)
{
	struct line_sink *sink = context;

	sink->nr_failed++;
	sink->line(sink->context, sentence);
}

/* A swap file outlives its boot, unlike the rest and the journal. Called with the lock held. */
static void remove_old_swap(const struct settings *s, struct line_sink *sink)
{
	enum swap_state state;
	uint64_t bytes;
	char sentence[256];

	if (swap_file_state(s->swap_path, &state, &bytes) || state != SWAP_UNUSED ||
	    swap_file_remove(s->swap_path))
		return;
	snprintf(sentence, sizeof(sentence), "%s: an unused swap file of an earlier run, removed",
		 s->swap_path);
	line_restored(sink, sentence);
}

static void no_line(void *context, const char *sentence)
{
	(void)context;
	(void)sentence;
}

/*
 * What a guardian did after the death of its supervisor, which nobody was there to be told: with
 * the time, since it may be long ago.
 */
static void tell_report(const struct settings *s, const struct line_sink *lines)
{
	char text[8192], sentence[512], when[32] = "?", *rest = text, *line;
	struct stat st;
	struct tm tm;

	if (file_readf(text, sizeof(text), "%s/" SETTINGS_REPORT_NAME, s->journal.directory) <= 0)
		return;
	if (fstatat(s->journal.folder, SETTINGS_REPORT_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    gmtime_r(&st.st_mtime, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &tm);
	while ((line = strsep(&rest, "\n")) && *line) {
		snprintf(sentence, sizeof(sentence), "%s, by the guardian of a killed run: %s",
			 when, line);
		lines->line(lines->context, sentence);
	}
}

static int recover_locked(struct settings *s, struct line_sink *lines, struct error *err)
{
	const struct undo_sink sink = { line_restored, line_kept, line_failed, lines };
	char sentence[160];
	int r;

	/* Told once: whoever restores knows it from then on. */
	tell_report(s, lines);
	unlinkat(s->journal.folder, SETTINGS_REPORT_NAME, 0);
	r = settings_clear_journal(s, &sink, err);
	if (!r)
		remove_old_swap(s, lines);
	if (!r && !lines->nr_restored && !lines->nr_kept) {
		lines->line(lines->context, "nothing to put back");
	} else {
		snprintf(sentence, sizeof(sentence),
			 "%u put back, %u changed by somebody else and kept, %u failed",
			 lines->nr_restored, lines->nr_kept, lines->nr_failed);
		lines->line(lines->context, sentence);
	}
	return r;
}

int settings_recover(const struct settings_options *options,
		     void (*line)(void *context, const char *sentence), void *context,
		     struct error *err)
{
	AUTO_FREE struct settings *s = malloc(sizeof(*s));
	struct line_sink lines = { line ? line : no_line, context, 0, 0, 0 };
	enum swap_state state = SWAP_ABSENT;
	uint64_t bytes;
	int r;

	if (!s)
		return error_set(err, -ENOMEM, "out of memory");
	settings_fill(s, options);
	if (swap_file_state(s->swap_path, &state, &bytes))
		state = SWAP_ABSENT;
	r = settings_journal_lock(&s->journal, state != SWAP_ABSENT, err);
	if (!r)
		r = recover_locked(s, &lines, err);
	else if (r == -ENOENT)
		lines.line(context, "nothing to put back: no run has changed settings since boot");
	settings_journal_close(&s->journal);
	return r == -ENOENT ? 0 : r;
}

static void tell_item(const struct undo *item, const char *root, const struct line_sink *lines)
{
	static const char *const words[] = { [UNDO_DONE] = "as before",
					     [UNDO_OURS] = "set by the run",
					     [UNDO_FOREIGN] = "changed by somebody else" };
	char sentence[640], present[SETTINGS_VALUE_MAX];

	if (setting_value_read(&item->place, root, present))
		snprintf(sentence, sizeof(sentence), "%s: cannot be read", item->place.name);
	else
		snprintf(sentence, sizeof(sentence), "%s: %s now, %s before (%s)", item->place.name,
			 present, item->original, words[undo_compare(item, present)]);
	lines->line(lines->context, sentence);
}

static int tell_journal(struct settings *s, const struct line_sink *lines, struct error *err)
{
	bool other_boot;
	int r = settings_journal_load(&s->journal, &s->list, &other_boot, err);

	if (r == -ENOENT) {
		lines->line(lines->context, "no settings are changed");
		return 0;
	}
	if (r)
		return r;
	if (other_boot)
		lines->line(lines->context, "the journal is of an earlier boot");
	for (unsigned int i = 0; i < s->list.n; i++)
		tell_item(&s->list.items[i], s->root, lines);
	return 0;
}

int settings_status(const struct settings_options *options,
		    void (*line)(void *context, const char *sentence), void *context,
		    struct error *err)
{
	AUTO_FREE struct settings *s = malloc(sizeof(*s));
	struct line_sink lines = { line ? line : no_line, context, 0, 0, 0 };
	char holder[200], sentence[256];
	int r;

	if (!s)
		return error_set(err, -ENOMEM, "out of memory");
	settings_fill(s, options);
	r = settings_journal_holder(&s->journal, holder, sizeof(holder), err);
	if (!r) {
		snprintf(sentence, sizeof(sentence), "%s%s",
			 holder[0] ? "settings are held by " : "no run holds the settings", holder);
		lines.line(context, sentence);
		r = tell_journal(s, &lines, err);
		tell_report(s, &lines);
	} else if (r == -ENOENT) {
		lines.line(context, "no run has changed settings since boot");
		r = 0;
	}
	settings_journal_close(&s->journal);
	return r;
}
