/* SPDX-License-Identifier: MIT */
/* Whatever is handed in as a result, it is read whole or refused in one clear sentence. */
#include "tests/result/fixture.h"

#include <unistd.h>

/* result_read() of a file with that text is refused with "PATH" + sentence. */
static void refuse(struct fixture *f, const char *text, size_t length, const char *sentence)
{
	struct result *r = NULL;
	char wanted[1024];
	struct error err;

	fixture_write(f->path, text, length);
	if (!result_read(&r, f->path, RESULT_STEPS, &err)) {
		result_free(r);
		fail_msg("was read, instead of: %s", sentence);
	}
	snprintf(wanted, sizeof(wanted), "%s%s", f->path, sentence);
	assert_string_equal(err.text, wanted);
	assert_null(r);
}

static void test_foreign(void **state)
{
	static const struct {
		const char *text, *sentence;
	} vectors[] = {
		{ "", ": is empty" },
		{ "hello", ": is no result of overmap: it is no JSON object" },
		{ "\x7f"
		  "ELF\x02\x01",
		  ": is no result of overmap: it is no JSON object" },
		{ "[1, 2]", ": is no result of overmap: it is no JSON object" },
		{ "{}", ": is no result of overmap: it lacks \"overmap\": \"result\"" },
		{ "{\"benchmarks\": [1, {\"a\": \"}\"}]}\n",
		  ": is no result of overmap: it lacks \"overmap\": \"result\"" },
		{ "{\"overmap\": \"snapshot\", \"schema\": 1}",
		  ": is no result of overmap: it lacks \"overmap\": \"result\"" },
		{ "{\"overmap\": \"result\"}", ": lacks its axes, metrics, cells or repetitions" },
		{ "{\"overmap\": \"result\", \"schema\": 2, \"news\": {}}",
		  ": has result schema 2, this overmap knows up to 1: read it with a newer "
		  "overmap" },
		{ "{\"overmap\": \"result\", \"schema\": \"one\"}",
		  ": has no result schema that is known" },
		{ "{\"overmap\": \"result\",\n \"schema\": 1,\n \"run\": {\"seed\": 01x}}",
		  ":3:20: is not valid JSON from here" },
		{ "{\"overmap\": \"result\",\n 5: 1}", ":2:2: is not valid JSON from here" },
		{ "{\"overmap\": \"result\"} {}", ":1:22: is not valid JSON from here" },
		{ "{\"overmap\": \"result\",\n\"schema\": 1,\n\"run\": {\"seed\":",
		  ": is cut short: the file ends in line 3, inside the document" },
	};
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		refuse(&f, vectors[i].text, strlen(vectors[i].text), vectors[i].sentence);
	fixture_close(&f);
}

/* A repetition that says so much beside its cell and outcome. */
#define REPETITION(more)                                                                           \
	"\"cells\": [{\"cell\": 0}], \"repetitions\": [{\"cell\": 0, \"outcome\": \"ok\"" more "}" \
	"]"                                                                                        \
	"}"

/* One that is whole but for a member beside. */
#define DESCRIBED(member) REPETITION(", \"round\": 1, \"sequence\": 1, \"metrics\": {}, " member)

#define ROUND(number)                                                                              \
	"{\"cell\": 0, \"outcome\": \"ok\", \"round\": " #number                                   \
	", \"sequence\": 1, \"metrics\": {}}"

static const char head[] =
	"{\"overmap\": \"result\", \"schema\": 1, \"axes\": [], \"metrics\": "
	"[{\"name\": \"m\", \"step\": \"s\", \"unit\": \"ns\", \"better\": \"lower\"}],\n";

struct wrong {
	const char *text, *sentence; /* behind the head */
};

static void refuse_all(const struct wrong *vectors, size_t n)
{
	struct fixture f;
	char text[1024];

	fixture_open(&f);
	for (size_t i = 0; i < n; i++) {
		int length = snprintf(text, sizeof(text), "%s%s", head, vectors[i].text);

		refuse(&f, text, (size_t)length, vectors[i].sentence);
	}
	fixture_close(&f);
}

