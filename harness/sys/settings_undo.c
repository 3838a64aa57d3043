/* SPDX-License-Identifier: MIT */
#include "sys/settings_undo.h"

#include "sys/sysfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct undo *undo_find(struct undo_list *list, const char *path)
{
	for (unsigned int i = 0; i < list->n; i++) {
		if (strcmp(list->items[i].place.path, path) == 0)
			return &list->items[i];
	}
	return NULL;
}

static void copy(char to[SETTINGS_VALUE_MAX], const char *from)
{
	snprintf(to, SETTINGS_VALUE_MAX, "%s", from);
}

int undo_note(struct undo_list *list, const struct setting_place *place, const char *old,
	      const char *fresh)
{
	struct undo *item = undo_find(list, place->path);

	if (!item) {
		if (list->n == UNDO_MAX)
			return -ENOSPC;
		item = &list->items[list->n++];
		memset(item, 0, sizeof(*item));
		item->place = *place;
		copy(item->original, old);
	} else if (undo_compare(item, old) == UNDO_FOREIGN) {
		copy(item->original, old);
		item->overridden = true;
	}
	copy(item->before, old);
	copy(item->ours, fresh);
	return 0;
}

void undo_got(struct undo_list *list, const char *path, const char *value)
{
	struct undo *item = undo_find(list, path);

	if (item)
		copy(item->ours, value);
}

/* A pool that a signal stopped half-way, or that got fewer pages than were asked for. */
static bool between(const char *present, const char *one, const char *other)
{
	unsigned long long at = strtoull(present, NULL, 10), a = strtoull(one, NULL, 10),
			   b = strtoull(other, NULL, 10);

	return (a <= at && at <= b) || (b <= at && at <= a);
}

static bool swap_space(enum setting_kind kind)
{
	return kind == SETTING_SWAP_FILE || kind == SETTING_ZRAM || kind == SETTING_ZRAM_ADDED;
}

enum undo_state undo_compare(const struct undo *item, const char *present)
{
	if (strcmp(present, item->original) == 0)
		return UNDO_DONE;
	if (strcmp(present, item->ours) == 0 || strcmp(item->ours, UNDO_ANY) == 0)
		return UNDO_OURS;
	if (strcmp(present, item->before) == 0)
		return UNDO_OURS;
	if (item->place.kind == SETTING_POOL && between(present, item->before, item->ours))
		return UNDO_OURS;
	/* Made and not yet swapped to, or swapped off and not yet taken away. */
	if (swap_space(item->place.kind) && strcmp(present, "unused") == 0)
		return UNDO_OURS;
	return UNDO_FOREIGN;
}

void undo_compact(const char *root)
{
	sysfile_write(root, "/proc/sys/vm/compact_memory", "1");
}

int undo_item(struct undo *item, const char *root, struct error *err)
{
	char present[SETTINGS_VALUE_MAX];
	int r = setting_value_read(&item->place, root, present);

	if (r)
		return error_set_errno(err, r, "%s: cannot read %s", item->place.name,
				       item->place.path);
	/* A device that was added goes even where it has no size yet. */
	if (strcmp(present, item->original) == 0 && item->place.kind != SETTING_ZRAM_ADDED)
		return 0;
	r = setting_value_write(&item->place, root, item->original, err);
	if (r)
		return r;
	r = setting_value_read(&item->place, root, present);
	if (r || strcmp(present, item->original) != 0)
		return error_set(err, -EIO, "%s: %s was written to %s and %s is read back",
				 item->place.name, item->original, item->place.path,
				 r ? "nothing" : present);
	return 1;
}

static void tell(void (*told)(void *, const char *), void *context, const char *sentence)
{
	if (told)
		told(context, sentence);
}

/* One look at all before the first write: putting one back may move another. */
static void judge(const struct undo_list *list, const char *root, bool ret_kept[UNDO_MAX])
{
	for (unsigned int i = 0; i < list->n; i++) {
		char present[SETTINGS_VALUE_MAX];

		ret_kept[i] = setting_value_read(&list->items[i].place, root, present) == 0 &&
			      undo_compare(&list->items[i], present) == UNDO_FOREIGN;
	}
}

/* Of a pair the one that counts, by its name. */
static const char *shown(const struct undo *item, const char *value, char ret[256])
{
	char component[SETTINGS_VALUE_MAX];
	unsigned int i;

	if (item->place.kind != SETTING_PAIR)
		return value;
	setting_pair_component(value, 1, component);
	i = strcmp(component, "0") != 0;
	setting_pair_component(value, i, component);
	snprintf(ret, 256, "%s %s", strrchr(i ? item->place.twin : item->place.path, '/') + 1,
		 component);
	return ret;
}

static void tell_kept(const struct undo *item, const char *root, const struct undo_sink *sink)
{
	char sentence[1024], present[SETTINGS_VALUE_MAX], text[3][256];

	if (setting_value_read(&item->place, root, present))
		return;
	snprintf(sentence, sizeof(sentence),
		 "%s: somebody else changed it to %s meanwhile: kept (it was %s, the run set %s)",
		 item->place.name, shown(item, present, text[0]),
		 shown(item, item->original, text[1]), shown(item, item->ours, text[2]));
	tell(sink->kept, sink->context, sentence);
}

static void tell_restored(const struct undo *item, const struct undo_sink *sink)
{
	char sentence[512], text[256];

	if (item->overridden) {
		snprintf(sentence, sizeof(sentence),
			 "%s: somebody else changed it to %s meanwhile: kept", item->place.name,
			 shown(item, item->original, text));
		tell(sink->kept, sink->context, sentence);
		return;
	}
	snprintf(sentence, sizeof(sentence), "%s: back to %s", item->place.name,
		 shown(item, item->original, text));
	tell(sink->restored, sink->context, sentence);
}

/* Pages in use and devices held open give way within moments. */
static int insist(struct undo *item, const char *root, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 25 * 1000 * 1000 };
	int r = undo_item(item, root, err);

	for (int tries = 0; r < 0 && r != -ENOENT && r != -EACCES && r != -EROFS && tries < 20;
	     tries++) {
		if (item->place.kind == SETTING_POOL)
			undo_compact(root);
		nanosleep(&pause, NULL);
		r = undo_item(item, root, err);
	}
	return r;
}

int undo_restore(struct undo_list *list, const char *root, const struct undo_sink *sink)
{
	bool kept[UNDO_MAX];
	struct error err;
	int result = 0;

	judge(list, root, kept);
	for (unsigned int i = list->n; i-- > 0;) {
		struct undo *item = &list->items[i];

		int r;

		if (kept[i]) {
			tell_kept(item, root, sink);
			continue;
		}
		r = insist(item, root, &err);
		if (r < 0) {
			tell(sink->failed, sink->context, err.text);
			result = -EIO;
		} else if (r || item->overridden) {
			tell_restored(item, sink);
		}
	}
	return result;
}
