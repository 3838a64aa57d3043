/* SPDX-License-Identifier: MIT */
#include "sys/settings_value.h"

#include "base/size.h"
#include "sys/swapspace.h"
#include "sys/sysfile.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* "always [madvise] never" to "madvise"; other texts stay. */
static void chosen_word(const char *raw, char ret[SETTINGS_VALUE_MAX])
{
	const char *open = strchr(raw, '['), *close = open ? strchr(open, ']') : NULL;

	if (close)
		snprintf(ret, SETTINGS_VALUE_MAX, "%.*s", (int)(close - open - 1), open + 1);
	else
		snprintf(ret, SETTINGS_VALUE_MAX, "%.*s", SETTINGS_VALUE_MAX - 1, raw);
}

static int read_plain(const struct setting_place *place, const char *root,
		      char ret[SETTINGS_VALUE_MAX])
{
	char raw[SETTINGS_RAW_MAX];
	int r = sysfile_read(root, place->path, raw, sizeof(raw));

	if (r < 0)
		return r;
	chosen_word(raw, ret);
	return strlen(raw) >= SETTINGS_VALUE_MAX && !strchr(raw, '[') ? -EFBIG : 0;
}

static int read_inverted(const struct setting_place *place, const char *root,
			 char ret[SETTINGS_VALUE_MAX])
{
	int r = read_plain(place, root, ret);

	if (!r)
		snprintf(ret, SETTINGS_VALUE_MAX, "%d", strcmp(ret, "0") == 0);
	return r;
}

static int read_pair(const struct setting_place *place, const char *root,
		     char ret[SETTINGS_VALUE_MAX])
{
	char first[40], second[40];
	int r = sysfile_read(root, place->path, first, sizeof(first));

	if (r >= 0)
		r = sysfile_read(root, place->twin, second, sizeof(second));
	if (r < 0)
		return r;
	snprintf(ret, SETTINGS_VALUE_MAX, "%s %s", first, second);
	return 0;
}

/* The kernel counts surplus pages among nr_hugepages; only the rest is what was written. */
static int read_pool(const struct setting_place *place, const char *root,
		     char ret[SETTINGS_VALUE_MAX])
{
	char path[SETTING_PATH_MAX], text[40];
	const char *slash = strrchr(place->path, '/');
	unsigned long long total, surplus = 0;
	int r = sysfile_read(root, place->path, text, sizeof(text));

	if (r < 0)
		return r;
	total = strtoull(text, NULL, 10);
	snprintf(path, sizeof(path), "%.*s/surplus_hugepages", (int)(slash - place->path),
		 place->path);
	if (sysfile_read(root, path, text, sizeof(text)) > 0)
		surplus = strtoull(text, NULL, 10);
	snprintf(ret, SETTINGS_VALUE_MAX, "%llu", total > surplus ? total - surplus : 0);
	return 0;
}

static int swap_text(int r, enum swap_state state, uint64_t bytes, char ret[SETTINGS_VALUE_MAX])
{
	if (r)
		return r;
	if (state == SWAP_ABSENT)
		snprintf(ret, SETTINGS_VALUE_MAX, "none");
	else if (state == SWAP_UNUSED)
		snprintf(ret, SETTINGS_VALUE_MAX, "unused");
	else
		bytes_format_exact(bytes, ret, SETTINGS_VALUE_MAX);
	return 0;
}

static int read_swap_file(const struct setting_place *place, const char *root,
			  char ret[SETTINGS_VALUE_MAX])
{
	enum swap_state state = SWAP_ABSENT;
	uint64_t bytes = 0;
	int r = swap_file_state(place->path, &state, &bytes);

	(void)root;
	return swap_text(r, state, bytes, ret);
}

static int read_zram(const struct setting_place *place, const char *root,
		     char ret[SETTINGS_VALUE_MAX])
{
	enum swap_state state = SWAP_ABSENT;
	uint64_t bytes = 0;
	int r = swap_zram_state(place->path, &state, &bytes);

	(void)root;
	return swap_text(r, state, bytes, ret);
}

static int write_file(const char *name, const char *root, const char *path, const char *text,
		      struct error *err)
{
	int r = sysfile_write(root, path, text);

	if (r == -EINVAL || r == -ERANGE)
		return error_set(err, r, "%s: the kernel does not take the value %s", name, text);
	if (r)
		return error_set_errno(err, r, "%s: cannot write %s to %s", name, text, path);
	return 0;
}