/* Lists that do not fit together: said with the line. */
static void test_inconsistent(void **state)
{
	static const struct wrong vectors[] = {
		{ "\"cells\": [{\"cell\": 0}],\n\"repetitions\": [\n{\"cell\": 1, \"outcome\": "
		  "\"ok\"}]}",
		  ":4: a repetition is of a cell that is not there" },
		{ "\"cells\": [{\"cell\": 0},\n{\"cell\": 0}], \"repetitions\": []}",
		  ":3: a cell is there twice" },
		{ "\"cells\": [{\"cell\": null}], \"repetitions\": []}",
		  ":2: a cell has no \"cell\" that is a whole number from 0" },
		{ "\"cells\": [{\"cell\": 1.5}], \"repetitions\": []}",
		  ":2: a cell has no \"cell\" that is a whole number from 0" },
		{ "\"cells\": [{\"cell\": 0, \"params\": [1]}], \"repetitions\": []}",
		  ":2: a cell's \"params\" are no object" },
		{ "\"cells\": [{\"cell\": 0}], \"repetitions\": [{\"cell\": 0}]}",
		  ":2: a repetition has no outcome" },
		{ REPETITION(""),
		  ":2: a repetition has no \"round\" that is a whole number from 0" },
		{ REPETITION(", \"round\": \"1\", \"sequence\": 1"),
		  ":2: a repetition has no \"round\" that is a whole number from 0" },
		{ REPETITION(", \"round\": 1, \"sequence\": -1"),
		  ":2: a repetition has no \"sequence\" that is a whole number from 0" },
		{ REPETITION(", \"round\": 1, \"sequence\": 1, \"elapsed_ns\": \"1\""),
		  ":2: \"elapsed_ns\" is no whole number from 0" },
		{ REPETITION(", \"round\": 1e18, \"sequence\": 1"),
		  ":2: a repetition is of a round that cannot be" },
		{ REPETITION(", \"round\": 1, \"sequence\": 1"),
		  ":2: a repetition has no \"metrics\"" },
		{ REPETITION(", \"round\": 1, \"sequence\": 1, \"metrics\": {\"m\": \"5\"}"),
		  ":2: a repetition has a value that is neither a number nor null: m" },
		{ REPETITION(", \"round\": 1, \"sequence\": 1, \"metrics\": {\"m\": 1e999}"),
		  ":2: a repetition has a value that is neither a number nor null: m" },
		{ "\"cells\": [{\"cell\": 0}],\n\"repetitions\": [" ROUND(3) ",\n" ROUND(3) "]}",
		  ":4: a repetition of the same cell in the same round, or a later one, is before "
		  "it" },
		{ REPETITION(", \"round\": 1, \"sequence\": 1, \"metrics\": {\"n\": 5}"),
		  ":2: a repetition has a metric that the result does not list: n" },
	};

	(void)state;
	refuse_all(vectors, ARRAY_LENGTH(vectors));
}

