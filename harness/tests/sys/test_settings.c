/* SPDX-License-Identifier: MIT */
/*
 * The transaction: on a machine made of plain files, where anybody can run it, and on this one,
 * where it needs root.
 */
#include "tests/sys/fake_root.h"

#include "base/cleanup.h"
#include "sys/settings.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#define THP_ENABLED "/sys/kernel/mm/transparent_hugepage/enabled"
#define POLICY(n)   "/sys/devices/system/cpu/cpufreq/policy" #n "/scaling_governor"

struct told {
	unsigned int n;
	char text[2048];
};

static void tell(void *context, const char *sentence)
{
	struct told *t = context;

	t->n++;
	if (strlen(t->text) + strlen(sentence) + 2 < sizeof(t->text))
		strcat(strcat(t->text, sentence), "\n");
}

static struct settings *begin(const struct fake_root *f, struct told *recovered)
{
	const struct settings_options options = { .directory = f->directory,
						  .swap_directory = f->directory,
						  .root = f->root,
						  .recovered = recovered ? tell : NULL,
						  .context = recovered };
	struct settings *s = NULL;
	struct error err;

	assert_int_equal(settings_begin(&s, &options, &err), 0);
	return s;
}

static void apply(struct settings *s, const struct setting_wanted *wanted, size_t n)
{
	struct error err = { "" };

	if (settings_apply(s, wanted, n, &err))
		fail_msg("%s", err.text);
}

static void end(struct settings *s, struct told *told)
{
	struct error err = { "" };

	if (settings_end(s, tell, told, &err))
		fail_msg("%s", err.text);
}

static bool journal_there(const struct fake_root *f)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/journal", f->directory);
	return access(path, F_OK) == 0;
}

static void test_apply_and_end(void **state)
{
	const struct fake_root *f = *state;
	const struct setting_wanted wanted[] = {
		{ "vm.swappiness", "10" },     { "thp.enabled", "always" },
		{ "zswap.enabled", "on" },     { "cpu.governor", "performance" },
		{ "cpu.turbo", "off" },        { "thp.64KiB.enabled", "inherit" },
		{ "hugetlb.2MiB.node2", "7" }, { "drop_caches", "3" },
	};
	struct settings *s = begin(f, NULL);
	struct told told = { 0 };

	assert_false(settings_are_open(s));
	apply(s, wanted, ARRAY_LENGTH(wanted));
	assert_true(settings_are_open(s));
	assert_true(journal_there(f));
	fake_expect(f, "/proc/sys/vm/swappiness", "10");
	fake_expect(f, THP_ENABLED, "always");
	fake_expect(f, POLICY(0), "performance");
	fake_expect(f, POLICY(4), "performance");
	fake_expect(f, "/sys/devices/system/cpu/intel_pstate/no_turbo", "1");
	fake_expect(f, "/sys/module/zswap/parameters/enabled", "Y");
	fake_expect(f, "/proc/sys/vm/drop_caches", "3");

	end(s, &told);
	assert_int_equal(told.n, 0);
	assert_false(journal_there(f));
	fake_expect(f, "/proc/sys/vm/swappiness", "60");
	fake_expect(f, THP_ENABLED, "madvise");
	fake_expect(f, POLICY(0), "powersave");
	fake_expect(f, POLICY(4), "powersave");
	fake_expect(f, "/sys/devices/system/cpu/intel_pstate/no_turbo", "0");
	fake_expect(f, "/sys/module/zswap/parameters/enabled", "N");
	fake_expect(f, "/sys/devices/system/node/node2/hugepages/hugepages-2048kB/nr_hugepages",
		    "0");
}

