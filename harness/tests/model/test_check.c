// SPDX-License-Identifier: MIT
/*
 * The property test. The kernel is the judge: random sequences of map, protect, remap, unmap, touch
 * and fork, with sizes around every threshold, are carried out on this machine, and every outcome
 * and every change of Committed_AS is compared with what the model says beforehand.
 *
 * OVERMAP_PROPERTY_REQUESTS: requests in each overcommit mode (2000; with OVERMAP_STRESS 10000).
 * OVERMAP_PROPERTY_SEED: seed, to repeat a run.
 * OVERMAP_PROPERTY_SAVE: every sequence is saved, not only those that differ.
 *
 * The overcommit settings are changed where that is permitted, and put back by the parent process,
 * which does nothing else. Committed_AS belongs to the whole machine: a sequence whose figures do
 * not fit is carried out again, and only what comes out the same way every time is a disagreement.
 */
#include "property.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/size.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define TRIES         48           /* before figures that never fit count as disturbed */
#define ALIKE         8            /* runs in a row that differ alike make a disagreement */
#define LEAK_SHARE    4            /* of RAM in Committed_AS: the kernel loses count, so stop */
#define RESERVE_KIB   (512u << 10) /* user_reserve in mode never: what others keep */
#define SPARE_MAPS    12           /* left below vm.max_map_count in a crowded process, at most */
#define CROWDED_SHARE 100          /* of the requests: each sequence copies 65,530 mappings */
#define CROWDED_TRIES 12           /* instead of TRIES, for the same reason */
#define CROWDED_NS    30000000000u /* no sequence begins after so long */
#define SPACE_MAX     (4ull << 40) /* of this program: more is the sanitizers' shadow */

struct tally {
	uint64_t requests, granted, refused, deferred, indeterminate, cautious_open;
	uint64_t repeated, disturbed, disagreed, rules[RULES];
};

static struct host host_now; /* of the mode under test, read once in the tested process */
static struct tally tally;
static bool crowded; /* the process has nearly as many mappings as it may */

/* ---- The machine's settings ---- */

static int write_number(const char *path, uint64_t value)
{
	char text[32];
	int fd = open(path, O_WRONLY | O_CLOEXEC), length, r;

	if (fd < 0)
		return -errno;
	length = snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
	r = write(fd, text, (size_t)length) == length ? 0 : -errno;
	close(fd);
	return r;
}

#define VM   PROPERTY_VM
#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"

static const char *const saved_paths[] = {
	VM "overcommit_memory",
	VM "user_reserve_kbytes",
	VM "overcommit_ratio",
	VM "overcommit_kbytes",
	POOL,
};

static uint64_t saved[ARRAY_LENGTH(saved_paths)];
static bool saved_known[ARRAY_LENGTH(saved_paths)];

static void save_settings(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(saved_paths); i++)
		saved_known[i] = file_read_u64(saved_paths[i], &saved[i]) == 0;
}

/* Ratio and kbytes zero each other: only the one that was not 0 is written. */
static void restore_settings(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(saved_paths); i++) {
		bool exclusive = strstr(saved_paths[i], "overcommit_ratio") ||
				 strstr(saved_paths[i], "overcommit_kbytes");
		uint64_t now;

		if (!saved_known[i] || (exclusive && saved[i] == 0))
			continue;
		if (file_read_u64(saved_paths[i], &now) == 0 && now != saved[i])
			write_number(saved_paths[i], saved[i]);
	}
}

/* ---- Judging ---- */

enum judgement { AGREES, DIFFERS_HARD, DIFFERS_FIGURES };

/* What is said and what was, of one request. */
static enum judgement judge(const struct property_report *r, char *ret, size_t length)
{
	const struct prediction *p = &r->predicted;
	int said = p->verdict == VERDICT_REFUSED ? p->error : 0;
	int said_signal = p->verdict == VERDICT_DEFERRED ? rule_get(p->rule)->signal : 0;
	int64_t figure = p->verdict == VERDICT_GRANTED ? p->committed_bytes : 0;
	int64_t off = r->committed_bytes - figure;