/* What only describes is of the type that it has to be, or is not there. */
static void test_wrong_types(void **state)
{
	static const struct wrong vectors[] = {
		{ "\"cells\": [{\"cell\": 0, \"params\": {\"size\": 5}}], \"repetitions\": []}",
		  ":2: a cell has a param that is no text" },
		{ "\"cells\": [\n{\"cell\": 0, \"size_bytes\": \"1\"}], \"repetitions\": []}",
		  ":3: \"size_bytes\" is no whole number from 0" },
		{ "\n\"warnings\": {}}", ":3: \"warnings\" is no list" },
		{ "\n\"warnings\": [\"late\"]}", ":3: a warning is no object" },
		{ "\"warnings\": [{\"kind\": 1}]}", ":2: \"kind\" is neither a text nor null" },
		{ "\"complete\": \"yes\"}", ":2: \"complete\" is neither true nor false" },
		{ DESCRIBED("\"detail\": 5"), ":2: \"detail\" is neither a text nor null" },
		{ DESCRIBED("\"step\": []"), ":2: \"step\" is neither a text nor null" },
		{ DESCRIBED("\"as_expected\": \"no\""),
		  ":2: \"as_expected\" is neither true, false nor null" },
		{ DESCRIBED("\"iterations\": -1"), ":2: \"iterations\" is no whole number from 0" },
		{ DESCRIBED("\"effective\": [1]"),
		  ":2: \"effective\" is neither an object nor null" },
		{ DESCRIBED("\"effective\": {\"overcommit\": 0}"),
		  ":2: \"effective.overcommit\" is neither a text nor null" },
		{ DESCRIBED("\"effective\": {\"overcommit\": null, \"huge_share\": \"half\"}"),
		  ":2: \"effective.huge_share\" is neither a number nor null" },
		{ DESCRIBED("\"effective\": {\"huge_share\": 1e999}"),
		  ":2: \"effective.huge_share\" is neither a number nor null" },
		{ DESCRIBED("\"warnings\": \"late\""), ":2: \"warnings\" is no list of texts" },
		{ DESCRIBED("\"warnings\": [\"late\", 1]"),
		  ":2: \"warnings\" is no list of texts" },
		{ DESCRIBED("\"steps\": [5]"), ":2: \"steps\" is no list of objects" },
		{ DESCRIBED("\"steps\": [{\"step\": \"map\"}, {\"times\": {\"n\": null}}]"),
		  ":2: \"steps.times.n\" is no whole number from 0" },
		{ DESCRIBED("\"steps\": [{\"calls\": null, \"faults\": -1}]"),
		  ":2: \"steps.faults\" is neither a whole number from 0 nor null" },
		{ DESCRIBED("\"steps\": [{\"events\": {\"buckets\": [[1, 2], [3]]}}]"),
		  ":2: \"steps.events.buckets\" is no list of pairs of an index and a count" },
		{ DESCRIBED("\"steps\": [{\"worker_ns\": {\"max\": true}}]"),
		  ":2: \"steps.worker_ns.max\" is neither a number nor null" },
	};

	(void)state;
	refuse_all(vectors, ARRAY_LENGTH(vectors));
}

/* A document cut anywhere is refused as cut, and nothing else goes wrong. */
static void test_cut_anywhere(void **state)
{
	struct fixture f;
	size_t length;
	char *text;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 3, 3);
	text = fixture_load(f.path, &length);
	for (size_t cut = 1; cut < length - 2; cut += cut % 7 + 1) {
		struct result *r = NULL;
		struct error err;

		fixture_write(f.path, text, cut);
		assert_int_equal(result_read(&r, f.path, RESULT_STEPS, &err), -EINVAL);
		if (!strstr(err.text, ": is cut short: the file ends in line "))
			fail_msg("cut at %zu of %zu: %s", cut, length, err.text);
	}
	free(text);
	fixture_close(&f);
}

/* The write that was under way when the run was killed. */
static void test_journal_cut_in_last_line(void **state)
{
	struct recorder *recorder;
	size_t length, last;
	struct fixture f;
	struct error err;
	char *text;

	(void)state;
	fixture_open(&f);
	assert_int_equal(recorder_open(&recorder, f.path, &f.context, &err), 0);
	fixture_record(&f, recorder, 3, 0, 3);
	recorder_abort(recorder);
	text = fixture_load(f.journal, &length);
	for (last = length - 1; text[last - 1] != '\n'; last--)
		;
	for (size_t cut = last; cut <= length; cut += 5) {
		struct result *r;

		fixture_write(f.journal, text, cut);
		if (result_read(&r, f.path, RESULT_STEPS, &err))
			fail_msg("cut at %zu of %zu: %s", cut, length, err.text);
		assert_int_equal(r->nr_repetitions, cut == length ? 9 : 8);
		assert_false(r->complete);
		result_free(r);
	}
	free(text);
	fixture_close(&f);
}