/* What is not wanted any more goes back; what is so already takes no lock. */
static void test_go_back(void **state)
{
	const struct fake_root *f = *state;
	const struct setting_wanted same = { "vm.swappiness", "60" },
				    ten = { "vm.swappiness", "10" },
				    mode = { "vm.overcommit_memory", "1" };
	struct settings *s = begin(f, NULL);
	struct told told = { 0 };

	apply(s, &same, 1);
	apply(s, NULL, 0);
	assert_false(settings_are_open(s));
	assert_int_equal(access(f->directory, F_OK), -1);
	apply(s, &ten, 1);
	apply(s, &mode, 1);
	fake_expect(f, "/proc/sys/vm/swappiness", "60");
	fake_expect(f, "/proc/sys/vm/overcommit_memory", "1");
	apply(s, &ten, 1);
	fake_expect(f, "/proc/sys/vm/swappiness", "10");
	fake_expect(f, "/proc/sys/vm/overcommit_memory", "0");
	apply(s, NULL, 0);
	fake_expect(f, "/proc/sys/vm/swappiness", "60");
	end(s, &told);
	assert_int_equal(told.n, 0);
}

/* Somebody else changes a value while it is ours: kept and named, at each point of a run. */
static void test_foreign(void **state)
{
	const struct fake_root *f = *state;
	const struct setting_wanted ten = { "vm.swappiness", "10" },
				    five = { "vm.swappiness", "5" },
				    mode = { "vm.overcommit_memory", "1" };
	struct told told = { 0 };
	struct settings *s = begin(f, NULL);

	apply(s, &ten, 1);
	fake_file(f, "/proc/sys/vm/swappiness", "30\n");
	end(s, &told); /* at the end */
	assert_int_equal(told.n, 1);
	assert_non_null(strstr(told.text, "vm.swappiness"));
	assert_non_null(strstr(told.text, "30"));
	fake_expect(f, "/proc/sys/vm/swappiness", "30");

	memset(&told, 0, sizeof(told));
	s = begin(f, NULL);
	apply(s, &ten, 1);
	fake_file(f, "/proc/sys/vm/swappiness", "40\n");
	apply(s, &five, 1); /* between two values of ours */
	fake_expect(f, "/proc/sys/vm/swappiness", "5");
	end(s, &told);
	assert_int_equal(told.n, 1);
	fake_expect(f, "/proc/sys/vm/swappiness", "40");

	memset(&told, 0, sizeof(told));
	s = begin(f, NULL);
	apply(s, &ten, 1);
	fake_file(f, "/proc/sys/vm/swappiness", "50\n");
	apply(s, &mode, 1); /* when it would have gone back */
	fake_expect(f, "/proc/sys/vm/swappiness", "50");
	end(s, &told);
	assert_int_equal(told.n, 1);
	assert_non_null(strstr(told.text, "50"));
	fake_expect(f, "/proc/sys/vm/swappiness", "50");
	fake_expect(f, "/proc/sys/vm/overcommit_memory", "0");
}

/* Nothing is written where one of the list is wrong. */
static void test_all_or_nothing(void **state)
{
	static const struct {
		struct setting_wanted wanted[2];
		int r;
	} cases[] = {
		{ { { "vm.swappiness", "10" }, { "vm.nonsense", "1" } }, -ENOENT },
		{ { { "vm.swappiness", "10" }, { "thp.enabled", "sometimes" } }, -EINVAL },
		{ { { "vm.swappiness", "10" }, { "vm.swappiness", "20" } }, -EINVAL },
		{ { { "vm.overcommit_ratio", "10" }, { "vm.overcommit_kbytes", "20" } }, -EINVAL },
		{ { { "hugetlb.2MiB", "10" }, { "hugetlb.2MiB.node0", "1" } }, -EINVAL },
	};
	const struct fake_root *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct settings *s = begin(f, NULL);
		struct error err = { "" };

		assert_int_equal(settings_apply(s, cases[i].wanted, 2, &err), cases[i].r);
		assert_true(err.text[0]);
		assert_false(settings_are_open(s));
		fake_expect(f, "/proc/sys/vm/swappiness", "60");
		assert_int_equal(settings_end(s, NULL, NULL, &err), 0);
	}
}

