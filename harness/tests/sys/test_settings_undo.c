/* SPDX-License-Identifier: MIT */
/* Whose value is it: told from what was journalled and what is there now. */
#include "tests/sys/fake_root.h"

#include "base/cleanup.h"
#include "sys/settings_undo.h"

static struct undo_list list;

/* Up to three writes old→fresh of one place; got: what the last one was read back as. */
static const struct {
	enum setting_kind kind;
	const char *writes[3][2], *got, *present;
	enum undo_state state;
	const char *original;
} cases[] = {
	{ SETTING_PLAIN, { { "60", "10" } }, NULL, "10", UNDO_OURS, "60" },
	{ SETTING_PLAIN, { { "60", "10" } }, NULL, "60", UNDO_DONE, "60" },
	{ SETTING_PLAIN, { { "60", "10" } }, NULL, "30", UNDO_FOREIGN, "60" },
	/* Killed between the second entry and its write. */
	{ SETTING_PLAIN, { { "60", "10" }, { "10", "20" } }, NULL, "10", UNDO_OURS, "60" },
	{ SETTING_PLAIN, { { "60", "10" }, { "10", "20" } }, NULL, "20", UNDO_OURS, "60" },
	/* Back to the original in between, which has no entry. */
	{ SETTING_PLAIN, { { "60", "10" }, { "60", "20" } }, NULL, "20", UNDO_OURS, "60" },
	/* Somebody else set 30 in between: that is what is put back. */
	{ SETTING_PLAIN, { { "60", "10" }, { "30", "20" } }, NULL, "20", UNDO_OURS, "30" },
	{ SETTING_PLAIN,
	  { { "60", "10" }, { "30", "20" }, { "20", "5" } },
	  NULL,
	  "5",
	  UNDO_OURS,
	  "30" },
	/* The kernel gave something else than was asked for. */
	{ SETTING_PLAIN, { { "60", "10" } }, "12", "12", UNDO_OURS, "60" },
	/* A side effect: unknown until it is read back. */
	{ SETTING_PLAIN, { { "60", UNDO_ANY } }, NULL, "77", UNDO_OURS, "60" },
	{ SETTING_PLAIN, { { "60", UNDO_ANY } }, "70", "77", UNDO_FOREIGN, "60" },
	/* A pool that a signal stopped half-way. */
	{ SETTING_POOL, { { "0", "100" } }, NULL, "37", UNDO_OURS, "0" },
	{ SETTING_POOL, { { "100", "0" } }, NULL, "37", UNDO_OURS, "100" },
	{ SETTING_POOL, { { "0", "100" } }, NULL, "101", UNDO_FOREIGN, "0" },
	{ SETTING_POOL, { { "4", "100" } }, "50", "51", UNDO_FOREIGN, "4" },
	{ SETTING_PAIR, { { "50 0", "0 1000" } }, NULL, "0 1000", UNDO_OURS, "50 0" },
	{ SETTING_PAIR, { { "50 0", "0 1000" } }, NULL, "70 0", UNDO_FOREIGN, "50 0" },
	{ SETTING_SWAP_FILE, { { "none", "1GiB" } }, NULL, "unused", UNDO_OURS, "none" },
	{ SETTING_ZRAM, { { "none", "1GiB" } }, NULL, "2GiB", UNDO_FOREIGN, "none" },
};

static void test_compare(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct setting_place place = { .kind = cases[i].kind, .path = "/p" };
		enum undo_state found;

		list.n = 0;
		for (int w = 0; w < 3 && cases[i].writes[w][0]; w++)
			assert_int_equal(undo_note(&list, &place, cases[i].writes[w][0],
						   cases[i].writes[w][1]),
					 0);
		if (cases[i].got)
			undo_got(&list, "/p", cases[i].got);
		found = undo_compare(undo_find(&list, "/p"), cases[i].present);
		if (found != cases[i].state)
			fail_msg("case %zu: state %d, not %d", i, found, cases[i].state);
		assert_string_equal(list.items[0].original, cases[i].original);
		assert_int_equal(list.n, 1);
	}
}

static void test_full(void **state)
{
	struct setting_place place = { 0 };

	(void)state;
	list.n = 0;
	for (unsigned int i = 0; i < UNDO_MAX; i++) {
		snprintf(place.path, sizeof(place.path), "/%u", i);
		assert_int_equal(undo_note(&list, &place, "0", "1"), 0);
	}
	assert_int_equal(undo_note(&list, &place, "1", "2"), 0);
	strcpy(place.path, "/one-more");
	assert_int_equal(undo_note(&list, &place, "0", "1"), -ENOSPC);
}

struct told {
	unsigned int restored, kept, failed;
	char last[512];
};

static void restored(void *context, const char *sentence)
{
	struct told *t = context;

	t->restored++;
	snprintf(t->last, sizeof(t->last), "%s", sentence);
}

static void kept(void *context, const char *sentence)
{
	struct told *t = context;

	t->kept++;
	snprintf(t->last, sizeof(t->last), "%s", sentence);
}

static void failed(void *context, const char *sentence)
{
	struct told *t = context;

	t->failed++;
	snprintf(t->last, sizeof(t->last), "%s", sentence);
}

static void note(const char *name, const char *path, const char *old, const char *fresh)
{
	struct setting_place place = { .kind = SETTING_PLAIN };

	snprintf(place.name, sizeof(place.name), "%s", name);
	snprintf(place.path, sizeof(place.path), "%s", path);
	assert_int_equal(undo_note(&list, &place, old, fresh), 0);
}

static void test_restore(void **state)
{
	const struct fake_root *f = *state;
	struct told told = { 0 };
	const struct undo_sink sink = { restored, kept, failed, &told };

	list.n = 0;
	note("vm.swappiness", "/proc/sys/vm/swappiness", "33", "60"); /* ours is there */
	note("vm.overcommit_memory", "/proc/sys/vm/overcommit_memory", "0", "2"); /* done */
	note("vm.min_free_kbytes", "/proc/sys/vm/min_free_kbytes", "1", "2");     /* foreign */
	assert_int_equal(undo_restore(&list, f->root, &sink), 0);
	fake_expect(f, "/proc/sys/vm/swappiness", "33");
	fake_expect(f, "/proc/sys/vm/overcommit_memory", "0");
	fake_expect(f, "/proc/sys/vm/min_free_kbytes", "1000");
	assert_int_equal(told.restored, 1);
	assert_int_equal(told.kept, 1);

	note("vm.gone", "/proc/sys/vm/gone", "1", "2");
	assert_int_equal(undo_restore(&list, f->root, &sink), -EIO);
	assert_int_equal(told.failed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_full),
		cmocka_unit_test_setup_teardown(test_restore, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
