/* SPDX-License-Identifier: MIT */
/* What is written reads back the same, is on disk before the next repetition, and never half. */
#include "tests/result/fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio_ext.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static void same_repetition(struct fixture *f, const struct result *r, uint32_t i, uint64_t cell,
			    unsigned int n)
{
	const struct result_repetition *rep = &r->repetitions[i];
	const double *values = result_values(r, i);
	int map = result_metric_index(r, "map.time"),
	    touch = result_metric_index(r, "touch.time_per_touch");

	fixture_repetition(f, cell, n);
	assert_int_equal(r->cells[rep->cell].number, cell);
	assert_int_equal(rep->round, n);
	assert_int_equal(rep->sequence, f->rep.sequence);
	assert_true(rep->started_ns == f->rep.started_ns);
	assert_int_equal(rep->elapsed_ns, f->rep.elapsed_ns);
	assert_string_equal(rep->outcome, outcome_name(&f->rep.outcome));
	assert_int_equal(rep->as_expected, f->rep.as_expected);
	assert_string_equal(rep->expected, "ok");
	assert_true(map >= 0 && touch >= 0);
	assert_memory_equal(&values[touch], &f->rep.steps[1].metric[0], sizeof(double));
	if (n % 3 == 2) {
		assert_string_equal(rep->step, "map");
		assert_string_equal(rep->detail, "mmap: Cannot allocate memory");
		assert_true(isnan(values[map]));
		assert_true(isnan(rep->effective.resident_bytes));
		return;
	}
	assert_null(rep->step);
	assert_memory_equal(&values[map], &f->rep.steps[0].metric[0], sizeof(double));
	assert_true(rep->effective.huge_share == 0.5);
	assert_string_equal(rep->warnings[0], "steal 2 % \xef\xbf\xbd");
	assert_int_equal(rep->nr_steps, 2);
	/* What no metric reads and nobody counted is not 0. */
	assert_true(rep->steps[0].count[COUNT_CALLS] == 1);
	assert_true(isnan(rep->steps[0].count[COUNT_FAULTS]));
	assert_true(rep->steps[1].count[COUNT_FAULTS] == 0);
	assert_true(isnan(rep->steps[1].count[COUNT_PAGES]));
	assert_int_equal(rep->steps[0].times.n, 2);
	assert_int_equal(rep->steps[0].times.nr_buckets, 2);
	assert_true(rep->steps[0].worker_ns_min == 1.0 / 3);
	assert_true(rep->steps[0].worker_ns_max == 1e300);
}

static void same_run(struct fixture *f, const struct result *r, unsigned int cells, unsigned int n)
{
	assert_true(r->seed == f->context.seed);
	assert_int_equal(r->nr_axes, 2);
	assert_string_equal(r->cells[0].params[result_axis_index(r, "size")], "1MiB");
	assert_string_equal(r->cells[0].params[result_axis_index(r, "overcommit")], "heuristic");
	assert_int_equal(r->cells[0].size_bytes, 1 << 20);
	assert_int_equal(r->nr_cells, cells);
	assert_int_equal(r->nr_repetitions, cells * n);
	assert_string_equal(result_text(r, "scenario/source"), fixture_source);
	assert_string_equal(result_text(r, "tool/compiler"), "gcc \"12\"");
	assert_true(result_number(r, "run/ns_per_tick", 0) == 0.1 + 0.2);
	for (uint32_t i = 0; i < r->nr_repetitions; i++)
		same_repetition(f, r, i, i % cells, i / cells);
}

static struct result *read_back(const char *path)
{
	struct result *r;
	struct error err;

	if (result_read(&r, path, RESULT_STEPS, &err))
		fail_msg("%s", err.text);
	return r;
}