	if (!r->done || p->verdict == VERDICT_INDETERMINATE)
		return AGREES;
	if (said != r->error || said_signal != r->signal) {
		snprintf(ret, length,
			 "model: %s (%s), kernel: %s%s%s; asked %" PRIu64 ", compared %" PRIu64
			 " with %" PRIu64,
			 said ? errno_name(said) : verdict_name(p->verdict),
			 rule_get(p->rule)->name, r->error ? errno_name(r->error) : "ok",
			 r->signal ? " " : "", r->signal ? signal_name(r->signal) : "",
			 r->asked_bytes, p->asked_bytes, p->limit_bytes);
		return DIFFERS_HARD;
	}
	if (r->cautious.verdict != VERDICT_INDETERMINATE && r->cautious.verdict != p->verdict) {
		snprintf(ret, length,
			 "with the counter's whole slack the model says %s, exactly %s",
			 verdict_name(r->cautious.verdict), verdict_name(p->verdict));
		return DIFFERS_HARD;
	}
	if (property_is_open(p) && (uint64_t)llabs(off) <= p->band_bytes)
		return AGREES;
	if (p->verdict != VERDICT_DEFERRED && off) {
		snprintf(ret, length,
			 "Committed_AS changed by %" PRId64 ", model: %" PRId64 "; asked %" PRIu64,
			 r->committed_bytes, figure, r->asked_bytes);
		return DIFFERS_FIGURES;
	}
	return AGREES;
}

struct judged {
	enum judgement judgement;
	int64_t off; /* DIFFERS_FIGURES: kernel less model */
	int op;      /* −1: the counters at the end */
	char text[400];
};

static void judge_all(const struct property_sequence *s, const struct property_shared *shared,
		      int status, struct judged *ret)
{
	*ret = (struct judged){ .judgement = AGREES, .op = -1 };
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		ret->judgement = judge(&shared->reports[i], ret->text, sizeof(ret->text));
		ret->op = (int)i;
		ret->off = shared->reports[i].committed_bytes -
			   shared->reports[i].predicted.committed_bytes;
		if (ret->judgement != AGREES)
			return;
	}
	ret->op = -1;
	if (status != 0) {
		ret->judgement = DIFFERS_HARD;
		snprintf(ret->text, sizeof(ret->text), "the child ended with status %#x", status);
	} else if (shared->ended && (shared->end_total || shared->end_data || shared->end_locked ||
				     shared->end_maps)) {
		ret->judgement = DIFFERS_HARD;
		snprintf(ret->text, sizeof(ret->text),
			 "at the end model less kernel: total_vm %" PRId64 ", data_vm %" PRId64
			 ", locked_vm %" PRId64 ", %" PRId64 " mappings",
			 shared->end_total, shared->end_data, shared->end_locked, shared->end_maps);
	}
}

static void run_once(const struct property_sequence *s, struct property_shared *shared,
		     struct judged *ret)
{
	int status = -1;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		property_run(s, &host_now, shared);
	waitpid(pid, &status, 0);
	judge_all(s, shared, status, ret);
}

/* The same thing wrong at the same place; for figures, by the same amount. */
static bool alike(const struct judged *a, const struct judged *b)
{
	return a->judgement == b->judgement && a->op == b->op &&
	       (a->judgement != DIFFERS_FIGURES || a->off == b->off);
}

/* Others change Committed_AS too: what differs must differ alike every time. */
static void run_judged(const struct property_sequence *s, struct property_shared *shared,
		       struct judged *ret)
{
	unsigned int nr_alike = 1;
	struct judged again;

	run_once(s, shared, ret);
	for (int i = 0; i < (crowded ? CROWDED_TRIES : TRIES) && ret->judgement != AGREES; i++) {
		tally.repeated++;
		run_once(s, shared, &again);
		nr_alike = alike(ret, &again) ? nr_alike + 1 : 1;
		*ret = again;
		if (nr_alike >= ALIKE)
			return;
	}
	if (ret->judgement != AGREES) {
		tally.disturbed++;
		ret->judgement = AGREES;
	}
}

