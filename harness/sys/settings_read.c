/* SPDX-License-Identifier: MIT */
/* Names and values by themselves, outside any transaction: may it be set, and what is it now? */
#include "sys/settings_state.h"

#include "base/cleanup.h"
#include "sys/swapspace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int settings_check(const char *name, const char *value, struct error *err)
{
	AUTO_FREE struct plan *plan = malloc(sizeof(*plan));
	const struct plan_scene scene = { .root = "", .swap_path = SETTINGS_SWAP_FOLDER "/swap" };
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
	const struct plan_scene scene = { .root = "", .swap_path = SETTINGS_SWAP_FOLDER "/swap" };
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
