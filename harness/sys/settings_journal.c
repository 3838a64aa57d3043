/* SPDX-License-Identifier: MIT */
#include "sys/settings_journal.h"

#include "base/clock.h"
#include "base/file.h"
#include "sys/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define JOURNAL_NAME "journal"
#define LOCK_NAME    "lock"
#define MAGIC        "overmap settings journal 1"
#define ENTRY_MAX    1024 /* an entry: two values, a name and a path */
#define FIELDS_MAX   8

void settings_journal_init(struct settings_journal *j, const char *directory)
{
	memset(j, 0, sizeof(*j));
	snprintf(j->directory, sizeof(j->directory), "%s", directory ? directory : JOURNAL_FOLDER);
	j->folder = j->lock = j->file = -1;
}

static int open_folder(struct settings_journal *j, bool make, struct error *err)
{
	struct stat st;

	if (make && mkdir(j->directory, 0700) && errno != EEXIST)
		return error_set_errno(err, -errno, "cannot make the folder %s for the journal",
				       j->directory);
	j->folder = open(j->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (j->folder < 0 && errno == EACCES)
		return error_set(
			err, -EACCES,
			"only root may look into %s: whoever can open its lock can hold it",
			j->directory);
	if (j->folder < 0 || fstat(j->folder, &st))
		return error_set_errno(err, -errno, "cannot open %s", j->directory);
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return error_set(err, -EPERM,
				 "%s must belong to root, and nobody else may write it",
				 j->directory);
	return 0;
}

static int lock_bytes(int fd, short type, int command, off_t start, off_t length)
{
	struct flock lock = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	while (fcntl(fd, command, &lock)) {
		if (errno != EINTR)
			return -errno;
	}
	return lock.l_type == F_UNLCK ? 0 : lock.l_pid > 0 ? lock.l_pid : 1;
}

/* "pid 123 (overmap run x.yaml)" */
static void describe_process(pid_t pid, char *ret, size_t length)
{
	char path[64], command[160];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, command, sizeof(command) - 1);
		close(fd);
	}
	for (ssize_t i = 0; i + 1 < n; i++) {
		if ((unsigned char)command[i] < ' ')
			command[i] = ' ';
	}
	command[n > 0 ? n : 0] = '\0';
	snprintf(ret, length, "pid %d (%s)", (int)pid,
		 n > 0 ? command : "of another pid namespace");
}

static int take_lock(struct settings_journal *j, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	uint64_t deadline = clock_now_ns() + 5000000000u;
	char holder[200];

	for (;;) {
		int r = lock_bytes(j->lock, F_WRLCK, F_SETLK, 0, 2);
		pid_t supervisor;

		if (r != -EAGAIN && r != -EACCES)
			return r < 0 ? error_set_errno(err, r, "cannot lock %s/" LOCK_NAME,
						       j->directory)
				     : 0;
		supervisor = lock_bytes(j->lock, F_WRLCK, F_GETLK, 0, 1);
		if (supervisor > 0 || clock_now_ns() > deadline) {
			if (supervisor <= 0)
				supervisor = lock_bytes(j->lock, F_WRLCK, F_GETLK, 1, 1);
			describe_process(supervisor, holder, sizeof(holder));
			return error_set(err, -EBUSY,
					 "another run holds the system's settings: %s; wait for it "
					 "or end it",
					 holder);
		}
		nanosleep(&pause, NULL);
	}
}

