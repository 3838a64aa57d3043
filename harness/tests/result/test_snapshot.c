// SPDX-License-Identifier: MIT
#include "result/snapshot.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *written(const struct snapshot *s)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_int_equal(snapshot_write(s, out, NULL), 0);
	fclose(out);
	return text;
}

static struct snapshot machine(void)
{
	struct snapshot s;

	memset(&s, 0, sizeof(s));
	assert_int_equal(host_read(&s.host, NULL), 0);
	assert_int_equal(process_memory_read(&s.process, PROCESS_ACCOUNTS, NULL), 0);
	return s;
}

static void there_and_back(void **state)
{
	static struct snapshot before, after;
	AUTO_FREE char *first = NULL, *second = NULL;
	struct error err = { "" };

	(void)state;
	before = machine();
	first = written(&before);
	if (snapshot_parse(first, strlen(first), "s.json", &after, &err))
		fail_msg("%s", err.text);
	second = written(&after);
	assert_string_equal(first, second);
	assert_int_equal(after.host.kernel_version, before.host.kernel_version);
	assert_true(after.host.limit_as == before.host.limit_as);
}

struct mistake {
	const char *find, *replace, *message;
};

/* text with the line that has `find` replaced, or left out where replace is NULL. */
static char *changed(const char *text, const struct mistake *m)
{
	const char *at = strstr(text, m->find), *start = at, *end;
	char *result = NULL;

	assert_non_null(at);
	while (start > text && start[-1] != '\n')
		start--;
	end = strchr(at, '\n');
	assert_true(asprintf(&result, "%.*s%s%s", (int)(start - text), text,
			     m->replace ? m->replace : "", end) > 0);
	return result;
}

static void mistakes(void **state)
{
	static const struct mistake vectors[] = {
		{ "\"overmap\"", "\"overmap\": \"result\",", "is no snapshot" },
		{ "\"schema\"", "\"schema\": 7,", "schema 7" },
		{ "\"ram_bytes\"", NULL, "host.ram_bytes is missing" },
		{ "\"nr_maps\"", NULL, "process.nr_maps is missing" },
		{ "\"kernel\"", "\"kernel\": \"new\",", "not a version" },
		{ "\"overcommit\"", "\"overcommit\": \"often\",", "heuristic, always or never" },
		{ "\"ram_bytes\"", "\"ram_bytes\": -1,", "ram_bytes is not a whole number" },
		{ "\"ram_bytes\"", "\"ram_bytes\": 1.5,", "ram_bytes is not a whole number" },
		{ "\"ram_bytes\"", "\"ram_bytes\": 1e300,", "ram_bytes is not a whole number" },
		{ "\"ram_bytes\"", "\"ram_bytes\": \"16GiB\",", "ram_bytes is not a whole number" },
		{ "\"ram_bytes\"", "\"ram_bytes\": 0,", "contradicts itself" },
		{ "\"ram_bytes\"", "\"ram_bytes\": 1099511627776,", "commit_limit_bytes is" },
		{ "\"free_bytes\"", "\"free_bytes\": 1125899906842624,", "more memory is free" },
		{ "\"swap_free_bytes\"", "\"swap_free_bytes\": 1125899906842624,",
		  "more swap is free" },
		{ "\"page_bytes\"", "\"page_bytes\": 5000,", "no page size" },
		{ "\"address_bits\"", "\"address_bits\": 64,", "address_bits" },
		{ "\"cap_ipc_lock\"", "\"cap_ipc_lock\": 1,", "neither true nor false" },
		{ "\"overcommit_kbytes\"", "\"overcommit_kbytes\": 1024,", "both set" },
		{ "\"holes\"", "\"holes\": [[5, 4]]", "process.holes" },
	};
	AUTO_FREE char *text = NULL;
	struct snapshot s = machine();

	(void)state;
	s.host.overcommit_ratio = 50;
	s.host.overcommit_kbytes = 0;
	text = written(&s);
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		AUTO_FREE char *broken = changed(text, &vectors[i]);
		struct error err = { "" };

		assert_int_equal(snapshot_parse(broken, strlen(broken), "s.json", &s, &err),
				 -EINVAL);
		if (!strstr(err.text, vectors[i].message) || !strstr(err.text, "s.json"))
			fail_msg("mistake %zu: \"%s\"", i, err.text);
	}
}

static void cut(void **state)
{
	AUTO_FREE char *text = NULL;
	struct snapshot s = machine();
	struct error err = { "" };

	(void)state;
	text = written(&s);
	for (size_t length = 0; length < strlen(text) - 2; length += 97)
		assert_int_equal(snapshot_parse(text, length, "s.json", &s, &err), -EINVAL);
	assert_non_null(strstr(err.text, "was it cut?"));
	assert_true(snapshot_read("/nonexistent/s.json", &s, &err) < 0);
	assert_true(snapshot_read("/", &s, &err) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
