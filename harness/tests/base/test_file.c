/* SPDX-License-Identifier: MIT */
/* Reading files whole, and replacing them so that no reader sees half of one. */
#include "base/file.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct folder {
	char path[64];
	char file[96]; /* path/file */
};

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	strcpy(f->path, "/tmp/overmap-test-XXXXXX");
	if (!mkdtemp(f->path))
		return -1;
	snprintf(f->file, sizeof(f->file), "%s/file", f->path);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *f = *state;
	int r;

	unlink(f->file);
	r = rmdir(f->path); /* fails where a temporary file was left behind */
	free(f);
	return r;
}

static void write_file(const char *path, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, data, length), 0);
	close(fd);
}

static void reads_small_files(void **state)
{
	static const struct {
		const char *content, *expected;
		size_t length; /* of the buffer */
		int result;
	} vectors[] = {
		{ "42\n", "42", 64, 2 },          { "", "", 64, 0 },
		{ "\n\n\n", "", 64, 0 },          { "a\nb\n\n", "a\nb", 64, 3 },
		{ "1234567", "1234567", 8, 7 },   { "12345678", NULL, 8, -EFBIG },
		{ "123456789", NULL, 8, -EFBIG },
	};
	struct folder *f = *state;
	char text[64];

	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		write_file(f->file, vectors[i].content, strlen(vectors[i].content));
		assert_int_equal(file_read(f->file, text, vectors[i].length), vectors[i].result);
		if (vectors[i].expected)
			assert_string_equal(text, vectors[i].expected);
	}
	write_file(f->file, "7\n", 2);
	assert_int_equal(file_readf(text, sizeof(text), "%s/%s", f->path, "file"), 1);
	assert_string_equal(text, "7");
	assert_int_equal(file_readf(text, sizeof(text), "/%0600d", 1), -ENAMETOOLONG);
	assert_int_equal(file_read("/nonexistent", text, sizeof(text)), -ENOENT);
	assert_int_equal(file_read(f->path, text, sizeof(text)), -EISDIR);
}

static void reads_numbers(void **state)
{
	static const struct {
		const char *content;
		int result;
		uint64_t value;
	} vectors[] = {
		{ "0\n", 0, 0 },
		{ "18446744073709551615\n", 0, UINT64_MAX },
		{ "18446744073709551616\n", -ERANGE, 0 },
		{ "-1\n", -EINVAL, 0 },
		{ "max\n", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "1 2\n", -EINVAL, 0 },
	};
	struct folder *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		uint64_t value = 5;

		write_file(f->file, vectors[i].content, strlen(vectors[i].content));
		assert_int_equal(file_read_u64(f->file, &value), vectors[i].result);
		assert_int_equal(value, vectors[i].result ? 5 : vectors[i].value);
	}
}