static void test_round_trip(void **state)
{
	struct fixture f;
	struct result *r;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 5, 4);
	assert_int_not_equal(access(f.journal, F_OK), 0);
	r = read_back(f.path);
	assert_true(r->complete);
	assert_null(r->note);
	same_run(&f, r, 5, 4);
	assert_int_equal(r->nr_warnings, 1);
	assert_string_equal(r->warnings[0].text, "steal of 3 %");
	assert_true(result_number(r, "summary/repetitions", 0) == 20);
	result_free(r);
	fixture_close(&f);
}

/* cJSON alone would print 9.00719925474099e+15. */
static void test_exact_integers(void **state)
{
	static const char *const wanted[] = {
		"\"seed\": 18364758544493064720",       "\"max_memory_bytes\":9007199254740993",
		"\"started_ns\":1795515153123456789",   "\"mapped_bytes\":18446744073709551615",
		"\"max\":18446744073709551415",         "\"size_bytes\":70368744177664",
		"\"touch.rate\":4.94065645841247e-324",
	};
	struct fixture f;
	char *text;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 3, 1);
	text = fixture_load(f.path, NULL);
	for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("lacks %s:\n%s", wanted[i], text);
	free(text);
	fixture_close(&f);
}

/* What the journal had when the process was killed is all there, and marked incomplete. */
static void test_killed(void **state)
{
	struct fixture f;
	struct result *r;
	struct error err;
	pid_t child;
	int status;

	(void)state;
	fixture_open(&f);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		struct recorder *recorder;

		if (recorder_open(&recorder, f.path, &f.context, &err))
			_exit(1);
		fixture_record(&f, recorder, 5, 0, 3);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	r = read_back(f.path);
	assert_false(r->complete);
	assert_true(r->from_journal);
	assert_string_equal(r->path, f.journal);
	assert_non_null(strstr(r->note, "is not finished: read from"));
	same_run(&f, r, 5, 3);
	result_free(r);
	fixture_close(&f);
}

/* A run that a signal ended is incomplete, and keeps its journal so that it can be resumed. */
static void test_signal(void **state)
{
	struct result_end end = { .signal = SIGINT };
	struct recorder *recorder;
	struct fixture f;
	struct result *r;
	struct error err;

	(void)state;
	fixture_open(&f);
	assert_int_equal(recorder_open(&recorder, f.path, &f.context, &err), 0);
	fixture_record(&f, recorder, 2, 0, 1);
	assert_int_equal(recorder_finish(recorder, &end, &err), 0);
	assert_int_equal(access(f.journal, F_OK), 0);
	r = read_back(f.path);
	assert_false(r->complete);
	assert_false(r->from_journal);
	assert_string_equal(result_text(r, "run/signal"), "SIGINT");
	result_free(r);
	/* Its document is safe, so that a new run may begin. */
	fixture_run(&f, 1, 1);
	fixture_close(&f);
}

static void test_interrupted_is_not_recorded(void **state)
{
	struct result_end end = { 0 };
	struct recorder *recorder;
	struct fixture f;
	struct result *r;
	struct error err;

	(void)state;
	fixture_open(&f);
	assert_int_equal(recorder_open(&recorder, f.path, &f.context, &err), 0);
	fixture_repetition(&f, 0, 0);
	f.rep.outcome.kind = OUTCOME_INTERRUPTED;
	assert_int_equal(recorder_repetition(recorder, &f.cell, &f.rep, &err), 0);
	assert_int_equal(recorder_finish(recorder, &end, &err), 0);
	r = read_back(f.path);
	assert_int_equal(r->nr_repetitions, 0);
	assert_int_equal(r->nr_cells, 0);
	result_free(r);
	fixture_close(&f);
}

/* Two runs with one output, one after the other died and one beside the other. */
static void test_journal_in_the_way(void **state)
{
	struct recorder *one, *two;
	struct fixture f;
	struct error err;
	char wanted[512];

	(void)state;
	fixture_open(&f);
	assert_int_equal(recorder_open(&one, f.path, &f.context, &err), 0);
	assert_int_equal(recorder_open(&two, f.path, &f.context, &err), -EBUSY);
	snprintf(wanted, sizeof(wanted), "%s: another run is writing it now", f.journal);
	assert_string_equal(err.text, wanted);
	fixture_record(&f, one, 1, 0, 1);
	recorder_abort(one);
	assert_int_equal(recorder_open(&two, f.path, &f.context, &err), -EEXIST);
	snprintf(wanted, sizeof(wanted),
		 "%s: an earlier run was cut short there: go on with --resume, or remove the file",
		 f.journal);
	assert_string_equal(err.text, wanted);
	fixture_close(&f);
}

