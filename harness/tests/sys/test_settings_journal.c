/* SPDX-License-Identifier: MIT */
/* What the journal gives back after any way of ending, and who may hold the lock. */
#include "tests/sys/fake_root.h"

#include "base/cleanup.h"
#include "sys/settings_journal.h"

#include <signal.h>
#include <sys/wait.h>

static struct undo_list list;

static struct setting_place swappiness = { .kind = SETTING_PLAIN,
					   .name = "vm.swappiness",
					   .path = "/proc/sys/vm/swappiness" };

static void open_journal(struct settings_journal *j, const struct fake_root *f)
{
	struct error err;

	settings_journal_init(j, f->directory);
	if (settings_journal_lock(j, true, &err))
		fail_msg("%s", err.text);
}

static void write_journal(const struct fake_root *f, const char *tail)
{
	struct settings_journal j;
	struct error err;

	open_journal(&j, f);
	assert_int_equal(settings_journal_create(&j, &err), 0);
	assert_int_equal(settings_journal_note(&j, &swappiness, "60", "10", &err), 0);
	settings_journal_got(&j, &swappiness, "11");
	if (write(j.file, tail, strlen(tail)) != (ssize_t)strlen(tail))
		fail();
	settings_journal_close(&j);
}

#define GOOD "set\t3\tplain\tvm.x\t/proc/sys/vm/x\t1\t2"

static const struct {
	const char *tail;
	int r;
	unsigned int n;
} tails[] = {
	{ "", 0, 1 },
	{ GOOD "\n", 0, 2 },
	{ GOOD, 0, 1 }, /* the write that it announces was never done */
	{ "set\t3\tpl", 0, 1 },
	{ "set\t3\tplain\tvm.x\t/etc/passwd\t1\t2\n", -EBADMSG, 0 },
	{ "set\t3\tzram\tswap.zram\t/dev/sda\t1\t2\n", -EBADMSG, 0 },
	{ "set\t3\tnone\tvm.x\t/proc/sys/vm/x\t1\t2\n", -EBADMSG, 0 },
	{ "set\t3\taction\tvm.x\t/proc/sys/vm/x\t1\t2\n", -EBADMSG, 0 },
	{ "set\t3\tpair\tvm.x\t/proc/sys/vm/x\t1\t2\n", -EBADMSG, 0 },
	{ "hello\n", -EBADMSG, 0 },
};

static void test_load(void **state)
{
	const struct fake_root *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(tails); i++) {
		struct settings_journal j;
		struct error err = { "" };
		bool other_boot;
		int r;

		write_journal(f, tails[i].tail);
		open_journal(&j, f);
		r = settings_journal_load(&j, &list, &other_boot, &err);
		if (r != tails[i].r)
			fail_msg("tail %zu: %d, not %d (%s)", i, r, tails[i].r, err.text);
		if (!r) {
			assert_int_equal(list.n, tails[i].n);
			assert_false(other_boot);
			assert_string_equal(list.items[0].original, "60");
			assert_string_equal(list.items[0].ours, "11");
		}
		assert_int_equal(settings_journal_remove(&j), 0);
		settings_journal_close(&j);
	}
}

/* Killed while the first line was written: nothing was set. */
static void test_torn_header(void **state)
{
	const struct fake_root *f = *state;
	struct settings_journal j;
	struct error err;
	bool other_boot;

	open_journal(&j, f);
	assert_int_equal(settings_journal_create(&j, &err), 0);
	assert_int_equal(ftruncate(j.file, 12), 0);
	assert_int_equal(settings_journal_load(&j, &list, &other_boot, &err), 0);
	assert_int_equal(list.n, 0);
	settings_journal_close(&j);
}

