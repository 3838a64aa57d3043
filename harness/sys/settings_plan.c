/* SPDX-License-Identifier: MIT */
#include "sys/settings_plan.h"

#include "base/size.h"
#include "sys/swapspace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy(char to[SETTINGS_VALUE_MAX], const char *from)
{
	memmove(to, from, strnlen(from, SETTINGS_VALUE_MAX - 1) + 1);
	to[SETTINGS_VALUE_MAX - 1] = '\0';
}

/* The device that this transaction has used before, unless somebody else has it by now. */
static const struct setting_place *zram_again(const struct plan_scene *scene)
{
	for (unsigned int i = 0; scene->written && i < scene->written->n; i++) {
		const struct undo *item = &scene->written->items[i];
		char present[SETTINGS_VALUE_MAX];

		if ((item->place.kind == SETTING_ZRAM || item->place.kind == SETTING_ZRAM_ADDED) &&
		    setting_value_read(&item->place, scene->root, present) == 0 &&
		    undo_compare(item, present) != UNDO_FOREIGN)
			return &item->place;
	}
	return NULL;
}

static int find_zram(const struct plan_scene *scene, struct setting_place *place, struct error *err)
{
	const struct setting_place *again = zram_again(scene);
	bool added;
	int r;

	if (again) {
		*place = *again;
		return 0;
	}
	r = swap_zram_find(place->path, sizeof(place->path), &added, err);
	if (r)
		return error_prefix(err, r, "%s", place->name);
	place->kind = added ? SETTING_ZRAM_ADDED : SETTING_ZRAM;
	return 0;
}

int plan_places(const struct plan_scene *scene, const char *name, struct setting_place *ret,
		unsigned int max, struct error *err)
{
	int n = setting_places(scene->root, name, ret, max, err);
	int r = 0;

	if (n < 0)
		return n;
	if (ret[0].kind == SETTING_ZRAM)
		r = find_zram(scene, &ret[0], err);
	if (ret[0].kind == SETTING_SWAP_FILE)
		snprintf(ret[0].path, sizeof(ret[0].path), "%s", scene->swap_path);
	return r ? r : n;
}

const struct plan_item *plan_find(const struct plan *plan, const char *path)
{
	for (unsigned int i = 0; i < plan->nr_items; i++) {
		if (strcmp(plan->items[i].place.path, path) == 0)
			return &plan->items[i];
	}
	return NULL;
}

bool plan_moves(const struct plan *plan, const char *path)
{
	for (unsigned int i = 0; i < plan->nr_items; i++) {
		if (plan->items[i].place.moves && strcmp(plan->items[i].place.moves, path) == 0)
			return true;
	}
	return false;
}

static int may_write(const struct setting_place *place, const char *root, struct error *err)
{
	int r = setting_value_writable(place, root);

	if (r == -EACCES || r == -EPERM)
		return error_set(err, r,
				 "%s: may not be set: this needs root (CAP_SYS_ADMIN and "
				 "CAP_DAC_OVERRIDE)",
				 place->name);
	if (r == -EROFS)
		return error_set(err, r, "%s: may not be set: %s is read-only here", place->name,
				 place->path);
	if (r == -ELOOP || r == -ENOTDIR)
		return error_set(err, -ELOOP, "%s: %s leads through a symbolic link: refused",
				 place->name, place->path);
	return r ? error_set_errno(err, r, "%s: cannot write %s", place->name, place->path) : 0;
}

/*
 * 0 for one of a pair says that the other one counts: where it is 0 already, the pair stays.
 */
static void settle_pair(struct plan_item *item)
{
	char component[SETTINGS_VALUE_MAX];

	setting_pair_component(item->present, item->place.component, component);
	if (strcmp(item->value, "0 0") == 0 && strcmp(component, "0") == 0)
		copy(item->value, item->present);
}

/* Both of a pair are named: at most one of them is not 0, and that one counts. */
static int merge_pair(struct plan_item *item, const char *value, struct error *err)
{
	if (strcmp(value, "0 0") == 0 || strcmp(item->value, value) == 0)
		return 0;
	if (strcmp(item->value, "0 0") != 0 && strcmp(item->value, item->present) != 0)
		return error_set(err, -EINVAL,
				 "%s: of %s and %s one must be 0: the kernel keeps only the one "
				 "that was written last",
				 item->place.name, strrchr(item->place.path, '/') + 1,
				 strrchr(item->place.twin, '/') + 1);
	copy(item->value, value);
	return 0;
}

