/* SPDX-License-Identifier: MIT */
/* Sentences, and the names of errnos and signals. */
#include "base/error.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void writes_sentences(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_set(&err, -EINVAL, "%s is %d", "x", 3), -EINVAL);
	assert_string_equal(err.text, "x is 3");
	assert_int_equal(error_prefix(&err, -ENOENT, "file %d", 1), -ENOENT);
	assert_string_equal(err.text, "file 1: x is 3");
	assert_int_equal(error_set_errno(&err, -ENOMEM, "mmap"), -ENOMEM);
	assert_string_equal(err.text, "mmap: Cannot allocate memory");
	assert_int_equal(error_set(NULL, -EIO, "nobody listens"), -EIO);
	assert_int_equal(error_set_errno(NULL, -EIO, "nobody listens"), -EIO);
	assert_int_equal(error_prefix(NULL, -EIO, "nobody listens"), -EIO);
}

static void cuts_long_sentences(void **state)
{
	char text[2 * ERROR_TEXT_MAX];
	struct error err;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_set(&err, -EIO, "%s", text);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	error_prefix(&err, -EIO, "prefix");
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	assert_int_equal(strncmp(err.text, "prefix: aaa", 11), 0);
	error_set_errno(&err, -EIO, "%s", text);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
}

static void names_errnos(void **state)
{
	static const struct {
		const char *name;
		int number;
	} vectors[] = {
		{ "ENOMEM", ENOMEM },
		{ "EINVAL", EINVAL },
		{ "EEXIST", EEXIST },
		{ "EAGAIN", EAGAIN },
		{ "EPERM", EPERM },
		{ "EHWPOISON", EHWPOISON },
		{ "ENOTSUP", ENOTSUP },
		{ "EWOULDBLOCK", EAGAIN },
		{ "ENOSUCH", 0 },
		{ "", 0 },
		{ "12", 0 },
		{ "enomem", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		assert_int_equal(errno_number(vectors[i].name), vectors[i].number);
	assert_string_equal(errno_name(ENOMEM), "ENOMEM");
	assert_string_equal(errno_name(-ENOMEM), "ENOMEM");
	assert_string_equal(errno_name(4095), "errno 4095");
	for (int number = 1; number < 134; number++)
		if (strncmp(errno_name(number), "errno", 5) != 0)
			assert_int_equal(errno_number(errno_name(number)), number);
}

static void names_signals(void **state)
{
	(void)state;
	assert_string_equal(signal_name(SIGBUS), "SIGBUS");
	assert_string_equal(signal_name(SIGKILL), "SIGKILL");
	assert_string_equal(signal_name(999), "signal 999");
	assert_int_equal(signal_number("SIGSEGV"), SIGSEGV);
	assert_int_equal(signal_number("SEGV"), 0);
	assert_int_equal(signal_number("SIG"), 0);
	assert_int_equal(signal_number("SIGNONE"), 0);
	for (int number = 1; number < 32; number++)
		assert_int_equal(signal_number(signal_name(number)), number);
}

static void a_bug_aborts(void **state)
{
	int status;
	pid_t child;

	(void)state;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		signal(SIGABRT, SIG_DFL);
		BUG("%d", 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_sentences), cmocka_unit_test(cuts_long_sentences),
		cmocka_unit_test(names_errnos),     cmocka_unit_test(names_signals),
		cmocka_unit_test(a_bug_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
