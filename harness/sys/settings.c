/* SPDX-License-Identifier: MIT */
#include "sys/settings.h"

#include "base/cleanup.h"
#include "sys/settings_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

void settings_fill(struct settings *s, const struct settings_options *o)
{
	static const struct settings_options none;

	o = o ? o : &none;
	memset(s, 0, sizeof(*s));
	snprintf(s->root, sizeof(s->root), "%s", or_else(o->root, ""));
	snprintf(s->swap_path, sizeof(s->swap_path), "%s/swap",
		 or_else(o->swap_directory, SETTINGS_SWAP_FOLDER));
	s->recovered = o->recovered;
	s->context = o->context;
	settings_journal_init(&s->journal, o->directory);
}

int settings_begin(struct settings **ret, const struct settings_options *options, struct error *err)
{
	struct settings *s = malloc(sizeof(*s));

	if (!s)
		return error_set(err, -ENOMEM, "out of memory");
	if (options && options->swap_directory && strpbrk(options->swap_directory, " \t\n")) {
		free(s);
		return error_set(err, -EINVAL, "the folder of the swap file may hold no blanks");
	}
	settings_fill(s, options);
	*ret = s;
	return 0;
}

static int prepare_guardian(void *context)
{
	struct settings *s = context;

	return settings_journal_share(&s->journal);
}

static void report_line(void *context, const char *sentence)
{
	const int *fd = context;

	if (*fd >= 0)
		dprintf(*fd, "%s\n", sentence);
}

/* In the guardian: the journal on disk is the truth, not what memory was when it was forked. */
static void last_duty(void *context)
{
	struct settings *s = context;
	int fd = openat(s->journal.folder, SETTINGS_REPORT_NAME,
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	const struct undo_sink sink = {
		.restored = report_line, .kept = report_line, .failed = report_line, .context = &fd
	};
	bool other_boot;
	struct error err;
	int r = settings_journal_load(&s->journal, &s->list, &other_boot, &err);

	if (r && r != -ENOENT)
		report_line(&fd, err.text);
	if (!r)
		r = undo_restore(&s->list, s->root, &sink);
	if (!r)
		settings_journal_remove(&s->journal);
}

static int start_guardian(struct settings *s, struct error *err)
{
	const int keep[] = { s->journal.folder, s->journal.lock, s->journal.file };
	const struct guardian_duty duty = { .prepare = prepare_guardian,
					    .last = last_duty,
					    .context = s,
					    .keep = keep,
					    .nr_keep = ARRAY_LENGTH(keep) };
	int r = settings_journal_yield(&s->journal);

	if (r)
		return error_set_errno(err, r, "cannot share the lock with the guardian");
	return guardian_start(&s->guardian, &duty, err);
}

int settings_clear_journal(struct settings *s, const struct undo_sink *sink, struct error *err)
{
	char sentence[512], name[256];
	bool other_boot;
	int r = settings_journal_load(&s->journal, &s->list, &other_boot, err);

	if (r == -ENOENT)
		return 0;
	if (r && r != -EBADMSG)
		return r;
	if (r || other_boot) {
		r = settings_journal_set_aside(&s->journal, name, sizeof(name));
		if (r)
			return error_set_errno(err, r, "cannot set the old journal aside");
		snprintf(sentence, sizeof(sentence), "%s: %s", name,
			 other_boot
				 ? "a journal of an earlier boot, set aside: what it lists ended "
				   "with that boot"
				 : "no journal of settings, set aside");
		sink->restored(sink->context, sentence);
	} else {
		r = undo_restore(&s->list, s->root, sink);
		if (r)
			return error_set(err, r,
					 "not all settings of an earlier run could be put back "
					 "(see overmap restore --status)");
	}
	s->list.n = 0;
	r = settings_journal_remove(&s->journal);
	return r ? error_set_errno(err, r, "cannot remove the journal") : 0;
}

static void tell_recovered(void *context, const char *sentence)
{
	struct settings *s = context;

	if (s->recovered)
		s->recovered(s->context, sentence);
}

static int open_transaction(struct settings *s, struct error *err)
{
	const struct undo_sink sink = { .restored = tell_recovered,
					.kept = tell_recovered,
					.failed = tell_recovered,
					.context = s };
	int r = settings_journal_lock(&s->journal, true, err);

	if (!r)
		r = settings_clear_journal(s, &sink, err);
	if (!r)
		r = settings_journal_create(&s->journal, err);
	if (!r) {
		r = start_guardian(s, err);
		if (r)
			settings_journal_remove(&s->journal);
	}
	if (r)
		settings_journal_close(&s->journal);
	s->open = !r;
	return r;
}

int settings_open(struct settings *s, struct error *err)
{
	if (!s->open)
		return open_transaction(s, err);
	if (guardian_alive(s->guardian))
		return 0;
	guardian_dismiss(s->guardian);
	s->guardian = NULL;
	return start_guardian(s, err);
}

void settings_guard(struct settings *s, pid_t repetition)
{
	if (s && s->guardian)
		guardian_watch(s->guardian, repetition);
}

bool settings_are_open(const struct settings *s)
{
	return s && s->open;
}

struct end_sink {
	void (*warn)(void *context, const char *sentence);
	void *context;
	struct error *err;
};

static void fail_into(void *context, const char *sentence)
{
	struct error *err = context;

	if (err && !err->text[0])
		error_set(err, -EIO, "%s", sentence);
}

static void end_kept(void *context, const char *sentence)
{
	struct end_sink *sink = context;

	if (sink->warn)
		sink->warn(sink->context, sentence);
}

static void end_failed(void *context, const char *sentence)
{
	struct end_sink *sink = context;

	fail_into(sink->err, sentence);
	end_kept(context, sentence);
}

int settings_end(struct settings *s, void (*warn)(void *context, const char *sentence),
		 void *context, struct error *err)
{
	struct end_sink end = { warn, context, err };
	const struct undo_sink sink = { .kept = end_kept, .failed = end_failed, .context = &end };
	int r = 0;

	if (!s)
		return 0;
	if (s->open) {
		if (err)
			err->text[0] = '\0';
		r = undo_restore(&s->list, s->root, &sink);
		if (!r)
			settings_journal_remove(&s->journal);
		guardian_dismiss(s->guardian);
		settings_journal_close(&s->journal);
	}
	free(s);
	return r;
}