/* With nothing in it but its header, a journal is worth nothing. */
static void test_empty_journal_is_replaced(void **state)
{
	struct recorder *recorder;
	struct fixture f;
	struct error err;

	(void)state;
	fixture_open(&f);
	assert_int_equal(recorder_open(&recorder, f.path, &f.context, &err), 0);
	recorder_abort(recorder);
	fixture_run(&f, 1, 1);
	fixture_close(&f);
}

static void test_bad_output(void **state)
{
	static const struct {
		const char *path, *text;
		int code;
	} vectors[] = {
		{ "/dev/full", "/dev/full: is not a regular file: use \"-o -\" and redirect it",
		  -EINVAL },
		{ "/tmp", "/tmp: is a folder, not a file", -EISDIR },
		{ "/nonexistent/r.json",
		  "cannot write /nonexistent/r.json.journal: No such file or directory", -ENOENT },
	};
	struct recorder *recorder;
	struct fixture f;
	struct error err;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		assert_int_equal(recorder_open(&recorder, vectors[i].path, &f.context, &err),
				 vectors[i].code);
		assert_string_equal(err.text, vectors[i].text);
	}
	fixture_close(&f);
}

/* Standard output that takes no more: an error, and the repetitions are not lost. */
static void test_full_output(void **state)
{
	int saved = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY | O_CLOEXEC), r;
	struct result_end end = { 0 };
	char journal[256], wanted[1024];
	struct recorder *recorder;
	struct fixture f;
	struct error err;

	(void)state;
	fixture_open(&f);
	setenv("TMPDIR", f.folder, 1);
	assert_int_equal(recorder_open(&recorder, "-", &f.context, &err), 0);
	unsetenv("TMPDIR");
	snprintf(journal, sizeof(journal), "%s", recorder_journal(recorder));
	assert_memory_equal(journal, f.folder, strlen(f.folder));
	fixture_record(&f, recorder, 5, 0, 8);
	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	r = recorder_finish(recorder, &end, &err);
	__fpurge(stdout);
	dup2(saved, STDOUT_FILENO);
	clearerr(stdout);
	close(saved);
	close(full);
	assert_int_equal(r, -ENOSPC);
	snprintf(wanted, sizeof(wanted),
		 "cannot write standard output: No space left on device (every finished repetition "
		 "is kept in %s)",
		 journal);
	assert_string_equal(err.text, wanted);
	assert_int_equal(unlink(journal), 0);
	fixture_close(&f);
}

/* Run on a file system of that many bytes, in a mount namespace of its own. 77: no privilege. */
static int on_small_disk(struct fixture *f, const char *options, int (*run)(struct fixture *f))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("tmpfs", f->folder, "tmpfs", 0, options))
			_exit(77);
		_exit(run(f));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define ON_DISK(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			return 1;                                                                  \
		}                                                                                  \
	} while (0)

/* The disk fills up while repetitions are recorded: what was recorded reads back, whole. */
static int fill_journal(struct fixture *f)
{
	struct recorder *recorder;
	struct result *result;
	struct error err;
	unsigned int n = 0;
	int r = 0;

	ON_DISK(recorder_open(&recorder, f->path, &f->context, &err) == 0);
	for (; n < 10000; n++) {
		fixture_repetition(f, n % 5, n / 5);
		r = recorder_repetition(recorder, &f->cell, &f->rep, &err);
		if (r)
			break;
	}
	ON_DISK(r == -ENOSPC);
	ON_DISK(strstr(err.text, "r.json.journal: No space left on device"));
	recorder_abort(recorder);
	ON_DISK(result_read(&result, f->path, 0, &err) == 0);
	ON_DISK(result->nr_repetitions == n && !result->complete);
	result_free(result);
	return 0;
}