static int open_lock(struct settings_journal *j, struct error *err)
{
	j->lock = openat(j->folder, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (j->lock < 0)
		return error_set_errno(err, -errno, "cannot open %s/" LOCK_NAME, j->directory);
	return 0;
}

int settings_journal_lock(struct settings_journal *j, bool make, struct error *err)
{
	int r = open_folder(j, make, err);

	if (!r)
		r = open_lock(j, err);
	return r ? r : take_lock(j, err);
}

int settings_journal_holder(struct settings_journal *j, char *ret, size_t length, struct error *err)
{
	int r = open_folder(j, false, err);
	pid_t pid;

	if (!r)
		r = open_lock(j, err);
	if (r)
		return r;
	pid = lock_bytes(j->lock, F_WRLCK, F_GETLK, 0, 2);
	ret[0] = '\0';
	if (pid > 0)
		describe_process(pid, ret, length);
	return 0;
}

int settings_journal_yield(struct settings_journal *j)
{
	int r = lock_bytes(j->lock, F_UNLCK, F_SETLK, 1, 1);

	return r < 0 ? r : 0;
}

int settings_journal_share(struct settings_journal *j)
{
	int r = lock_bytes(j->lock, F_WRLCK, F_SETLKW, 1, 1);

	return r < 0 ? r : 0;
}

static void boot_id(char ret[64])
{
	if (sysfile_read(NULL, "/proc/sys/kernel/random/boot_id", ret, 64) < 0)
		snprintf(ret, 64, "unknown");
}

/* Whole lines at the end of the file, durable before we go on. A part of a line is taken back. */
static int append(struct settings_journal *j, const char *line, bool wait)
{
	off_t end = lseek(j->file, 0, SEEK_END);
	int r = end < 0 ? -errno : file_write(j->file, line, strlen(line));

	if (!r && wait && fsync(j->file))
		r = -errno;
	if (r && end >= 0 && ftruncate(j->file, end))
		return r;
	return r;
}

int settings_journal_create(struct settings_journal *j, struct error *err)
{
	char line[ENTRY_MAX], boot[64], command[200];
	int r;

	boot_id(boot);
	describe_process(getpid(), command, sizeof(command));
	snprintf(line, sizeof(line), MAGIC "\t%s\t%s\n", boot, command);
	j->file = openat(j->folder, JOURNAL_NAME,
			 O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = j->file < 0 ? -errno : append(j, line, true);
	if (!r && fsync(j->folder))
		r = -errno;
	if (r) {
		if (j->file >= 0)
			unlinkat(j->folder, JOURNAL_NAME, 0);
		return error_set_errno(err, r, "cannot write the journal %s/" JOURNAL_NAME,
				       j->directory);
	}
	j->header_bytes = lseek(j->file, 0, SEEK_END);
	return 0;
}

int settings_journal_note(struct settings_journal *j, const struct setting_place *place,
			  const char *old, const char *fresh, struct error *err)
{
	char line[ENTRY_MAX];
	int r;

	snprintf(line, sizeof(line), "set\t%llu\t%s\t%s\t%s\t%s\t%s\n",
		 (unsigned long long)++j->sequence, setting_kind_name(place->kind), place->name,
		 place->path, old, fresh);
	r = append(j, line, true);
	if (r)
		return error_set_errno(err, r,
				       "%s: not set, since the journal %s/" JOURNAL_NAME
				       " cannot be written",
				       place->name, j->directory);
	return 0;
}

void settings_journal_got(struct settings_journal *j, const struct setting_place *place,
			  const char *value)
{
	char line[ENTRY_MAX];

	snprintf(line, sizeof(line), "got\t%llu\t%s\t%s\n", (unsigned long long)++j->sequence,
		 place->path, value);
	append(j, line, false);
}

void settings_journal_empty(struct settings_journal *j)
{
	if (ftruncate(j->file, j->header_bytes) == 0)
		fsync(j->file);
}

static unsigned int split(char *line, char *ret[FIELDS_MAX])
{
	unsigned int n = 0;

	while (line && n < FIELDS_MAX)
		ret[n++] = strsep(&line, "\t");
	return n;
}

/* Root wrote the file; all the same nothing but these is ever written because of it. */
static bool place_allowed(const struct setting_place *place)
{
	if (place->kind == SETTING_SWAP_FILE)
		return place->path[0] == '/';
	if (place->kind == SETTING_ZRAM || place->kind == SETTING_ZRAM_ADDED)
		return strncmp(place->path, "/dev/zram", 9) == 0;
	if (place->kind == SETTING_PAIR && !place->twin)
		return false;
	return strncmp(place->path, "/proc/sys/", 10) == 0 || strncmp(place->path, "/sys/", 5) == 0;
}

static int take_entry(struct settings_journal *j, char **field, unsigned int n,
		      struct undo_list *list)
{
	struct setting_place place = { 0 };
	int kind;

	if (n >= 2)
		j->sequence = strtoull(field[1], NULL, 10);
	if (n == 4 && strcmp(field[0], "got") == 0) {
		undo_got(list, field[2], field[3]);
		return 0;
	}
	kind = n == 7 ? setting_kind_find(field[2]) : -EINVAL;
	if (kind < 0 || kind >= SETTING_ACTION || strcmp(field[0], "set") != 0)
		return -EBADMSG;
	place.kind = (enum setting_kind)kind;
	snprintf(place.name, sizeof(place.name), "%s", field[3]);
	snprintf(place.path, sizeof(place.path), "%s", field[4]);
	place.twin = setting_pair_twin(place.path);
	if (!place_allowed(&place))
		return -EBADMSG;
	return undo_note(list, &place, field[5], field[6]);
}

static int take_header(char **field, unsigned int n, bool *ret_other_boot)
{
	char boot[64];

	if (n < 2 || strcmp(field[0], MAGIC) != 0)
		return -EBADMSG;
	boot_id(boot);
	*ret_other_boot = strcmp(boot, field[1]) != 0;
	return 0;
}

static int take_line(struct settings_journal *j, char *line, bool first, struct undo_list *list,
		     bool *ret_other_boot)
{
	char *field[FIELDS_MAX];
	unsigned int n = split(line, field);

	return first ? take_header(field, n, ret_other_boot) : take_entry(j, field, n, list);
}

/* Line by line through a buffer of fixed size: there may be no memory to be had. */
static int load_lines(struct settings_journal *j, struct undo_list *list, bool *ret_other_boot)
{
	char buffer[4 * ENTRY_MAX];
	size_t used = 0;
	bool first = true;
	int r = lseek(j->file, 0, SEEK_SET) < 0 ? -errno : 0;

	while (!r) {
		ssize_t n = read(j->file, buffer + used, sizeof(buffer) - used);
		char *line = buffer, *end;

		if (n <= 0)
			return n < 0 ? -errno : 0;
		used += (size_t)n;
		while (!r && (end = memchr(line, '\n', used - (size_t)(line - buffer)))) {
			*end = '\0';
			r = take_line(j, line, first, list, ret_other_boot);
			if (first)
				j->header_bytes = end + 1 - buffer;
			first = false;
			line = end + 1;
		}
		used -= (size_t)(line - buffer);
		memmove(buffer, line, used);
		if (!r && used == sizeof(buffer))
			r = -EBADMSG;
	}
	return r;
}

int settings_journal_load(struct settings_journal *j, struct undo_list *ret, bool *ret_other_boot,
			  struct error *err)
{
	int r;

	ret->n = 0;
	*ret_other_boot = false;
	if (j->file < 0)
		j->file = openat(j->folder, JOURNAL_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (j->file < 0)
		return error_set_errno(err, -errno, "%s/" JOURNAL_NAME, j->directory);
	r = load_lines(j, ret, ret_other_boot);
	if (r == -EBADMSG)
		return error_set(err, r, "%s/" JOURNAL_NAME ": is no journal of settings",
				 j->directory);
	return r ? error_set_errno(err, r, "%s/" JOURNAL_NAME, j->directory) : 0;
}

int settings_journal_remove(struct settings_journal *j)
{
	if (unlinkat(j->folder, JOURNAL_NAME, 0) && errno != ENOENT)
		return -errno;
	if (j->file >= 0)
		close(j->file);
	j->file = -1;
	return 0;
}

int settings_journal_set_aside(struct settings_journal *j, char *ret_name, size_t length)
{
	char name[64];

	snprintf(name, sizeof(name), JOURNAL_NAME ".%llu",
		 (unsigned long long)(clock_realtime_ns() / 1000000000u));
	if (renameat(j->folder, JOURNAL_NAME, j->folder, name))
		return -errno;
	snprintf(ret_name, length, "%s/%s", j->directory, name);
	if (j->file >= 0)
		close(j->file);
	j->file = -1;
	return 0;
}

void settings_journal_close(struct settings_journal *j)
{
	if (j->file >= 0)
		close(j->file);
	if (j->lock >= 0)
		close(j->lock);
	if (j->folder >= 0)
		close(j->folder);
	j->folder = j->lock = j->file = -1;
}
