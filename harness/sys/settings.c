/* SPDX-License-Identifier: MIT */
#include "sys/settings.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "sys/guardian.h"
#include "sys/settings_journal.h"
#include "sys/settings_plan.h"
#include "sys/swapspace.h"
#include "sys/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWAP_FOLDER "/var/lib/overmap"
#define REPORT_NAME "guardian.report"

struct settings {
	char root[128], swap_path[SETTING_PATH_MAX];
	void (*recovered)(void *context, const char *sentence);
	void *context;
	bool open; /* lock held, journal there */
	struct settings_journal journal;
	struct guardian *guardian;

	/* Allocated beforehand: later there may be no memory to be had. */
	struct undo_list list;
	struct plan plan;
};

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void fill(struct settings *s, const struct settings_options *o)
{
	static const struct settings_options none;

	o = o ? o : &none;
	memset(s, 0, sizeof(*s));
	snprintf(s->root, sizeof(s->root), "%s", or_else(o->root, ""));
	snprintf(s->swap_path, sizeof(s->swap_path), "%s/swap",
		 or_else(o->swap_directory, SWAP_FOLDER));
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
	fill(s, options);
	*ret = s;
	return 0;
}

int settings_check(const char *name, const char *value, struct error *err)
{
	AUTO_FREE struct plan *plan = malloc(sizeof(*plan));
	const struct plan_scene scene = { .root = "", .swap_path = SWAP_FOLDER "/swap" };
	const struct setting_wanted wanted = { name, value };

	if (!plan)
		return error_set(err, -ENOMEM, "out of memory");
	return plan_make(plan, &scene, &wanted, 1, err);
}

/* One value for the name: a pool's sum; where files differ ("cpu.governor"), all of them. */
static int read_places(const struct setting_place *places, int n, char *ret, size_t length)
{
	char value[SETTINGS_VALUE_MAX], first[SETTINGS_VALUE_MAX] = "";
	unsigned long long sum = 0;
	size_t used = 0;

	ret[0] = '\0';
	for (int i = 0; i < n; i++) {
		int r = setting_value_read(&places[i], "", value);

		if (r)
			return r;
		if (places[i].kind == SETTING_POOL) {
			sum += strtoull(value, NULL, 10);
			used = 0;
			snprintf(value, sizeof(value), "%llu", sum);
		} else if (places[i].kind == SETTING_PAIR) {
			setting_pair_component(value, places[i].component, value);
		} else if (strcmp(first, value) == 0) {
			continue;
		}
		if (i == 0)
			memcpy(first, value, sizeof(first));
		if (used + strlen(value) + 2 > length)
			return -EFBIG;
		if (used)
			ret[used++] = ' ';
		used = (size_t)(stpcpy(ret + used, value) - ret);
	}
	return (int)used;
}

int settings_read(const char *name, char *ret, size_t length, struct error *err)
{
	const struct plan_scene scene = { .root = "", .swap_path = SWAP_FOLDER "/swap" };
	struct setting_place places[PLACES_MAX];
	char value[SETTINGS_VALUE_MAX];
	int n = plan_places(&scene, name, places, PLACES_MAX, err);

	if (n < 0)
		return n;
	if (places[0].kind == SETTING_ACTION)
		return error_set(err, -EINVAL, "%s is an action: it has no value", name);
	if (places[0].kind == SETTING_ZRAM || places[0].kind == SETTING_ZRAM_ADDED)
		swap_zram_ours(places[0].path, sizeof(places[0].path));
	n = read_places(places, n, value, sizeof(value));
	if (n < 0)
		return error_set_errno(err, n, "%s: cannot read %s", name, places[0].path);
	if ((size_t)n >= length)
		return error_set(err, -EFBIG, "%s: too long a value", name);
	memcpy(ret, value, (size_t)n + 1);
	return n;
}