static void count_reports(const struct property_sequence *s, const struct property_shared *shared)
{
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		const struct property_report *r = &shared->reports[i];

		if (!r->done)
			continue;
		tally.requests++;
		tally.granted += r->predicted.verdict == VERDICT_GRANTED &&
				 !property_is_open(&r->predicted);
		tally.refused += r->predicted.verdict == VERDICT_REFUSED;
		tally.deferred += r->predicted.verdict == VERDICT_DEFERRED;
		tally.indeterminate += r->predicted.verdict == VERDICT_INDETERMINATE ||
				       property_is_open(&r->predicted);
		tally.cautious_open += r->cautious.verdict == VERDICT_INDETERMINATE;
		if (r->predicted.verdict != VERDICT_GRANTED)
			tally.rules[r->predicted.rule]++;
	}
}

/* ---- Shrinking and telling ---- */

static bool still_differs(const struct property_sequence *s, struct property_shared *shared,
			  struct judged *ret)
{
	run_judged(s, shared, ret);
	return ret->judgement != AGREES;
}

/* Take the simpler sequence where it differs too. */
static bool take_if_differs(struct property_sequence *s, const struct property_sequence *simpler,
			    struct property_shared *shared, struct judged *judged)
{
	if (memcmp(simpler, s, sizeof(*s)) == 0 || !still_differs(simpler, shared, judged))
		return false;
	*s = *simpler;
	return true;
}

static bool leave_out_one(struct property_sequence *s, struct property_shared *shared,
			  struct judged *judged)
{
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		struct property_sequence without = *s;

		memmove(&without.ops[i], &without.ops[i + 1],
			(s->nr_ops - i - 1) * sizeof(s->ops[0]));
		without.nr_ops--;
		if (take_if_differs(s, &without, shared, judged))
			return true;
	}
	return false;
}

/* All of a mapping instead of a part, whole pages, one slot for all. */
static bool simplify_one(struct property_sequence *s, struct property_shared *shared,
			 struct judged *judged)
{
	for (unsigned int i = 0; i < s->nr_ops; i++) {
		struct property_sequence whole = *s, even = *s, together = *s;

		whole.ops[i].part = PART_WHOLE;
		even.ops[i].odd_bytes = 0;
		together.ops[i].slot = s->ops[0].slot;
		if (take_if_differs(s, &whole, shared, judged) ||
		    take_if_differs(s, &even, shared, judged) ||
		    take_if_differs(s, &together, shared, judged))
			return true;
	}
	return false;
}

static bool free_from_one(struct property_sequence *s, struct property_shared *shared,
			  struct judged *judged)
{
	struct property_sequence simpler[] = { *s, *s, *s, *s, *s };

	simpler[0].as_pages = PROPERTY_NO_LIMIT;
	simpler[1].data_pages = PROPERTY_NO_LIMIT;
	simpler[2].data_zero = false;
	simpler[3].drop_admin = false;
	simpler[4].drop_lock = false;
	for (size_t i = 0; i < ARRAY_LENGTH(simpler); i++) {
		if (take_if_differs(s, &simpler[i], shared, judged))
			return true;
	}
	return false;
}

/* Leave out one operation or one condition after the other, as long as it still differs. */
static void shrink(struct property_sequence *s, struct property_shared *shared,
		   struct judged *judged)
{
	while (leave_out_one(s, shared, judged) || free_from_one(s, shared, judged) ||
	       simplify_one(s, shared, judged))
		;
	still_differs(s, shared, judged);
}

static void save(const struct property_sequence *s, const struct property_shared *shared,
		 const char *mode, uint64_t seed, uint64_t number, const char *text)
{
	const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	const char *last_word = strrchr(mode, ' ');
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/overmap-disagreement-%s-%" PRIu64 "-%" PRIu64 ".yaml",
		 folder, last_word ? last_word + 1 : mode, seed, number);
	file = fopen(path, "we");
	if (!file)
		return;
	property_save(s, shared, &host_now, seed, text, file);
	fclose(file);
	printf("  saved as %s\n", path);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t value;

	return text && count_parse(text, &value, NULL) == 0 ? value : otherwise;
}

static void print_tally(const char *mode, uint64_t elapsed_ns)
{
	printf("%s: %" PRIu64 " requests in %.1f s: %" PRIu64 " granted, %" PRIu64
	       " refused, %" PRIu64 " deferred, %" PRIu64 " indeterminate (%" PRIu64
	       " with the counter's whole slack); %" PRIu64 " sequences repeated, %" PRIu64
	       " disturbed by others, %" PRIu64 " disagreements\n ",
	       mode, tally.requests, (double)elapsed_ns / 1e9, tally.granted, tally.refused,
	       tally.deferred, tally.indeterminate, tally.cautious_open, tally.repeated,
	       tally.disturbed, tally.disagreed);
	for (unsigned int i = 1; i < RULES; i++) {
		if (tally.rules[i])
			printf(" %s %" PRIu64, rule_get((enum rule_id)i)->name, tally.rules[i]);
	}
	printf("\n");
}