/* A pool without a node is shared out among all: 5 pages on node 0, of which 2 are surplus. */
static void test_pool_of_all_nodes(void **state)
{
	const struct fake_root *f = *state;
	const struct setting_wanted nine = { "hugetlb.2MiB", "9" };
	struct settings *s = begin(f, NULL);
	char path[2][128];

	for (int i = 0; i < 2; i++)
		snprintf(path[i], sizeof(path[i]), FAKE_POOL "nr_hugepages", 2 * i);
	snprintf(path[1], sizeof(path[1]), FAKE_POOL "surplus_hugepages", 0);
	fake_file(f, path[1], "0\n");
	snprintf(path[1], sizeof(path[1]), FAKE_POOL "nr_hugepages", 2);
	apply(s, &nine, 1);
	fake_expect(f, path[0], "5"); /* the odd one goes to the first node */
	fake_expect(f, path[1], "4");
	end(s, NULL);
	fake_expect(f, path[0], "5");
	fake_expect(f, path[1], "0");
}

/* A node that gives nothing: what is written to the null device is not there afterwards. */
static bool starve_node(const struct fake_root *f, int node)
{
	char path[160];

	snprintf(path, sizeof(path), "%s" FAKE_POOL "nr_hugepages", f->root, node);
	if (unlink(path) == 0 && mknod(path, S_IFCHR | 0600, makedev(1, 3)) == 0)
		return true;
	print_message("SKIP: a pool that gets fewer pages: needs root\n");
	return false;
}

static void test_pool_gets_fewer(void **state)
{
	const struct fake_root *f = *state;
	const struct setting_wanted nine = { "hugetlb.2MiB", "9" },
				    four = { "hugetlb.2MiB.node0", "4" };
	struct error err = { "" };
	struct settings *s;
	char other[128];

	if (!starve_node(f, 0))
		skip();
	snprintf(other, sizeof(other), FAKE_POOL "surplus_hugepages", 0);
	fake_file(f, other, "0\n");
	snprintf(other, sizeof(other), FAKE_POOL "nr_hugepages", 2);
	s = begin(f, NULL);
	assert_int_equal(settings_apply(s, &four, 1, &err), -EAGAIN);
	assert_string_equal(err.text, "hugetlb.2MiB.node0: asked for 4, the kernel gives 0 (after "
				      "compaction)");
	fake_expect(f, "/proc/sys/vm/compact_memory", "1");
	apply(s, &nine, 1); /* the other node makes up for it */
	fake_expect(f, other, "9");
	end(s, NULL);
	fake_expect(f, other, "0");

	assert_true(starve_node(f, 2));
	s = begin(f, NULL);
	assert_int_equal(settings_apply(s, &nine, 1, &err), -EAGAIN);
	assert_non_null(strstr(err.text, "asked for 9 pages, the kernel gives 0 on all nodes"));
	end(s, NULL);
}