/* Opening the transaction */

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
	int fd = openat(s->journal.folder, REPORT_NAME,
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

static void fail_into(void *context, const char *sentence)
{
	struct error *err = context;

	if (err && !err->text[0])
		error_set(err, -EIO, "%s", sentence);
}

/* A journal is there: put back what it says, if it is of this boot. The lock is held. */
static int clear_journal(struct settings *s, const struct undo_sink *sink, struct error *err)
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
		r = clear_journal(s, &sink, err);
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

/* A guardian that was killed is replaced before the next write. */
static int ensure_open(struct settings *s, struct error *err)
{
	if (!s->open)
		return open_transaction(s, err);
	if (guardian_alive(s->guardian))
		return 0;
	guardian_dismiss(s->guardian);
	s->guardian = NULL;
	return start_guardian(s, err);
}

/* Writing */

/* What the kernel changes along with place: announced before, read back after. */
static int before_move(struct settings *s, const struct setting_place *place, struct error *err)
{
	struct setting_place moved = { .kind = SETTING_PLAIN };
	char present[SETTINGS_VALUE_MAX];
	const char *slash;
	int r;

	if (!place->moves || !sysfile_exists(s->root, place->moves))
		return 0;
	slash = strrchr(place->moves, '/');
	snprintf(moved.path, sizeof(moved.path), "%s", place->moves);
	snprintf(moved.name, sizeof(moved.name), "%s%s",
		 strstr(place->moves, "/vm/") ? "vm." : "ksm.", slash + 1);
	r = setting_value_read(&moved, s->root, present);
	if (r)
		return error_set_errno(err, r, "%s: cannot read %s", place->name, moved.path);
	r = settings_journal_note(&s->journal, &moved, present, UNDO_ANY, err);
	if (!r && undo_note(&s->list, &moved, present, UNDO_ANY))
		r = error_set(err, -ENOSPC, "%s: too many settings in one run", place->name);
	return r;
}

static void after_move(struct settings *s, const char *path)
{
	struct undo *item = path ? undo_find(&s->list, path) : NULL;
	char present[SETTINGS_VALUE_MAX];

	if (!item || setting_value_read(&item->place, s->root, present))
		return;
	undo_got(&s->list, path, present);
	settings_journal_got(&s->journal, &item->place, present);
}

/* Journal, write, read back. ret_got: what is there now. */
static int put(struct settings *s, const struct setting_place *place, const char *old,
	       const char *value, char ret_got[SETTINGS_VALUE_MAX], struct error *err)
{
	int r = before_move(s, place, err), read_back;

	if (!r)
		r = settings_journal_note(&s->journal, place, old, value, err);
	if (!r && undo_note(&s->list, place, old, value))
		r = error_set(err, -ENOSPC, "%s: too many settings in one run", place->name);
	if (r)
		return r;
	r = setting_value_write(place, s->root, value, err);
	/* Half a swap space is none. */
	if (r && (place->kind == SETTING_SWAP_FILE || place->kind == SETTING_ZRAM ||
		  place->kind == SETTING_ZRAM_ADDED))
		setting_value_write(place, s->root, "none", NULL);
	read_back = setting_value_read(place, s->root, ret_got);
	if (!read_back && strcmp(ret_got, value) != 0) {
		undo_got(&s->list, place->path, ret_got);
		settings_journal_got(&s->journal, place, ret_got);
	}
	after_move(s, place->moves);
	if (!r && read_back)
		r = error_set_errno(err, read_back, "%s: cannot read %s back", place->name,
				    place->path);
	return r;
}

static bool fewer(const char *got, const char *asked)
{
	return strtoull(got, NULL, 10) < strtoull(asked, NULL, 10);
}

/*
 * One item of the plan. Values of the plan may be out of date: an earlier item can have moved
 * this one. *ret_less: the kernel gave something else than was asked for; less_err has the
 * sentence.
 */
static int apply_item(struct settings *s, const struct plan_item *item, bool *ret_less,
		      struct error *less_err, struct error *err)
{
	const struct setting_place *place = &item->place;
	char old[SETTINGS_VALUE_MAX], got[SETTINGS_VALUE_MAX];
	int r = setting_value_read(place, s->root, old);

	*ret_less = false;
	if (r)
		return error_set_errno(err, r, "%s: cannot read %s", place->name, place->path);
	if (strcmp(old, item->value) == 0)
		return 0;
	/* A swap file of an earlier boot is nobody's. */
	if (place->kind == SETTING_SWAP_FILE && strcmp(old, "unused") == 0)
		snprintf(old, sizeof(old), "none");
	r = put(s, place, old, item->value, got, err);
	if (!r && place->kind == SETTING_POOL && fewer(got, item->value)) {
		undo_compact(s->root);
		snprintf(old, sizeof(old), "%s", got);
		r = put(s, place, old, item->value, got, err);
	}
	if (r || strcmp(got, item->value) == 0)
		return r;
	*ret_less = true;
	error_set(less_err, -EAGAIN, "%s: asked for %s, the kernel gives %s%s", place->name,
		  item->value, got, place->kind == SETTING_POOL ? " (after compaction)" : "");
	return 0;
}

static uint64_t group_sum(const struct settings *s, unsigned int group, uint64_t *ret_asked)
{
	char present[SETTINGS_VALUE_MAX];
	uint64_t sum = 0;

	*ret_asked = 0;
	for (unsigned int i = 0; i < s->plan.nr_items; i++) {
		const struct plan_item *item = &s->plan.items[i];

		if (item->group != group)
			continue;
		*ret_asked += strtoull(item->value, NULL, 10);
		if (setting_value_read(&item->place, s->root, present) == 0)
			sum += strtoull(present, NULL, 10);
	}
	return sum;
}

/* What one node could not give of a pool, another may. */
static int spread_pool(struct settings *s, const struct plan_item *first, bool *ret_less,
		       struct error *less_err, struct error *err)
{
	char old[SETTINGS_VALUE_MAX], more[SETTINGS_VALUE_MAX], got[SETTINGS_VALUE_MAX];
	uint64_t asked, there = group_sum(s, first->group, &asked);

	for (unsigned int i = 0; i < s->plan.nr_items && there < asked; i++) {
		const struct plan_item *item = &s->plan.items[i];
		int r = item->group == first->group ? setting_value_read(&item->place, s->root, old)
						    : -1;

		if (r)
			continue;
		snprintf(more, sizeof(more), "%" PRIu64,
			 (uint64_t)strtoull(old, NULL, 10) + asked - there);
		r = put(s, &item->place, old, more, got, err);
		if (r)
			return r;
		there = group_sum(s, first->group, &asked);
	}
	*ret_less = there < asked;
	if (*ret_less)
		error_set(less_err, -EAGAIN,
			  "%s: asked for %" PRIu64 " pages, the kernel gives %" PRIu64
			  " on all nodes (after compaction)",
			  first->place.name, asked, there);
	return 0;
}

/* Values that move others come first, pools last, when other settings have made room. */
static int phase_of(const struct plan_item *item)
{
	if (item->place.kind == SETTING_POOL)
		return 2;
	return item->place.moves ? 0 : 1;
}

static int apply_phase(struct settings *s, int phase, bool *ret_less, struct error *less_err,
		       struct error *err)
{
	for (unsigned int i = 0; i < s->plan.nr_items; i++) {
		const struct plan_item *item = &s->plan.items[i];
		bool less = false;
		int r = phase_of(item) == phase ? apply_item(s, item, &less, less_err, err) : 0;

		if (r)
			return r;
		*ret_less |= less && !item->group;
	}
	return 0;
}

static int apply_items(struct settings *s, bool *ret_less, struct error *less_err,
		       struct error *err)
{
	*ret_less = false;
	for (int phase = 0; phase < 3; phase++) {
		int r = apply_phase(s, phase, ret_less, less_err, err);

		if (r)
			return r;
	}
	/* Each pool of several nodes once, when every node has had its turn. */
	for (unsigned int i = 0; i < s->plan.nr_items; i++) {
		const struct plan_item *item = &s->plan.items[i];
		bool less = false;
		int r = 0;

		if (item->group && (i == 0 || item[-1].group != item->group))
			r = spread_pool(s, item, &less, less_err, err);
		if (r)
			return r;
		*ret_less |= less;
	}
	return 0;
}

/* Does the item's place go back now? What somebody else changed becomes what is to be kept. */
static bool goes_back(struct settings *s, struct undo *item)
{
	char present[SETTINGS_VALUE_MAX];

	if (plan_find(&s->plan, item->place.path) || plan_moves(&s->plan, item->place.path) ||
	    setting_value_read(&item->place, s->root, present))
		return false;
	switch (undo_compare(item, present)) {
	case UNDO_OURS:
		return true;
	case UNDO_FOREIGN:
		snprintf(item->original, sizeof(item->original), "%s", present);
		snprintf(item->ours, sizeof(item->ours), "%s", present);
		item->overridden = true;
		return false;
	default:
		return false;
	}
}

/* Judged before the first write, since putting one back may move another. */
static unsigned int find_back(struct settings *s, bool ret_back[UNDO_MAX])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->list.n; i++) {
		ret_back[i] = goes_back(s, &s->list.items[i]);
		n += ret_back[i];
	}
	return n;
}