/* Committed_AS of the machine, in bytes. */
static uint64_t machine_committed(void)
{
	struct host now = host_now;

	return host_refresh(&now, NULL) ? 0 : now.committed_bytes;
}

/* Others come and go; what is still there after twenty seconds has been lost. */
static bool committed_stays_high(uint64_t before)
{
	for (int i = 0; i < 2000; i++) {
		if (machine_committed() <= before + host_now.ram_bytes / LEAK_SHARE)
			return false;
		usleep(10000);
	}
	return true;
}

/* All requests of one mode. */
static void try_mode(const char *name)
{
	uint64_t wanted = number_from("OVERMAP_PROPERTY_REQUESTS",
				      getenv("OVERMAP_STRESS") ? 10000 : 2000);
	uint64_t seed = number_from("OVERMAP_PROPERTY_SEED", 0), started = clock_now_ns();
	struct property_shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct random seeds;
	uint64_t sequences = 0, committed;

	assert_true(shared != MAP_FAILED);
	assert_int_equal(host_read(&host_now, NULL), 0);
	committed = machine_committed();
	if (!seed)
		seed = random_seed() >> 16;
	tally = (struct tally){ 0 };
	printf("%s: seed %" PRIu64 "\n", name, seed);
	seeds.state = seed;
	wanted = crowded ? wanted / CROWDED_SHARE : wanted;
	for (; tally.requests < wanted; sequences++) {
		if (crowded && clock_now_ns() - started > CROWDED_NS)
			break;
		struct random r = { .state = random_next(&seeds) };
		struct property_sequence s;
		struct judged judged;

		property_random(&r, &s);
		if (crowded)
			s.spare_maps = random_below(&r, SPARE_MAPS);
		run_judged(&s, shared, &judged);
		count_reports(&s, shared);
		if (committed_stays_high(committed))
			fail_msg("after sequence %" PRIu64 " Committed_AS stays too high: the "
				 "kernel has lost count, or something large has started",
				 sequences);
		if (getenv("OVERMAP_PROPERTY_SAVE"))
			save(&s, shared, name, seed, sequences, "What was tried.");
		if (judged.judgement == AGREES)
			continue;
		if (++tally.disagreed > 3)
			continue;
		shrink(&s, shared, &judged);
		if (judged.judgement == AGREES) { /* it was the others after all */
			tally.disagreed--;
			tally.disturbed++;
			continue;
		}
		printf("%s: seed %" PRIu64 " sequence %" PRIu64 ": %s\n", name, seed, sequences,
		       judged.text);
		property_print(&s, shared, "  ", stdout);
		save(&s, shared, name, seed, sequences, judged.text);
	}
	print_tally(name, clock_now_ns() - started);
	fflush(stdout);
	munmap(shared, sizeof(*shared));
	assert_int_equal(tally.disagreed, 0);
	assert_true(tally.indeterminate * 100 <= tally.requests);
	/* Of a few sequences one is no measure of how busy the machine is. */
	assert_true(tally.disturbed * 20 <= sequences || tally.disturbed == 1);
}

static bool may_write_settings(void)
{
	return access(VM "overcommit_memory", W_OK) == 0;
}

static void set_mode(uint64_t mode)
{
	struct process_memory process;
	uint64_t now;

	if (process_memory_read(&process, PROCESS_MAPS, NULL) < 0 ||
	    process.total_vm_bytes > SPACE_MAX) {
		print_message("SKIP: property: the sanitizers' shadow is in the way\n");
		skip();
	}
	if (!may_write_settings()) {
		if (file_read_u64(VM "overcommit_memory", &now) == 0 && now == mode)
			return;
		print_message("SKIP: property: may not write vm.overcommit_memory\n");
		skip();
	}
	assert_int_equal(write_number(VM "overcommit_memory", mode), 0);
}

