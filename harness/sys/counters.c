/* SPDX-License-Identifier: MIT */
#include "sys/counters.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "sys/interrupts.h"

#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* Each source fills the rows from its first on, in the table's order. */
enum row {
	ROW_USAGE,
	ROW_VMSTAT = ROW_USAGE + USAGE_COUNTERS,
	ROW_SYSTEM = ROW_VMSTAT + 20,
	ROWS = ROW_SYSTEM + 8,
};

const struct counter counters[] = {
	{ "usage.user_time", "us", "CPU time in user mode" },
	{ "usage.system_time", "us", "CPU time in the kernel" },
	{ "usage.minor_faults", "1", "page faults without I/O" },
	{ "usage.major_faults", "1", "page faults that waited for I/O" },
	{ "usage.voluntary_switches", "1", "context switches to wait" },
	{ "usage.involuntary_switches", "1", "context switches because others ran" },
	{ "usage.harness_time", "us",
	  "CPU time of this program beside the steps, in none of the above: start, inspection" },

	{ "vmstat.pgfault", "1", "page faults, whole system" },
	{ "vmstat.pgmajfault", "1", "major page faults, whole system" },
	{ "vmstat.thp_fault_alloc", "1", "huge pages that faults were given" },
	{ "vmstat.thp_fault_fallback", "1", "faults that found no huge page" },
	{ "vmstat.thp_collapse_alloc", "1", "huge pages that khugepaged collapsed" },
	{ "vmstat.thp_split_page", "1", "huge pages that were split" },
	{ "vmstat.numa_hit", "1", "pages on the node that was wanted" },
	{ "vmstat.numa_miss", "1", "pages that another node had wanted" },
	{ "vmstat.numa_foreign", "1", "pages that came from another node than was wanted" },
	{ "vmstat.numa_interleave", "1", "interleaved pages on the node that was wanted" },
	{ "vmstat.numa_pages_migrated", "1", "pages that NUMA balancing moved" },
	{ "vmstat.pgmigrate_success", "1", "pages that were moved" },
	{ "vmstat.compact_stall", "1", "allocations that waited for compaction" },
	{ "vmstat.compact_success", "1", "of those, that it helped" },
	{ "vmstat.pswpin", "1", "pages from swap" },
	{ "vmstat.pswpout", "1", "pages to swap" },
	{ "vmstat.pgscan_direct", "1", "pages that allocations scanned for reclaim" },
	{ "vmstat.pgsteal_direct", "1", "pages that allocations reclaimed" },
	{ "vmstat.pgscan_kswapd", "1", "pages that kswapd scanned" },
	{ "vmstat.nr_tlb_remote_flush", "1", "TLB flushes on other CPUs, where the kernel counts" },

	{ "system.committed", "B", "growth of Committed_AS" },
	{ "system.page_tables", "B", "growth of PageTables" },
	{ "system.steal_time", "us", "CPU time that the hypervisor gave to others" },
	{ "system.busy_time", "us", "CPU time of all processes and interrupts, this one's too" },
	{ "system.idle_time", "us", "CPU time that nobody used" },
	{ "system.tlb_shootdowns", "1", "interrupts for TLB shootdowns" },
	{ "system.memory_pressure_some", "us", "time in which some task waited for memory" },
	{ "system.memory_pressure_full", "us", "time in which all tasks waited for memory" },
	{ NULL, NULL, NULL },
};

struct counting {
	double before[COUNTERS_MAX];
	char text[32768]; /* of the files: vmstat has some 5 KiB */
};

/*
 * The files, opened once and inherited by every repetition: to open them costs as much as to read
 * them. record: all of it comes with one read.
 */
enum source {
	SOURCE_VMSTAT,
	SOURCE_STAT,
	SOURCE_INTERRUPTS,
	SOURCE_MEMINFO,
	SOURCE_PRESSURE,
	SOURCES
};
static struct {
	const char *path;
	bool record;
	int fd; /* 0: not opened yet */
} sources[SOURCES] = {
	[SOURCE_VMSTAT] = { "/proc/vmstat", false, 0 },
	[SOURCE_STAT] = { "/proc/stat", true, 0 },
	[SOURCE_INTERRUPTS] = { "/proc/interrupts", false, 0 },
	[SOURCE_MEMINFO] = { "/proc/meminfo", true, 0 },
	[SOURCE_PRESSURE] = { "/proc/pressure/memory", true, 0 },
};

void counters_prepare(void)
{
	for (unsigned int i = 0; i < SOURCES; i++)
		if (sources[i].fd <= 0)
			sources[i].fd = open(sources[i].path, O_RDONLY | O_CLOEXEC);
}

/* Read a source from its start into c->text; "" where it cannot be had. */
static int read_source(struct counting *c, enum source source)
{
	size_t length = 0, room = sizeof(c->text) - 1;
	ssize_t n = 1;

	c->text[0] = '\0';
	if (sources[source].fd <= 0)
		return file_read(sources[source].path, c->text, sizeof(c->text));
	while (length < room && n > 0) {
		n = pread(sources[source].fd, c->text + length, room - length, (off_t)length);
		length += n > 0 ? (size_t)n : 0;
		if (sources[source].record)
			break;
	}
	c->text[length] = '\0';
	return n < 0 ? -errno : 0;
}