/* Take all room but some 32 KiB away. */
static int fill_up(const char *folder)
{
	static const char block[4096];
	char path[256];
	off_t used = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/filler", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while ((n = write(fd, block, sizeof(block))) > 0)
		used += n;
	n = ftruncate(fd, used - (32 << 10));
	return close(fd) || n;
}

/* There is room for the journal but not for the document: an earlier document is untouched. */
static int fill_document(struct fixture *f)
{
	struct result_end end = { 0 };
	struct recorder *recorder;
	struct stat before, after;
	struct result *result;
	struct error err;

	fixture_run(f, 1, 1);
	ON_DISK(stat(f->path, &before) == 0);
	ON_DISK(recorder_open(&recorder, f->path, &f->context, &err) == 0);
	fixture_record(f, recorder, 5, 0, 30);
	ON_DISK(fill_up(f->folder) == 0);
	ON_DISK(recorder_finish(recorder, &end, &err) == -ENOSPC);
	ON_DISK(strstr(err.text, "r.json: No space left on device (every finished repetition is"));
	ON_DISK(stat(f->path, &after) == 0);
	ON_DISK(before.st_ino == after.st_ino && before.st_size == after.st_size);
	ON_DISK(result_read(&result, f->path, 0, &err) == 0 && result->nr_repetitions == 1);
	result_free(result);
	ON_DISK(result_read(&result, f->journal, 0, &err) == 0 && result->nr_repetitions == 150);
	result_free(result);
	return 0;
}

static void small_disk(const char *name, const char *options, int (*run)(struct fixture *f))
{
	struct fixture f;
	int status;

	fixture_open(&f);
	status = on_small_disk(&f, options, run);
	fixture_close(&f);
	if (status == 77) {
		print_message("SKIP: %s: needs a mount namespace\n", name);
		skip();
	}
	assert_int_equal(status, 0);
}

static void test_full_disk_journal(void **state)
{
	(void)state;
	small_disk("test_full_disk_journal", "size=256k", fill_journal);
}

static void test_full_disk_document(void **state)
{
	(void)state;
	small_disk("test_full_disk_document", "size=1m", fill_document);
}

#define REPETITIONS 5000u

/* That the recorder's memory does not grow with the run is judged; its time is reported. */
static void test_cost(void **state)
{
	struct result_end end = { .nr_repetitions = REPETITIONS };
	struct recorder *recorder;
	size_t before, after;
	struct fixture f;
	struct error err;
	double begin, recorded, finished;

	(void)state;
	fixture_open(&f);
	assert_int_equal(recorder_open(&recorder, f.path, &f.context, &err), 0);
	fixture_record(&f, recorder, 5, 0, 1);
	before = heap_bytes();
	begin = seconds();
	fixture_record(&f, recorder, 5, 1, REPETITIONS / 5);
	recorded = seconds();
	after = heap_bytes();
	assert_int_equal(recorder_finish(recorder, &end, &err), 0);
	finished = seconds();
	print_message("%u repetitions: %.0f us each to record, %.0f ms for the document\n",
		      REPETITIONS, (recorded - begin) / REPETITIONS * 1e6,
		      (finished - recorded) * 1e3);
	print_message("heap grew by %zu bytes\n", after > before ? after - before : 0);
	assert_true(after <= before + 65536);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_exact_integers),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_interrupted_is_not_recorded),
		cmocka_unit_test(test_journal_in_the_way),
		cmocka_unit_test(test_empty_journal_is_replaced),
		cmocka_unit_test(test_bad_output),
		cmocka_unit_test(test_full_output),
		cmocka_unit_test(test_full_disk_journal),
		cmocka_unit_test(test_full_disk_document),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