static void loads_up_to_a_limit(void **state)
{
	struct folder *f = *state;
	struct error err;
	char *data = NULL, *big = calloc(1, 100001);
	size_t length = 0;

	memset(big, 'x', 100001);
	write_file(f->file, big, 100000);
	assert_int_equal(file_load(f->file, 100000, &data, &length, &err), 0);
	assert_int_equal(length, 100000);
	assert_int_equal(data[99999], 'x');
	assert_int_equal(data[100000], '\0');
	free(data);
	data = NULL;
	write_file(f->file, big, 100001);
	assert_int_equal(file_load(f->file, 100000, &data, &length, &err), -EFBIG);
	assert_non_null(strstr(err.text, "larger than"));
	assert_int_equal(file_load("/dev/zero", 1000, &data, &length, &err), -EFBIG);
	assert_int_equal(file_load(f->path, 1000, &data, &length, &err), -EISDIR);
	assert_non_null(strstr(err.text, "folder"));
	assert_int_equal(file_load("/nonexistent", 1000, &data, &length, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent"));
	assert_null(data);
	free(big);
}

/* Asleep in read(), that is: there is nothing else here to wait for. */
static void wait_until_asleep(pid_t pid)
{
	char text[512] = "", *state;

	do {
		file_readf(text, sizeof(text), "/proc/%d/stat", (int)pid);
		state = strrchr(text, ')');
	} while (!state || state[2] != 'S');
}

/* A pipe whose writer comes late: the reader waits for it, as with <(command). */
static void loads_a_pipe(void **state)
{
	int ends[2], status;
	struct error err;
	char path[64], *data = NULL;
	size_t length;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		close(ends[0]);
		wait_until_asleep(getppid());
		_exit(write(ends[1], "late", 4) == 4 ? 0 : 1);
	}
	close(ends[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(file_load(path, 1000, &data, &length, &err), 0);
	assert_string_equal(data, "late");
	free(data);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void expect_content(const char *path, const char *expected)
{
	char text[64];

	assert_true(file_read(path, text, sizeof(text)) >= 0);
	assert_string_equal(text, expected);
}

static void replaces_whole_files(void **state)
{
	struct folder *f = *state;
	struct file_replace replace;
	struct error err;

	write_file(f->file, "old", 3);
	assert_int_equal(file_replace_begin(&replace, f->file, &err), 0);
	fputs("new", replace.stream);
	fflush(replace.stream);
	expect_content(f->file, "old"); /* until it is whole */
	assert_int_equal(file_replace_commit(&replace, &err), 0);
	expect_content(f->file, "new");
	file_replace_abort(&replace); /* safe after commit */
	expect_content(f->file, "new");
}

static void keeps_the_old_file(void **state)
{
	struct file_replace replace = { 0 };
	struct folder *f = *state;
	struct error err;

	file_replace_abort(&replace); /* safe when zeroed */
	write_file(f->file, "old", 3);
	assert_int_equal(file_replace_begin(&replace, f->file, &err), 0);
	fputs("half", replace.stream);
	file_replace_abort(&replace);
	expect_content(f->file, "old"); /* and remove_folder() finds nothing left */
	assert_int_equal(file_replace_begin(&replace, f->path, &err), -EISDIR);
	assert_int_equal(file_replace_begin(&replace, "/nonexistent/file", &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/file"));
}

/* As root a rename over a device would take it from the whole machine. */
static void leaves_devices_and_links_what_they_are(void **state)
{
	char link[128], device[128], nowhere[128];
	struct file_replace replace;
	struct folder *f = *state;
	struct error err;
	struct stat st;

	snprintf(link, sizeof(link), "%s/link", f->path);
	snprintf(device, sizeof(device), "%s/device", f->path);
	snprintf(nowhere, sizeof(nowhere), "%s/nowhere", f->path);
	write_file(f->file, "old", 3);
	assert_int_equal(symlink(f->file, link), 0);
	assert_int_equal(symlink("/dev/null", device), 0);
	assert_int_equal(symlink("/nonexistent/file", nowhere), 0);
	assert_int_equal(file_replace_begin(&replace, link, &err), 0);
	fputs("new", replace.stream);
	assert_int_equal(file_replace_commit(&replace, &err), 0);
	expect_content(f->file, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(file_replace_begin(&replace, device, &err), 0);
	fputs("gone", replace.stream);
	assert_int_equal(file_replace_commit(&replace, &err), 0);
	assert_int_equal(stat(device, &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(file_replace_begin(&replace, nowhere, &err), -ENOENT);
	assert_non_null(strstr(err.text, "leads nowhere"));
	unlink(link);
	unlink(device);
	unlink(nowhere);
}

static void replace_with(const char *path, const char *text)
{
	struct file_replace replace;
	struct error err;

	if (file_replace_begin(&replace, path, &err))
		fail_msg("%s", err.text);
	fputs(text, replace.stream);
	if (file_replace_commit(&replace, &err))
		fail_msg("%s", err.text);
}

/* As with "(overmap -o /dev/stdout; echo after) >> log": the shell's file stays the shell's. */
static void writes_through_descriptors(void **state)
{
	static const int flags[] = { O_APPEND, O_TRUNC };
	char folders[3][32] = { "/dev/fd", "/proc/self/fd" }, name[64], link[128];
	struct file_replace replace;
	struct folder *f = *state;
	struct stat before, after;
	struct error err;
	int fd;

	snprintf(folders[2], sizeof(folders[2]), "/proc/%d/fd", (int)getpid());
	snprintf(link, sizeof(link), "%s/link", f->path);
	for (size_t i = 0; i < ARRAY_LENGTH(folders) * ARRAY_LENGTH(flags); i++) {
		int flag = flags[i % ARRAY_LENGTH(flags)];

		write_file(f->file, "precious", 8);
		assert_int_equal(stat(f->file, &before), 0);
		fd = open(f->file, O_WRONLY | flag);
		assert_true(fd >= 0);
		snprintf(name, sizeof(name), "%s/%d", folders[i / ARRAY_LENGTH(flags)], fd);
		assert_int_equal(symlink(name, link), 0);
		replace_with(name, "1");
		replace_with(link, "2");
		assert_int_equal(file_write(fd, "after", 5), 0);
		expect_content(f->file, flag == O_APPEND ? "precious12after" : "12after");
		assert_int_equal(stat(f->file, &after), 0);
		assert_int_equal(after.st_ino, before.st_ino);
		unlink(link);
		close(fd);
	}
	fd = open(f->file, O_RDONLY);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	assert_int_equal(file_replace_begin(&replace, name, &err), -EBADF);
	close(fd);
}

/* Another process's file is appended to, whatever that process does with it. */
static void appends_to_what_others_have_open(void **state)
{
	struct folder *f = *state;
	int ends[2], fd, status;
	char name[64];
	pid_t child;

	write_file(f->file, "precious", 8);
	fd = open(f->file, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		char byte;

		close(ends[1]);
		_exit(read(ends[0], &byte, 1) != 0);
	}
	assert_true(child > 0);
	snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)child, fd);
	replace_with(name, "more");
	expect_content(f->file, "preciousmore");
	close(ends[0]);
	close(ends[1]);
	close(fd);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void keeps_permissions(void **state)
{
	static const mode_t modes[] = { 0600, 0664, 0444 };
	struct folder *f = *state;
	struct stat st;

	for (size_t i = 0; i < ARRAY_LENGTH(modes); i++) {
		replace_with(f->file, "old");
		assert_int_equal(chmod(f->file, modes[i]), 0);
		replace_with(f->file, "new");
		assert_int_equal(stat(f->file, &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[i]);
	}
}

/* /dev/full answers every write with ENOSPC. */
static void reports_a_full_disk(void **state)
{
	struct file_replace replace;
	struct folder *f = *state;
	struct error err = { "" };

	write_file(f->file, "old", 3);
	assert_int_equal(file_replace_begin(&replace, f->file, &err), 0);
	assert_non_null(freopen("/dev/full", "w", replace.stream));
	fputs("new", replace.stream);
	assert_int_equal(file_replace_commit(&replace, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "No space left"));
	expect_content(f->file, "old");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_small_files, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(reads_numbers, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(loads_up_to_a_limit, make_folder, remove_folder),
		cmocka_unit_test(loads_a_pipe),
		cmocka_unit_test_setup_teardown(replaces_whole_files, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(keeps_the_old_file, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(leaves_devices_and_links_what_they_are, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(writes_through_descriptors, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(appends_to_what_others_have_open, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(keeps_permissions, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(reports_a_full_disk, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