/*
 * Going back needs no entry in the journal: a value that is the original again is left alone by
 * whoever reads it.
 */
static int go_back(struct settings *s, const bool back[UNDO_MAX], struct error *err)
{
	for (unsigned int i = s->list.n; i-- > 0;) {
		struct undo *item = &s->list.items[i];
		int r = back[i] ? undo_item(item, s->root, err) : 0;

		if (r < 0)
			return r;
		if (back[i]) {
			snprintf(item->ours, sizeof(item->ours), "%s", item->original);
			after_move(s, item->place.moves);
		}
	}
	return 0;
}

static bool anything_set(const struct settings *s)
{
	for (unsigned int i = 0; i < s->list.n; i++) {
		if (strcmp(s->list.items[i].ours, s->list.items[i].original) != 0)
			return true;
	}
	return false;
}

static bool anything_differs(const struct plan *plan)
{
	for (unsigned int i = 0; i < plan->nr_items; i++) {
		if (strcmp(plan->items[i].value, plan->items[i].present) != 0)
			return true;
	}
	return false;
}

static int do_actions(const struct settings *s, struct error *err)
{
	for (unsigned int i = 0; i < s->plan.nr_actions; i++) {
		const struct plan_action *action = &s->plan.actions[i];
		int r = setting_value_write(&action->place, s->root, action->value, err);

		if (r)
			return r;
	}
	return 0;
}