static void heuristic(void **state)
{
	(void)state;
	set_mode(OVERCOMMIT_HEURISTIC);
	try_mode("heuristic");
}

static void always(void **state)
{
	(void)state;
	set_mode(OVERCOMMIT_ALWAYS);
	try_mode("always");
}

static void never(void **state)
{
	(void)state;
	if (may_write_settings())
		write_number(VM "user_reserve_kbytes", RESERVE_KIB);
	set_mode(OVERCOMMIT_NEVER);
	try_mode("never");
}

static void never_with_kbytes(void **state)
{
	(void)state;
	if (!may_write_settings()) {
		print_message("SKIP: property: may not write vm.overcommit_kbytes\n");
		skip();
	}
	assert_int_equal(write_number(VM "overcommit_kbytes", host_now.ram_bytes / 1024 / 3 * 2),
			 0);
	set_mode(OVERCOMMIT_NEVER);
	try_mode("never, with kbytes");
}

/* The last one: its mappings stay. */
static void heuristic_crowded(void **state)
{
	(void)state;
	set_mode(OVERCOMMIT_HEURISTIC);
	assert_int_equal(host_read(&host_now, NULL), 0);
	property_crowd(&host_now, 4 * SPARE_MAPS);
	crowded = true;
	try_mode("heuristic, crowded");
}

/* A sequence on one mapping is said in full: of what is left, from where it begins by then. */
static void told_as_steps(void **state)
{
	static const struct property_sequence s = {
		.as_pages = PROPERTY_NO_LIMIT,
		.data_pages = PROPERTY_NO_LIMIT,
		.spare_maps = PROPERTY_NO_LIMIT,
		.nr_ops = 6,
		.ops = {
			{ .kind = OP_MAP, .near = NEAR_SMALL, .offset_pages = 30,
			  .protection = PROT_READ | PROT_WRITE, .placed = true,
			  .flags = MAP_PRIVATE | MAP_ANONYMOUS },
			{ .kind = OP_UNMAP, .part = PART_START },
			{ .kind = OP_UNMAP, .part = PART_MIDDLE },
			{ .kind = OP_PROTECT, .piece = 1, .protection = PROT_READ },
			{ .kind = OP_UNMAP, .piece = 0 },
			{ .kind = OP_UNMAP, .piece = 0 },
		},
	};
	static const char steps[] = "steps:\n"
				    "  - map\n"
				    "  - unmap: {from: 0B, amount: 40960B}\n"
				    "  - unmap: {from: 24576B, amount: 24576B}\n"
				    "  - protect: {to: read, from: 49152B, amount: 32768B}\n"
				    "  - unmap: {from: 0B, amount: 24576B}\n"
				    "  - unmap\n\n";
	struct property_shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	AUTO_FREE char *text = NULL;
	struct judged judged;
	size_t length;
	FILE *out;

	(void)state;
	if (sysconf(_SC_PAGESIZE) != 4096)
		skip();
	set_mode(OVERCOMMIT_HEURISTIC);
	assert_true(shared != MAP_FAILED);
	assert_int_equal(host_read(&host_now, NULL), 0);
	run_once(&s, shared, &judged);
	out = open_memstream(&text, &length);
	property_save(&s, shared, &host_now, 1, "told", out);
	fclose(out);
	munmap(shared, sizeof(*shared));
	if (!strstr(text, steps))
		fail_msg("%s", text);
}

static pid_t worker;

static void pass_on(int number)
{
	(void)number;
	kill(worker, SIGKILL);
}

static int run_modes(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_as_steps),
		cmocka_unit_test(heuristic),
		cmocka_unit_test(always),
		cmocka_unit_test(never),
		cmocka_unit_test(never_with_kbytes),
		cmocka_unit_test(heuristic_crowded),
	};

	write_number("/proc/self/oom_score_adj", 1000);
	if (may_write_settings() && saved_known[4] && saved[4] < 8)
		write_number(POOL, 8);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The parent only waits and restores, whatever becomes of the worker. */
int main(void)
{
	struct sigaction action = { .sa_handler = pass_on };
	int status = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	save_settings();
	worker = fork();
	if (worker < 0)
		return 1;
	if (worker == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run_modes());
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	while (waitpid(worker, &status, 0) < 0 && errno == EINTR)
		;
	restore_settings();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