static void test_journal_cut_in_the_middle(void **state)
{
	struct recorder *recorder;
	struct result *r = NULL;
	char wanted[256];
	struct fixture f;
	struct error err;
	size_t length;
	char *text, *line;

	(void)state;
	fixture_open(&f);
	assert_int_equal(recorder_open(&recorder, f.path, &f.context, &err), 0);
	fixture_record(&f, recorder, 2, 0, 3);
	recorder_abort(recorder);
	text = fixture_load(f.journal, &length);
	/* Line 1 is the header, 2 a cell, 3 a repetition: its second half goes. */
	line = strchr(strchr(text, '\n') + 1, '\n') + 1;
	memmove(line + 30, strchr(line, '\n'), strlen(strchr(line, '\n')) + 1);
	fixture_write(f.journal, text, strlen(text));
	assert_int_equal(result_read(&r, f.path, 0, &err), -EINVAL);
	snprintf(wanted, sizeof(wanted), "%s:3:", f.journal);
	assert_memory_equal(err.text, wanted, strlen(wanted));
	assert_non_null(strstr(err.text, ": is not valid JSON from here"));
	/* The header itself cut: nothing is known. */
	fixture_write(f.journal, text, 100);
	assert_int_equal(result_read(&r, f.path, 0, &err), -EINVAL);
	snprintf(wanted, sizeof(wanted),
		 "%s: is cut short: the run died before it recorded anything", f.journal);
	assert_string_equal(err.text, wanted);
	free(text);
	fixture_close(&f);
}

static void test_no_such_file(void **state)
{
	static const struct {
		const char *path, *text;
		int code;
	} vectors[] = {
		{ "/tmp", "/tmp: is a folder, not a file", -EISDIR },
		{ "/nonexistent", "/nonexistent: No such file or directory", -ENOENT },
	};
	struct result *r;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		assert_int_equal(result_read(&r, vectors[i].path, 0, &err), vectors[i].code);
		assert_string_equal(err.text, vectors[i].text);
	}
}

static void test_too_large(void **state)
{
	char wanted[256];
	struct fixture f;
	struct result *r;
	struct error err;

	(void)state;
	fixture_open(&f);
	fixture_write(f.path, "{", 1);
	assert_int_equal(truncate(f.path, (off_t)RESULT_BYTES_MAX + 1), 0);
	assert_int_equal(result_read(&r, f.path, 0, &err), -EFBIG);
	snprintf(wanted, sizeof(wanted), "%s: is larger than 1 GiB", f.path);
	assert_string_equal(err.text, wanted);
	fixture_close(&f);
}

/* Sorted by member, on one line: what another program may make of it. */
static void test_reformatted(void **state)
{
	static const char text[] =
		"{\"repetitions\":[{\"started_ns\" : 1795515153123456789,\"outcome\":\"ok\","
		"\"steps\":[{\"x\":\"]}\\\"\"}],\"metrics\":{\"a.time\":0.25},"
		"\"sequence\":0,\"round\":0,\"cell\":7}],"
		"\"cells\":[{\"size_bytes\":18446744073709551615,\"params\":{\"size\":\"1MiB\"},"
		"\"cell\":7}],\"metrics\":[{\"unit\":\"ns\",\"step\":\"a\",\"name\":\"a.time\","
		"\"better\":\"higher\"}],\"axes\":[{\"name\":\"size\",\"varies\":true}],"
		"\"run\":{\"seed\" : 18364758544493064720},\"complete\":true,\"schema\":1,"
		"\"overmap\":\"result\"}";
	struct fixture f;
	struct result *r;
	struct error err;

	(void)state;
	fixture_open(&f);
	fixture_write(f.path, text, strlen(text));
	if (result_read(&r, f.path, 0, &err))
		fail_msg("%s", err.text);
	assert_true(r->complete);
	assert_true(r->seed == 18364758544493064720u);
	assert_int_equal(r->nr_cells, 1);
	assert_true(r->cells[0].size_bytes == UINT64_MAX);
	assert_string_equal(r->cells[0].params[0], "1MiB");
	assert_int_equal(r->nr_repetitions, 1);
	assert_true(r->repetitions[0].started_ns == 1795515153123456789u);
	assert_true(result_values(r, 0)[0] == 0.25);
	assert_int_equal(r->metrics[0].better, BETTER_HIGHER);
	result_free(r);
	fixture_close(&f);
}