static int add_item(struct plan *plan, const struct plan_scene *scene,
		    const struct setting_place *place, const char *value, unsigned int group,
		    struct error *err)
{
	struct plan_item *item = (struct plan_item *)plan_find(plan, place->path);
	int r;

	if (item && place->kind == SETTING_PAIR)
		return merge_pair(item, value, err);
	if (item && strcmp(item->value, value) == 0)
		return 0;
	if (item)
		return error_set(err, -EINVAL, "%s: two values, %s and %s, for %s", place->name,
				 item->value, value, place->path);
	if (plan->nr_items == PLAN_MAX)
		return error_set(err, -E2BIG, "%s: too many settings at once", place->name);
	item = &plan->items[plan->nr_items];
	memset(item, 0, sizeof(*item));
	item->place = *place;
	item->group = group;
	copy(item->value, value);
	r = setting_value_read(place, scene->root, item->present);
	if (r)
		return error_set_errno(err, r, "%s: cannot read %s", place->name, place->path);
	if (place->kind == SETTING_PAIR)
		settle_pair(item);
	plan->nr_items++;
	return 0;
}

/* A pool of all nodes: as it is where the sum is right, else in even shares. */
static int add_pool(struct plan *plan, const struct plan_scene *scene,
		    const struct setting_place *places, unsigned int n, const char *value,
		    unsigned int group, struct error *err)
{
	uint64_t total = strtoull(value, NULL, 10), sum = 0;
	char present[PLACES_MAX][SETTINGS_VALUE_MAX];

	for (unsigned int i = 0; i < n; i++) {
		int r = setting_value_read(&places[i], scene->root, present[i]);

		if (r)
			return error_set_errno(err, r, "%s: cannot read %s", places[i].name,
					       places[i].path);
		sum += strtoull(present[i], NULL, 10);
	}
	for (unsigned int i = 0; i < n; i++) {
		char share[32];
		int r;

		snprintf(share, sizeof(share), "%" PRIu64, total / n + (i < total % n));
		r = add_item(plan, scene, &places[i], sum == total ? present[i] : share, group,
			     err);
		if (r)
			return r;
	}
	return 0;
}

static int add_action(struct plan *plan, const struct plan_scene *scene,
		      const struct setting_place *place, const char *value, struct error *err)
{
	struct plan_action *action = &plan->actions[plan->nr_actions];

	if (plan->nr_actions == sizeof(plan->actions) / sizeof(plan->actions[0]))
		return error_set(err, -E2BIG, "%s: too many actions at once", place->name);
	action->place = *place;
	copy(action->value, value);
	plan->nr_actions++;
	return may_write(place, scene->root, err);
}

static int add_wanted(struct plan *plan, const struct plan_scene *scene,
		      const struct setting_wanted *wanted, unsigned int group, struct error *err)
{
	struct setting_place places[PLACES_MAX];
	char value[SETTINGS_VALUE_MAX];
	int n = plan_places(scene, wanted->name, places, PLACES_MAX, err);
	int r;

	if (n < 0)
		return n;
	r = setting_value_parse(&places[0], scene->root, wanted->value, value, err);
	if (r)
		return r;
	if (places[0].kind == SETTING_ACTION)
		return add_action(plan, scene, &places[0], value, err);
	if (places[0].kind == SETTING_POOL && n > 1)
		return add_pool(plan, scene, places, (unsigned int)n, value, group, err);
	for (int i = 0; i < n && !r; i++)
		r = add_item(plan, scene, &places[i], value, 0, err);
	return r;
}

int plan_make(struct plan *ret, const struct plan_scene *scene, const struct setting_wanted *wanted,
	      size_t n, struct error *err)
{
	ret->nr_items = ret->nr_actions = 0;
	for (size_t i = 0; i < n; i++) {
		int r = add_wanted(ret, scene, &wanted[i], (unsigned int)i + 1, err);

		if (r)
			return r;
	}
	/* What is so already needs no permission. */
	for (unsigned int i = 0; i < ret->nr_items; i++) {
		const struct plan_item *item = &ret->items[i];
		int r = 0;

		if (strcmp(item->value, item->present) != 0)
			r = may_write(&item->place, scene->root, err);
		if (r)
			return r;
	}
	return 0;
}
