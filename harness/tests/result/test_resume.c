/* SPDX-License-Identifier: MIT */
/* A run that was cut short goes on as the same run, or not at all. */
#include "result/resume.h"
#include "tests/result/fixture.h"

#include <unistd.h>

/* A run that died after n repetitions of 4 cells, in the middle of a line. */
static void die(struct fixture *f, unsigned int n)
{
	struct recorder *recorder;
	struct error err;
	FILE *stream;

	assert_int_equal(recorder_open(&recorder, f->path, &f->context, &err), 0);
	fixture_record(f, recorder, 4, 0, n);
	recorder_abort(recorder);
	stream = fopen(f->journal, "a");
	assert_non_null(stream);
	fputs("{\"repetition\":{\"cell\":0,\"rou", stream);
	assert_int_equal(fclose(stream), 0);
}

struct warnings {
	unsigned int n;
	char kind[32], text[256];
};

static void take_warning(void *context, const char *kind, const char *text)
{
	struct warnings *w = context;

	w->n++;
	snprintf(w->kind, sizeof(w->kind), "%s", kind);
	snprintf(w->text, sizeof(w->text), "%s", text);
}

static void test_goes_on(void **state)
{
	struct result_end end = { .nr_repetitions = 16 };
	struct warnings warnings = { 0 };
	struct recorder *recorder;
	struct resume *resume;
	struct fixture f;
	struct result *r;
	struct error err;

	(void)state;
	fixture_open(&f);
	die(&f, 3);
	if (resume_open(&resume, f.path, &err))
		fail_msg("%s", err.text);
	assert_string_equal(resume_source(resume), fixture_source);
	assert_string_equal(resume_path(resume), "small.yaml");
	assert_true(resume_seed(resume) == f.context.seed);
	assert_int_equal(resume_check(resume, &f.context, take_warning, &warnings, &err), 0);
	assert_int_equal(warnings.n, 0);
	resume_free(resume);

	if (recorder_resume(&recorder, f.path, &f.context, &err))
		fail_msg("%s", err.text);
	fixture_record(&f, recorder, 4, 3, 1);
	/* One that was not visited before. */
	fixture_repetition(&f, 5, 0);
	assert_int_equal(recorder_repetition(recorder, &f.cell, &f.rep, &err), 0);
	if (recorder_finish(recorder, &end, &err))
		fail_msg("%s", err.text);
	if (result_read(&r, f.path, 0, &err))
		fail_msg("%s", err.text);
	assert_true(r->complete);
	assert_int_equal(r->nr_cells, 5);
	assert_int_equal(r->nr_repetitions, 17);
	assert_string_equal(result_text(r, "run/resumed/0/kernel"), f.host.kernel_release);
	result_free(r);
	fixture_close(&f);
}

struct taken {
	struct fixture *f;
	unsigned int n;
};

static void take(void *taker, const struct repetition *rep)
{
	struct taken *t = taker;
	const struct repetition *wanted = &t->f->rep;

	fixture_repetition(t->f, t->n % 4, t->n / 4);
	assert_int_equal(rep->cell, wanted->cell);
	assert_int_equal(rep->round, wanted->round);
	assert_int_equal(rep->sequence, wanted->sequence);
	assert_true(rep->started_ns == wanted->started_ns);
	assert_int_equal(rep->outcome.kind, wanted->outcome.kind);
	assert_int_equal(rep->outcome.number, wanted->outcome.number);
	assert_int_equal(rep->outcome.step, wanted->outcome.step);
	assert_string_equal(rep->outcome.detail, wanted->outcome.detail);
	assert_string_equal(rep->expected, wanted->expected);
	assert_int_equal(rep->as_expected, wanted->as_expected);
	for (unsigned int i = 0; i < wanted->nr_steps; i++)
		for (unsigned int m = 0; m < METRICS_MAX; m++) {
			double a = rep->steps[i].metric[m], b = wanted->steps[i].metric[m];

			assert_true(isnan(a) ? isnan(b) : a == b);
		}
	t->n++;
}

static void test_replay(void **state)
{
	struct resume *resume;
	struct fixture f;
	struct error err;
	struct taken t = { .f = &f };

	(void)state;
	fixture_open(&f);
	die(&f, 5);
	assert_int_equal(resume_open(&resume, f.path, &err), 0);
	resume_replay(resume, f.scenario, take, &t);
	assert_int_equal(t.n, 20);
	resume_free(resume);
	fixture_close(&f);
}

/* What makes the finished repetitions incomparable with new ones. */
static void test_refused(void **state)
{
	struct warnings warnings = { 0 };
	struct resume *resume;
	struct fixture f;
	struct error err;
	char kernel;

	(void)state;
	fixture_open(&f);
	die(&f, 1);
	assert_int_equal(resume_open(&resume, f.path, &err), 0);

	f.context.seed++;
	assert_int_equal(resume_check(resume, &f.context, take_warning, &warnings, &err), -ESTALE);
	assert_non_null(strstr(err.text, "the seed differs (then 18364758544493064720, now "
					 "18364758544493064721)"));
	f.context.seed--;

	f.host.ram_bytes -= 4096;
	assert_int_equal(resume_check(resume, &f.context, take_warning, &warnings, &err), -ESTALE);
	assert_non_null(strstr(err.text, "cannot resume: another RAM in bytes (then "));
	f.host.ram_bytes += 4096;

	kernel = f.host.kernel_release[0];
	f.host.kernel_release[0] = '?';
	assert_int_equal(resume_check(resume, &f.context, take_warning, &warnings, &err), -ESTALE);
	assert_non_null(strstr(err.text, "cannot resume: another kernel (then "));
	f.host.kernel_release[0] = kernel;

	f.scenario->sha256[0] ^= 1;
	assert_int_equal(resume_check(resume, &f.context, take_warning, &warnings, &err), -ESTALE);
	assert_non_null(strstr(err.text, "cannot resume: another scenario (then "));
	f.scenario->sha256[0] ^= 1;

	assert_int_equal(warnings.n, 0);
	f.context.tool.commit = "def456";
	assert_int_equal(resume_check(resume, &f.context, take_warning, &warnings, &err), 0);
	assert_int_equal(warnings.n, 1);
	assert_string_equal(warnings.text,
			    "resumed under another commit of overmap (then abc123, now def456)");
	resume_free(resume);
	fixture_close(&f);
}

static void test_nothing_to_resume(void **state)
{
	struct resume *resume;
	char wanted[512];
	struct fixture f;
	struct error err;

	(void)state;
	fixture_open(&f);
	assert_int_equal(resume_open(&resume, f.path, &err), -ENOENT);
	snprintf(wanted, sizeof(wanted), "%s: nothing to resume: there is no %s", f.path,
		 f.journal);
	assert_string_equal(err.text, wanted);
	fixture_run(&f, 1, 1);
	assert_int_equal(resume_open(&resume, f.path, &err), -ENOENT);
	snprintf(wanted, sizeof(wanted), "%s: nothing to resume: this run is finished (no %s)",
		 f.path, f.journal);
	assert_string_equal(err.text, wanted);
	/* Something else under the journal's name. */
	rename(f.path, f.journal);
	assert_int_equal(resume_open(&resume, f.path, &err), -EINVAL);
	snprintf(wanted, sizeof(wanted), "%s: is no journal of a run", f.journal);
	assert_string_equal(err.text, wanted);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nothing_to_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
