/* SPDX-License-Identifier: MIT */
/*
 * What a list of names and values comes to on this machine: which places get which value. Made and
 * checked whole before anything is written.
 */
#ifndef SYS_SETTINGS_PLAN_H
#define SYS_SETTINGS_PLAN_H

#include "sys/settings_undo.h"

#define PLAN_MAX   320
#define PLACES_MAX 256 /* of one name: a machine's cpufreq policies */

struct plan_item {
	struct setting_place place;
	char value[SETTINGS_VALUE_MAX];
	char present[SETTINGS_VALUE_MAX]; /* when the plan was made */
	unsigned int group;               /* one pool, shared out among nodes; 0: by itself */
};

struct plan_action {
	struct setting_place place;
	char value[SETTINGS_VALUE_MAX];
};

struct plan {
	unsigned int nr_items, nr_actions;
	struct plan_item items[PLAN_MAX];
	struct plan_action actions[8];
};

/* Where things are. written: places of earlier plans, so that a swap device is found again. */
struct plan_scene {
	const char *root, *swap_path;
	struct undo_list *written; /* NULL: none */
};

/* −errno and err as of settings_check(). Two values for one place are −EINVAL. */
int plan_make(struct plan *ret, const struct plan_scene *scene, const struct setting_wanted *wanted,
	      size_t n, struct error *err);

/* The item for path, or NULL. */
const struct plan_item *plan_find(const struct plan *plan, const char *path);

/* Does an item change the value at path along with its own? */
bool plan_moves(const struct plan *plan, const char *path);

/*
 * The places of a name, swap spaces with their paths. As setting_places(); *ret_n at most max.
 */
int plan_places(const struct plan_scene *scene, const char *name, struct setting_place *ret,
		unsigned int max, struct error *err);

#endif