int counter_index(const char *name)
{
	for (unsigned int i = 0; counters[i].name; i++)
		if (strcmp(counters[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

static double microseconds(struct timeval time)
{
	return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static void add_usage(int whose, double ret[USAGE_COUNTERS])
{
	struct timespec now;
	struct rusage u;

	/* A thread's own figure lags by up to a tick; to ask for its clock brings it up to date. */
	if (whose == RUSAGE_THREAD)
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	getrusage(whose, &u);
	ret[0] += microseconds(u.ru_utime);
	ret[1] += microseconds(u.ru_stime);
	ret[2] += (double)u.ru_minflt;
	ret[3] += (double)u.ru_majflt;
	ret[4] += (double)u.ru_nvcsw;
	ret[5] += (double)u.ru_nivcsw;
}

void counters_usage(enum usage_whose whose, double ret[USAGE_COUNTERS])
{
	memset(ret, 0, USAGE_COUNTERS * sizeof(*ret));
	if (whose != USAGE_CHILDREN)
		add_usage(whose == USAGE_THREAD ? RUSAGE_THREAD : RUSAGE_SELF, ret);
	if (whose != USAGE_THREAD)
		add_usage(RUSAGE_CHILDREN, ret);
}

/* The number behind "\nkey" + one separator, or NaN. */
static double find_number(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = text; (at = strstr(at, key)); at += length)
		if ((at == text || at[-1] == '\n') && strchr(" :=", at[length]))
			return strtod(at + length + 1, NULL);
	return NAN;
}

static void read_vmstat(struct counting *c, double *ret)
{
	read_source(c, SOURCE_VMSTAT);
	for (unsigned int i = ROW_VMSTAT; i < ROW_SYSTEM; i++)
		ret[i - ROW_VMSTAT] = find_number(c->text, counters[i].name + strlen("vmstat."));
}

/*
 * The first line of /proc/stat, in clock ticks: "cpu user nice system idle iowait irq softirq steal
 * …" (proc(5)). To ret: stolen, busy and idle.
 */
static void read_cpu_time(struct counting *c, double ret[3])
{
	unsigned long long n[8];
	double us_per_tick = 1e6 / (double)sysconf(_SC_CLK_TCK);

	ret[0] = ret[1] = ret[2] = NAN;
	if (read_source(c, SOURCE_STAT) < 0 ||
	    sscanf(c->text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &n[0], &n[1], &n[2],
		   &n[3], &n[4], &n[5], &n[6], &n[7]) != 8)
		return;
	ret[0] = (double)n[7] * us_per_tick;
	ret[1] = (double)(n[0] + n[1] + n[2] + n[5] + n[6]) * us_per_tick;
	ret[2] = (double)(n[3] + n[4]) * us_per_tick;
}

static double read_shootdowns(void)
{
	int fd = sources[SOURCE_INTERRUPTS].fd;
	AUTO_CLOSE int opened = fd > 0 ? -1
				       : open(sources[SOURCE_INTERRUPTS].path,
					      O_RDONLY | O_CLOEXEC);

	return interrupts_shootdowns(fd > 0 ? fd : opened);
}

static double read_pressure(const char *text, const char *kind)
{
	const char *line = strstr(text, kind), *total;

	total = line ? strstr(line, "total=") : NULL;
	return total ? strtod(total + strlen("total="), NULL) : NAN;
}

static void read_system(struct counting *c, double *ret)
{
	read_source(c, SOURCE_MEMINFO);
	ret[0] = find_number(c->text, "Committed_AS") * 1024;
	ret[1] = find_number(c->text, "PageTables") * 1024;
	read_cpu_time(c, ret + 2);
	ret[5] = read_shootdowns();
	read_source(c, SOURCE_PRESSURE);
	ret[6] = read_pressure(c->text, "some");
	ret[7] = read_pressure(c->text, "full");
}

static void read_all(struct counting *c, double *ret)
{
	counters_usage(USAGE_PROCESS, ret + ROW_USAGE);
	read_vmstat(c, ret + ROW_VMSTAT);
	read_system(c, ret + ROW_SYSTEM);
}

int counting_open(struct counting **ret)
{
	struct counting *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	*ret = c;
	return 0;
}

void counting_start(struct counting *c)
{
	read_all(c, c->before);
}

void counting_stop(struct counting *c, double ret[COUNTERS_MAX])
{
	for (unsigned int i = 0; i < COUNTERS_MAX; i++)
		ret[i] = NAN;
	read_all(c, ret);
	for (unsigned int i = 0; i < ROWS; i++)
		ret[i] -= c->before[i];
}

void counting_close(struct counting *c)
{
	free(c);
}

void counters_absences(char ret[COUNTERS_MAX][ABSENCE_MAX])
{
	double values[COUNTERS_MAX];
	struct counting *c;

	memset(ret, 0, COUNTERS_MAX * sizeof(ret[0]));
	if (counting_open(&c))
		return;
	counting_start(c);
	counting_stop(c, values);
	counting_close(c);
	for (unsigned int i = 0; i < ROWS; i++)
		if (isnan(values[i]))
			snprintf(ret[i], sizeof(ret[0]), "this kernel does not count it");
}