struct visited {
	unsigned int n;
	bool ram, node;
};

static void visit(void *context, const char *path, const char *text)
{
	struct visited *v = context;

	v->n++;
	v->ram |= strcmp(path, "host/memory/ram_bytes") == 0 && strlen(text) > 6;
	v->node |= strcmp(path, "host/nodes/0/node") == 0 && strcmp(text, "0") == 0;
}

static void test_context(void **state)
{
	struct visited v = { 0 };
	struct fixture f;
	struct result *r;
	struct error err;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 1, 1);
	assert_int_equal(result_read(&r, f.path, 0, &err), 0);
	assert_string_equal(result_text(r, "host/kernel"), f.host.kernel_release);
	assert_null(result_text(r, "host/nothing"));
	assert_null(result_text(r, "host/kernel/below"));
	assert_true(result_number(r, "host/memory/page_bytes", 0) == (double)f.host.page_bytes);
	assert_true(result_number(r, "host/kernel", -1) == -1);
	result_visit(r, "host", visit, &v);
	assert_true(v.n > 20 && v.ram && v.node);
	assert_int_equal(result_axis_index(r, "flags"), -ENOENT);
	assert_int_equal(result_metric_index(r, "map"), -ENOENT);
	assert_int_equal(result_cell_index(r, 0), 0);
	assert_int_equal(result_cell_index(r, 5), -ENOENT);
	result_free(r);
	fixture_close(&f);
}

/* Copies of the repetition's line until there are n, a round each: the cost of syncing n times is
 * not of interest here. */
static void multiply(const char *path, unsigned int n)
{
	size_t length;
	char *text = fixture_load(path, &length), *line = strstr(text, "\"repetitions\": [\n"),
	     *end, *round;
	FILE *stream = fopen(path, "w");

	assert_non_null(line);
	assert_non_null(stream);
	line = strchr(line, '\n') + 1;
	end = strchr(line, '\n');
	round = strstr(line, "\"round\":") + strlen("\"round\":");
	fwrite(text, 1, (size_t)(line - text), stream);
	for (unsigned int i = 0; i < n; i++)
		fprintf(stream, "%.*s%u%.*s%s\n", (int)(round - line), line, i,
			(int)(end - strchr(round, ',')), strchr(round, ','), i + 1 < n ? "," : "");
	fputs(end + 1, stream);
	assert_int_equal(fclose(stream), 0);
	free(text);
}

static void test_cost(void **state)
{
	bool stress = getenv("OVERMAP_STRESS") && *getenv("OVERMAP_STRESS");
	unsigned int n = stress ? 70000 : 7000, i;
	struct result *r[2];
	struct fixture f;
	struct error err;
	struct stat st;
	double begin;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 1, 1);
	multiply(f.path, n);
	assert_int_equal(stat(f.path, &st), 0);
	begin = seconds();
	for (i = 0; i < 2; i++)
		if (result_read(&r[i], f.path, 0, &err))
			fail_msg("%s", err.text);
	print_message("2 results of %.1f MB, %u samples in all: %.2f s to read, heap %.1f MB\n",
		      (double)st.st_size / 1e6, 2 * r[0]->nr_repetitions * r[0]->nr_metrics,
		      seconds() - begin, (double)heap_bytes() / 1e6);
	for (i = 0; i < 2; i++) {
		assert_int_equal(r[i]->nr_repetitions, n);
		result_free(r[i]);
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_inconsistent),
		cmocka_unit_test(test_wrong_types),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_journal_cut_in_last_line),
		cmocka_unit_test(test_journal_cut_in_the_middle),
		cmocka_unit_test(test_no_such_file),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_reformatted),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
