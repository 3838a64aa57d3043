/* SPDX-License-Identifier: MIT */
#include "result/resume.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "result/journal.h"
#include "result/read.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct resume {
	struct result *result;
};

int resume_open(struct resume **ret, const char *output_path, struct error *err)
{
	AUTO_FREE char *path = journal_path(output_path);
	struct resume *resume = calloc(1, sizeof(*resume));
	int r;

	if (!path || !resume) {
		free(resume);
		return error_set(err, -ENOMEM, "out of memory");
	}
	if (access(path, F_OK)) {
		r = error_set(err, -ENOENT,
			      access(output_path, F_OK)
				      ? "%s: nothing to resume: there is no %s"
				      : "%s: nothing to resume: this run is finished (no %s)",
			      output_path, path);
		goto failed;
	}
	r = result_read(&resume->result, path, 0, err);
	if (r)
		goto failed;
	if (!resume->result->from_journal || !resume_source(resume)) {
		r = error_set(err, -EINVAL, "%s: is no journal of a run", path);
		goto failed;
	}
	*ret = resume;
	return 0;
failed:
	resume_free(resume);
	return r;
}

void resume_free(struct resume *r)
{
	if (r)
		result_free(r->result);
	free(r);
}

const char *resume_source(const struct resume *r)
{
	return result_text(r->result, "scenario/source");
}

const char *resume_path(const struct resume *r)
{
	const char *path = result_text(r->result, "scenario/path");

	return path ? path : "scenario";
}

uint64_t resume_seed(const struct resume *r)
{
	return r->result->seed;
}

bool resume_has_warning(const struct resume *r, const char *kind, const char *text)
{
	for (uint32_t i = 0; i < r->result->nr_warnings; i++)
		if (strcmp(r->result->warnings[i].kind, kind) == 0 &&
		    strcmp(r->result->warnings[i].text, text) == 0)
			return true;
	return false;
}

static uint64_t number(const struct resume *r, const char *path)
{
	double value = result_number(r->result, path, 0);

	return value > 0 && value < 0x1p64 ? (uint64_t)value : 0;
}

uint64_t resume_max_memory_bytes(const struct resume *r)
{
	return number(r, "run/options/max_memory_bytes");
}

uint64_t resume_timeout_ns(const struct resume *r)
{
	return number(r, "run/options/timeout_ns");
}

uint64_t resume_time_limit_ns(const struct resume *r)
{
	return number(r, "run/options/time_limit_ns");
}

/* What must be the same, as text or as a number; each with what it is called. */
struct sameness {
	const char *path, *what;
	const char *text; /* NULL: number counts */
	uint64_t number;
};

/* 0: same. Else *ret is "kernel (then 6.1.0, now 6.18.44)". */
static bool differs(const struct resume *r, const struct sameness *s, struct error *ret)
{
	const char *then = result_text(r->result, s->path);

	if (s->text) {
		if (then && strcmp(then, s->text) == 0)
			return false;
		error_set(ret, 0, "%s (then %s, now %s)", s->what, then ? then : "unknown",
			  s->text);
		return true;
	}
	/* As doubles: numbers read back are exact up to 2^53 only. */
	if (result_number(r->result, s->path, 0) == (double)s->number)
		return false;
	error_set(ret, 0, "%s (then %" PRIu64 ", now %" PRIu64 ")", s->what, number(r, s->path),
		  s->number);
	return true;
}

static int check_same(const struct resume *r, const struct result_context *now, struct error *err)
{
	char name[256] = "";
	struct error what;
	const struct sameness same[] = {
		{ "scenario/sha256", "scenario", now->scenario->sha256, 0 },
		{ "host/name", "host", name, 0 },
		{ "host/kernel", "kernel", now->host->kernel_release, 0 },
		{ "host/machine", "machine", now->host->machine, 0 },
		{ "host/memory/ram_bytes", "RAM in bytes", NULL, now->host->ram_bytes },
		{ "host/memory/swap_bytes", "swap in bytes", NULL, now->host->swap_bytes },
		{ "host/memory/page_bytes", "page size", NULL, now->host->page_bytes },
		{ "host/cpu/online", "CPUs online", NULL, now->host->nr_cpus },
	};

	gethostname(name, sizeof(name) - 1);
	if (r->result->seed != now->seed)
		return error_set(err, -ESTALE,
				 "%s: cannot resume: the seed differs (then %" PRIu64
				 ", now %" PRIu64 ")",
				 r->result->path, r->result->seed, now->seed);
	for (size_t i = 0; i < ARRAY_LENGTH(same); i++)
		if (differs(r, &same[i], &what))
			return error_set(err, -ESTALE,
					 "%s: cannot resume: another %s: start a new run",
					 r->result->path, what.text);
	return 0;
}