int settings_apply(struct settings *s, const struct setting_wanted *wanted, size_t n,
		   struct error *err)
{
	const struct plan_scene scene = { s->root, s->swap_path, &s->list };
	bool back[UNDO_MAX], less = false;
	struct error less_err;
	int r = plan_make(&s->plan, &scene, wanted, n, err);

	if (r)
		return r;
	if (find_back(s, back) || anything_differs(&s->plan)) {
		r = ensure_open(s, err);
		if (!r)
			r = go_back(s, back, err);
		if (!r)
			r = apply_items(s, &less, &less_err, err);
		if (s->open && !anything_set(s))
			settings_journal_empty(&s->journal);
	}
	if (!r)
		r = do_actions(s, err);
	if (!r && less)
		return error_set(err, -EAGAIN, "%s", less_err.text);
	return r;
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

/* Putting back */

struct end_sink {
	void (*warn)(void *context, const char *sentence);
	void *context;
	struct error *err;
};

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

/* After a crash */

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

static int recover_locked(struct settings *s, struct line_sink *lines, struct error *err)
{
	const struct undo_sink sink = { line_restored, line_kept, line_failed, lines };
	char sentence[160];
	int r = clear_journal(s, &sink, err);

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
	fill(s, options);
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

/* What a guardian did after the death of its supervisor, which nobody was there to be told. */
static void tell_report(const struct settings *s, const struct line_sink *lines)
{
	char text[8192], sentence[512], *rest = text, *line;

	if (file_readf(text, sizeof(text), "%s/" REPORT_NAME, s->journal.directory) <= 0)
		return;
	while ((line = strsep(&rest, "\n"))) {
		snprintf(sentence, sizeof(sentence), "last guardian that was left alone: %s", line);
		lines->line(lines->context, sentence);
	}
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
	fill(s, options);
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
