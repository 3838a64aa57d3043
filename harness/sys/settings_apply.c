/* SPDX-License-Identifier: MIT */
/* Making the system as it is wanted: each value journalled, written and read back. */
#include "sys/settings_state.h"

#include "sys/sysfile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		r = settings_open(s, err);
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