static int write_plain(const struct setting_place *place, const char *root, const char *value,
		       struct error *err)
{
	return write_file(place->name, root, place->path, value, err);
}

static int write_inverted(const struct setting_place *place, const char *root, const char *value,
			  struct error *err)
{
	return write_file(place->name, root, place->path, strcmp(value, "0") ? "0" : "1", err);
}

/* The one that is not 0 is written; the kernel zeroes the other. */
static int write_pair(const struct setting_place *place, const char *root, const char *value,
		      struct error *err)
{
	char component[SETTINGS_VALUE_MAX];

	setting_pair_component(value, 1, component);
	if (strcmp(component, "0") != 0)
		return write_file(place->name, root, place->twin, component, err);
	setting_pair_component(value, 0, component);
	return write_file(place->name, root, place->path, component, err);
}

/* Another size is another swap space: the old one goes first. */
static int write_swap_file(const struct setting_place *place, const char *root, const char *value,
			   struct error *err)
{
	uint64_t bytes;
	int r = swap_file_remove(place->path);

	(void)root;
	if (r)
		return error_set_errno(err, r, "%s: cannot take %s away", place->name, place->path);
	if (strcmp(value, "none") == 0)
		return 0;
	r = swap_bytes_parse(value, &bytes, err);
	return r ? r : swap_file_make(place->path, bytes, err);
}

static int write_zram(const struct setting_place *place, const char *root, const char *value,
		      struct error *err)
{
	bool added = place->kind == SETTING_ZRAM_ADDED;
	uint64_t bytes;
	int r = swap_zram_remove(place->path, added);

	(void)root;
	if (r)
		return error_set_errno(err, r, "%s: cannot reset %s", place->name, place->path);
	if (strcmp(value, "none") == 0)
		return 0;
	r = swap_bytes_parse(value, &bytes, err);
	return r ? r : swap_zram_make(place->path, bytes, err);
}

static int file_writable(const struct setting_place *place, const char *root)
{
	return sysfile_writable(root, place->path);
}

static int pair_writable(const struct setting_place *place, const char *root)
{
	int r = sysfile_writable(root, place->path);

	return r ? r : sysfile_writable(root, place->twin);
}

/* swapon(2) asks for it. */
static int swap_allowed(const struct setting_place *place, const char *root)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	(void)place;
	(void)root;
	if (syscall(SYS_capget, &header, data))
		return -errno;
	return data[0].effective & 1u << CAP_SYS_ADMIN ? 0 : -EPERM;
}

static const struct {
	int (*read)(const struct setting_place *, const char *root, char ret[SETTINGS_VALUE_MAX]);
	int (*write)(const struct setting_place *, const char *root, const char *value,
		     struct error *err);
	int (*writable)(const struct setting_place *, const char *root);
} kinds[SETTING_KINDS] = {
	[SETTING_PLAIN] = { read_plain, write_plain, file_writable },
	[SETTING_INVERTED] = { read_inverted, write_inverted, file_writable },
	[SETTING_PAIR] = { read_pair, write_pair, pair_writable },
	[SETTING_POOL] = { read_pool, write_plain, file_writable },
	[SETTING_SWAP_FILE] = { read_swap_file, write_swap_file, swap_allowed },
	[SETTING_ZRAM] = { read_zram, write_zram, swap_allowed },
	[SETTING_ZRAM_ADDED] = { read_zram, write_zram, swap_allowed },
	[SETTING_ACTION] = { NULL, write_plain, file_writable },
};

int setting_value_read(const struct setting_place *place, const char *root,
		       char ret[SETTINGS_VALUE_MAX])
{
	return kinds[place->kind].read ? kinds[place->kind].read(place, root, ret) : -EINVAL;
}

int setting_value_write(const struct setting_place *place, const char *root, const char *value,
			struct error *err)
{
	return kinds[place->kind].write(place, root, value, err);
}

int setting_value_writable(const struct setting_place *place, const char *root)
{
	return kinds[place->kind].writable(place, root);
}

void setting_pair_component(const char *value, unsigned int i, char ret[SETTINGS_VALUE_MAX])
{
	size_t first = strcspn(value, " ");
	const char *from = i == 0 ? value : value[first] ? value + first + 1 : "0";
	size_t length = i == 0 ? first : strlen(from);

	memmove(ret, from, length); /* ret may be value */
	ret[length] = '\0';
}