/* The lock's second byte is the guardian's. Asked by a child: closing the file drops our lock. */
static void kill_guardian(const struct fake_root *f)
{
	const struct timespec pause_1ms = { .tv_nsec = 1000000 };
	char path[128];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct flock lock = {
			.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1
		};
		int fd;

		snprintf(path, sizeof(path), "%s/lock", f->directory);
		fd = open(path, O_RDWR);
		if (fd < 0 || fcntl(fd, F_GETLK, &lock) || lock.l_type == F_UNLCK ||
		    kill(lock.l_pid, SIGKILL))
			_exit(1);
		while (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
			nanosleep(&pause_1ms, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_guardian_replaced(void **state)
{
	const struct fake_root *f = *state;
	const struct setting_wanted ten = { "vm.swappiness", "10" },
				    five = { "vm.swappiness", "5" };
	struct settings *s = begin(f, NULL);

	apply(s, &ten, 1);
	kill_guardian(f);
	apply(s, &five, 1);
	kill_guardian(f); /* there is one again */
	end(s, NULL);
	fake_expect(f, "/proc/sys/vm/swappiness", "60");
}

/* Supervisor and guardian both die with a value set. */
static void crash(const struct fake_root *f)
{
	const struct setting_wanted wanted[] = { { "vm.swappiness", "10" },
						 { "thp.enabled", "never" } };
	pid_t pid = fork();

	if (pid == 0) {
		apply(begin(f, NULL), wanted, 2);
		kill_guardian(f);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	fake_expect(f, "/proc/sys/vm/swappiness", "10");
	assert_true(journal_there(f));
}

/* What a guardian that was left alone leaves to be told. */
static void report(const struct fake_root *f, const char *text)
{
	char path[320];
	FILE *file;

	snprintf(path, sizeof(path), "%s/guardian.report", f->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void test_recover(void **state)
{
	const struct fake_root *f = *state;
	const struct settings_options options = { .directory = f->directory,
						  .swap_directory = f->directory,
						  .root = f->root };
	struct told told = { 0 };
	struct error err = { "" };

	assert_int_equal(settings_recover(&options, tell, &told, &err), 0);
	assert_int_equal(access(f->directory, F_OK), -1); /* nothing to do, nothing made */

	crash(f);
	memset(&told, 0, sizeof(told));
	report(f, "thp.enabled: back to madvise\n");
	assert_int_equal(settings_status(&options, tell, &told, &err), 0);
	assert_non_null(strstr(told.text, "no run holds"));
	assert_non_null(strstr(told.text, " UTC, by the guardian of a killed run: thp.enabled"));
	assert_non_null(strstr(told.text, "vm.swappiness: 10 now, 60 before"));
	fake_expect(f, "/proc/sys/vm/swappiness", "10");

	fake_file(f, THP_ENABLED, "[always] madvise never\n");
	memset(&told, 0, sizeof(told));
	assert_int_equal(settings_recover(&options, tell, &told, &err), 0);
	assert_non_null(strstr(told.text, "guardian of a killed run: thp.enabled: back"));
	assert_non_null(strstr(told.text, "vm.swappiness: back to 60"));
	assert_non_null(strstr(told.text, "thp.enabled: somebody else changed it to always"));
	assert_non_null(strstr(told.text, "1 put back, 1 changed by somebody else and kept"));
	fake_expect(f, "/proc/sys/vm/swappiness", "60");
	assert_false(journal_there(f));

	/* What the guardian did has been told. */
	memset(&told, 0, sizeof(told));
	assert_int_equal(settings_status(&options, tell, &told, &err), 0);
	assert_null(strstr(told.text, "guardian"));
}

/* The next run finishes what the last one left, before its own first write. */
static void test_recover_by_next_run(void **state)
{
	const struct fake_root *f = *state;
	const struct setting_wanted mode = { "vm.overcommit_memory", "1" };
	struct told told = { 0 };
	struct settings *s;

	crash(f);
	s = begin(f, &told);
	apply(s, &mode, 1);
	assert_non_null(strstr(told.text, "vm.swappiness: back to 60"));
	fake_expect(f, "/proc/sys/vm/swappiness", "60");
	fake_expect(f, "/proc/sys/vm/overcommit_memory", "1");
	end(s, NULL);
}

static void test_second_run(void **state)
{
	const struct fake_root *f = *state;
	const struct setting_wanted ten = { "vm.swappiness", "10" };
	struct settings *s = begin(f, NULL);
	int status;
	pid_t pid;

	apply(s, &ten, 1);
	pid = fork();
	if (pid == 0) {
		const struct setting_wanted five = { "vm.swappiness", "5" };
		struct error err = { "" };
		struct settings *second = begin(f, NULL);
		int r = settings_apply(second, &five, 1, &err);

		_exit(r == -EBUSY && strstr(err.text, "test_settings") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fake_expect(f, "/proc/sys/vm/swappiness", "10");
	end(s, NULL);
}

/* From here on: this machine */

static bool as_root(const char *test)
{
	if (geteuid() == 0)
		return true;
	print_message("SKIP: %s: needs root\n", test);
	return false;
}

/* Run in a child that may give up rights; what it returns is 0 or a line number. */
static void in_child(int (*what)(const struct fake_root *f), const struct fake_root *f)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(what(f) & 0xff);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		fail_msg("status %d, line %d (modulo 256)", status, WEXITSTATUS(status));
}

#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			print_message("%s:%d: %s: %s\n", __FILE__, __LINE__, #condition,           \
				      err.text);                                                   \
			return __LINE__;                                                           \
		}                                                                                  \
	} while (0)

/* Another value than the present one. */
static const char *other_swappiness(void)
{
	char now[16];
	struct error err;

	return settings_read("vm.swappiness", now, sizeof(now), &err) > 0 && strcmp(now, "61") == 0
		       ? "62"
		       : "61";
}

/* Refused as a whole, with that error, before anything is written. */
static int refused(const struct fake_root *f, int expected, const char *word)
{
	const struct settings_options options = { .directory = f->directory };
	const struct setting_wanted wanted = { "vm.swappiness", other_swappiness() };
	char before[16], after[16];
	struct error err = { "" };
	struct settings *s;

	EXPECT(settings_read("vm.swappiness", before, sizeof(before), &err) > 0);
	EXPECT(settings_begin(&s, &options, &err) == 0);
	EXPECT(settings_apply(s, &wanted, 1, &err) == expected);
	EXPECT(strstr(err.text, word));
	EXPECT(!settings_are_open(s));
	EXPECT(settings_end(s, NULL, NULL, &err) == 0);
	EXPECT(settings_read("vm.swappiness", after, sizeof(after), &err) > 0);
	EXPECT(strcmp(before, after) == 0);
	EXPECT(!journal_there(f));
	return 0;
}

static int without_root(const struct fake_root *f)
{
	struct error err = { "" };
	char now[16];

	EXPECT(setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0);
	EXPECT(settings_check("vm.swappiness", other_swappiness(), &err) == -EACCES);
	EXPECT(strstr(err.text, "root"));
	EXPECT(settings_check("swap.file", "64MiB", &err) == -EPERM);
	EXPECT(settings_read("vm.swappiness", now, sizeof(now), &err) > 0);
	EXPECT(settings_check("vm.swappiness", now, &err) == 0); /* is so already */
	return refused(f, -EACCES, "root");
}

static void test_without_root(void **state)
{
	const struct fake_root *f = *state;

	if (!as_root("without root"))
		skip();
	/* The folder could be made: the refusal comes before. */
	assert_int_equal(chmod(f->top, 0777), 0);
	in_child(without_root, f);
	assert_int_equal(access(f->directory, F_OK), -1);
}

static int read_only(const struct fake_root *f)
{
	struct error err = { "" };

	EXPECT(unshare(CLONE_NEWNS) == 0);
	EXPECT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	EXPECT(mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) == 0);
	EXPECT(mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	EXPECT(settings_check("vm.swappiness", other_swappiness(), &err) == -EROFS);
	return refused(f, -EROFS, "read-only");
}

static void test_read_only(void **state)
{
	const struct fake_root *f = *state;

	if (!as_root("read-only /proc/sys"))
		skip();
	in_child(read_only, f);
	assert_int_equal(access(f->directory, F_OK), -1);
}

static int full_disk(const struct fake_root *f)
{
	struct error err = { "" };
	char path[128], block[4096] = { 0 };
	int fd;

	EXPECT(unshare(CLONE_NEWNS) == 0);
	EXPECT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	EXPECT(mkdir(f->directory, 0700) == 0);
	EXPECT(mount("tmpfs", f->directory, "tmpfs", 0, "size=16k,mode=0700") == 0);
	snprintf(path, sizeof(path), "%s/filler", f->directory);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	EXPECT(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
	return refused(f, -ENOSPC, "journal");
}

static void test_full_disk(void **state)
{
	if (!as_root("full disk"))
		skip();
	in_child(full_disk, *state);
}

static int keep_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	data[0].effective = data[0].permitted = 1u << CAP_SYS_ADMIN | 1u << CAP_DAC_OVERRIDE;
	return (int)syscall(SYS_capset, &header, data);
}

/* CAP_SYS_ADMIN and CAP_DAC_OVERRIDE are enough. */
static int two_capabilities(const struct fake_root *f)
{
	const struct settings_options options = { .directory = f->directory,
						  .swap_directory = f->directory };
	const struct setting_wanted wanted[] = { { "vm.swappiness", other_swappiness() },
						 { "vm.overcommit_kbytes", "70000000" },
						 { "thp.enabled", "never" },
						 { "swap.file", "1MiB" } };
	struct error err = { "" };
	char before[4][32], now[32];
	struct settings *s;

	EXPECT(keep_capabilities() == 0);
	for (int i = 0; i < 4; i++)
		EXPECT(settings_read(wanted[i].name, before[i], 32, &err) > 0);
	EXPECT(settings_begin(&s, &options, &err) == 0);
	EXPECT(settings_apply(s, wanted, 4, &err) == 0);
	for (int i = 0; i < 3; i++) {
		EXPECT(settings_read(wanted[i].name, now, sizeof(now), &err) > 0);
		EXPECT(strcmp(now, wanted[i].value) == 0);
	}
	EXPECT(settings_end(s, NULL, NULL, &err) == 0);
	for (int i = 0; i < 4; i++) {
		EXPECT(settings_read(wanted[i].name, now, sizeof(now), &err) > 0);
		EXPECT(strcmp(now, before[i]) == 0);
	}
	return 0;
}

static void test_two_capabilities(void **state)
{
	if (!as_root("two capabilities"))
		skip();
	in_child(two_capabilities, *state);
}

/* The kernel makes something else of the value: kept, reported, put back. */
static int gives_less(const struct fake_root *f)
{
	const struct settings_options options = { .directory = f->directory };
	const struct setting_wanted odd = { "vm.lowmem_reserve_ratio", "-5 256 32 0 0" };
	const struct setting_wanted bad = { "vm.swappiness", "100000" };
	struct error err = { "" };
	char before[64], now[64];
	struct settings *s;

	EXPECT(settings_read(odd.name, before, sizeof(before), &err) > 0);
	EXPECT(settings_begin(&s, &options, &err) == 0);
	EXPECT(settings_apply(s, &bad, 1, &err) == -EINVAL);
	EXPECT(strstr(err.text, "100000"));
	EXPECT(settings_apply(s, &odd, 1, &err) == -EAGAIN);
	EXPECT(strstr(err.text, "asked for -5 256 32 0 0, the kernel gives 0 256 32 0 0"));
	EXPECT(settings_end(s, NULL, NULL, &err) == 0);
	EXPECT(settings_read(odd.name, now, sizeof(now), &err) > 0);
	EXPECT(strcmp(now, before) == 0);
	return 0;
}

static void test_gives_less(void **state)
{
	char now[64];
	struct error err;

	if (!as_root("a value that the kernel changes"))
		skip();
	if (settings_read("vm.lowmem_reserve_ratio", now, sizeof(now), &err) < 0 ||
	    strcmp(now, "256 256 32 0 0") != 0) {
		print_message("SKIP: a value that the kernel changes: other zones here\n");
		skip();
	}
	in_child(gives_less, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_apply_and_end, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_go_back, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_foreign, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_all_or_nothing, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_pool_of_all_nodes, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_pool_gets_fewer, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_guardian_replaced, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_recover, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_recover_by_next_run, fake_setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(test_second_run, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_without_root, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_read_only, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_two_capabilities, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_gives_less, fake_setup, fake_teardown),
	};

	take_turn();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
