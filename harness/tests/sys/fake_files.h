/* SPDX-License-Identifier: MIT */
/* A folder of made-up /proc and /sys files: one more file, and all of it gone. */
#ifndef TESTS_SYS_FAKE_FILES_H
#define TESTS_SYS_FAKE_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* path below root, and its folders. */
static inline void fake_put(const char *root, const char *path, const char *content)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(full, 0755))
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static inline int fake_remove_entry(const char *path, const struct stat *st, int kind,
				    struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

/* The folder and all in it. */
static inline int fake_clear(const char *folder)
{
	return nftw(folder, fake_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