int resume_check(const struct resume *r, const struct result_context *now,
		 void (*warn)(void *context, const char *kind, const char *text), void *context,
		 struct error *err)
{
	char boot[64] = "unknown";
	struct error what;
	int error = check_same(r, now, err);
	const struct {
		const char *kind;
		struct sameness same;
	} bearable[] = {
		{ "rebooted", { "host/boot_id", "boot", boot, 0 } },
		{ "tool", { "tool/commit", "commit of overmap", now->tool.commit, 0 } },
		{ "tool", { "tool/flags", "build of overmap", now->tool.flags, 0 } },
		{ "options", { "run/options/timeout_ns", "timeout in ns", NULL, now->timeout_ns } },
		{ "options",
		  { "run/options/time_limit_ns", "time limit in ns", NULL, now->time_limit_ns } },
		{ "options",
		  { "run/options/max_memory_bytes", "memory limit in bytes", NULL,
		    now->max_memory_bytes } },
	};

	if (error)
		return error;
	if (file_read("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)) < 0)
		strcpy(boot, "unknown");
	for (size_t i = 0; i < ARRAY_LENGTH(bearable); i++) {
		struct error text;

		if (!differs(r, &bearable[i].same, &what))
			continue;
		error_set(&text, 0, "resumed under another %s", what.text);
		warn(context, bearable[i].kind, text.text);
	}
	return 0;
}

static int step_index(const struct step *steps, unsigned int n, const char *name)
{
	for (unsigned int i = 0; i < n; i++)
		if (strcmp(steps[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* The other way round than outcome_name(). */
static void outcome_parse(const char *name, struct outcome *ret)
{
	for (enum outcome_kind kind = OUTCOME_OK; kind < OUTCOME_INTERRUPTED; kind++) {
		struct outcome o = { .kind = kind };

		if (kind != OUTCOME_ERRNO && kind != OUTCOME_SIGNAL &&
		    strcmp(outcome_name(&o), name) == 0) {
			ret->kind = kind;
			return;
		}
	}
	ret->number = errno_number(name);
	ret->kind = ret->number ? OUTCOME_ERRNO : OUTCOME_SIGNAL;
	if (!ret->number)
		ret->number = signal_number(name);
}

static void fill_outcome(const struct result_repetition *from, const struct scenario *s,
			 struct outcome *ret)
{
	static const char setup[] = "setup ";

	outcome_parse(from->outcome, ret);
	ret->step = -1;
	if (from->step && strncmp(from->step, setup, strlen(setup)) == 0) {
		int i = step_index(s->setup, s->nr_setup, from->step + strlen(setup));

		ret->step = i < 0 ? -1 : -2 - i;
	} else if (from->step) {
		ret->step = step_index(s->steps, s->nr_steps, from->step);
	}
	snprintf(ret->detail, sizeof(ret->detail), "%s", from->detail ? from->detail : "");
}

/* Each metric of each step: where it is in the result, by name. */
static void fill_metrics(const struct result *r, uint32_t i, const struct scenario *s,
			 struct repetition *ret)
{
	const double *values = result_values(r, i);
	unsigned int at = 0;

	/* The header's list was made from the same scenario, in this order. */
	for (unsigned int step = 0; step < s->nr_steps; step++) {
		const struct metric *metrics = s->steps[step].op->metrics;

		ret->steps[step].ran = false;
		for (unsigned int m = 0; m < METRICS_MAX; m++)
			ret->steps[step].metric[m] = NAN;
		for (unsigned int m = 0; metrics && metrics[m].name && at < r->nr_metrics; m++) {
			ret->steps[step].metric[m] = values[at];
			ret->steps[step].ran |= !isnan(values[at++]);
		}
	}
}

void resume_replay(const struct resume *resume, const struct scenario *s,
		   void (*take)(void *taker, const struct repetition *rep), void *taker)
{
	const struct result *r = resume->result;
	struct repetition rep;

	for (uint32_t i = 0; i < r->nr_repetitions; i++) {
		const struct result_repetition *from = &r->repetitions[i];

		memset(&rep, 0, sizeof(rep));
		rep.cell = r->cells[from->cell].number;
		rep.round = from->round;
		rep.sequence = from->sequence;
		rep.started_ns = from->started_ns;
		rep.elapsed_ns = from->elapsed_ns;
		rep.iterations = from->iterations;
		rep.nr_steps = s->nr_steps;
		rep.expected_known = from->expected != NULL;
		rep.as_expected = from->expected && from->as_expected;
		snprintf(rep.expected, sizeof(rep.expected), "%s",
			 from->expected ? from->expected : "");
		fill_outcome(from, s, &rep.outcome);
		fill_metrics(r, i, s, &rep);
		take(taker, &rep);
	}
}