/* More entries than the buffer that reads them holds. */
static void test_long(void **state)
{
	const struct fake_root *f = *state;
	struct settings_journal j;
	struct error err;
	bool other_boot;
	char value[16] = "60", fresh[16];

	open_journal(&j, f);
	assert_int_equal(settings_journal_create(&j, &err), 0);
	for (int i = 0; i < 500; i++) {
		snprintf(fresh, sizeof(fresh), "%d", i);
		assert_int_equal(settings_journal_note(&j, &swappiness, value, fresh, &err), 0);
		strcpy(value, fresh);
	}
	assert_int_equal(settings_journal_load(&j, &list, &other_boot, &err), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.items[0].original, "60");
	assert_string_equal(list.items[0].ours, "499");
	settings_journal_empty(&j);
	assert_int_equal(settings_journal_load(&j, &list, &other_boot, &err), 0);
	assert_int_equal(list.n, 0);
	settings_journal_close(&j);
}

static void test_other_boot(void **state)
{
	const struct fake_root *f = *state;
	const char line[] = "overmap settings journal 1\tanother-boot\tpid 1\n" GOOD "\n";
	struct settings_journal j;
	struct error err;
	char path[128], name[256];
	bool other_boot;
	FILE *file;

	open_journal(&j, f);
	snprintf(path, sizeof(path), "%s/journal", f->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(line, file);
	fclose(file);
	assert_int_equal(settings_journal_load(&j, &list, &other_boot, &err), 0);
	assert_true(other_boot);
	assert_int_equal(settings_journal_set_aside(&j, name, sizeof(name)), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(name, F_OK), 0);
	settings_journal_close(&j);
}

static void expect_mode(const char *folder, const char *name, unsigned int mode)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void test_modes(void **state)
{
	const struct fake_root *f = *state;
	struct settings_journal j;
	struct error err;

	umask(0);
	write_journal(f, "");
	umask(022);
	expect_mode(f->directory, ".", 0700);
	expect_mode(f->directory, "journal", 0600);
	expect_mode(f->directory, "lock", 0600);

	/* Others could put a journal of their own there. */
	assert_int_equal(chmod(f->directory, 0770), 0);
	settings_journal_init(&j, f->directory);
	assert_int_equal(settings_journal_lock(&j, true, &err), -EPERM);
	settings_journal_close(&j);
}

static void test_folder_link(void **state)
{
	const struct fake_root *f = *state;
	struct settings_journal j;
	struct error err;

	assert_int_equal(symlink("/tmp", f->directory), 0);
	settings_journal_init(&j, f->directory);
	assert_true(settings_journal_lock(&j, true, &err) < 0);
	settings_journal_close(&j);
}

/* A second run is told who holds the lock; as soon as that one is gone it may go on. */
static void test_lock(void **state)
{
	const struct fake_root *f = *state;
	struct settings_journal j;
	struct error err;
	int pipes[2];
	char holder[200], word, expected[32];
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct settings_journal theirs;

		settings_journal_init(&theirs, f->directory);
		word = settings_journal_lock(&theirs, true, &err) ? 'n' : 'y';
		if (write(pipes[1], &word, 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(pipes[0], &word, 1), 1);
	assert_int_equal(word, 'y');
	settings_journal_init(&j, f->directory);
	assert_int_equal(settings_journal_lock(&j, true, &err), -EBUSY);
	snprintf(expected, sizeof(expected), "pid %d (", (int)pid);
	assert_non_null(strstr(err.text, expected));
	assert_non_null(strstr(err.text, "test_settings_journal"));
	settings_journal_close(&j);
	assert_int_equal(settings_journal_holder(&j, holder, sizeof(holder), &err), 0);
	assert_non_null(strstr(holder, expected));
	settings_journal_close(&j);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	open_journal(&j, f);
	settings_journal_close(&j);
	close(pipes[0]);
	close(pipes[1]);
}

static void test_missing(void **state)
{
	const struct fake_root *f = *state;
	struct settings_journal j;
	struct error err;

	settings_journal_init(&j, f->directory);
	assert_int_equal(settings_journal_lock(&j, false, &err), -ENOENT);
	assert_int_equal(access(f->directory, F_OK), -1);
	settings_journal_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_load, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_torn_header, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_long, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_other_boot, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_modes, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_folder_link, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_lock, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_missing, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
