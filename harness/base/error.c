/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include "base/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef error_set
#undef error_set_errno
#undef error_prefix

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return code;
}

int error_set_errno(struct error *err, int code, const char *format, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(-code));
	return code;
}

int error_prefix(struct error *err, int code, const char *format, ...)
{
	char tail[ERROR_TEXT_MAX];
	va_list args;
	size_t used;

	if (!err)
		return code;
	memcpy(tail, err->text, sizeof(tail));
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", tail);
	return code;
}

const char *errno_name(int number)
{
	static _Thread_local char unnamed[32];
	const char *name = strerrorname_np(number < 0 ? -number : number);

	if (name)
		return name;
	snprintf(unnamed, sizeof(unnamed), "errno %d", number < 0 ? -number : number);
	return unnamed;
}

int errno_number(const char *name)
{
	/* Second names of numbers that the C library calls otherwise. */
	static const struct {
		const char *name;
		int number;
	} aliases[] = {
		{ "ENOTSUP", ENOTSUP },
		{ "EWOULDBLOCK", EWOULDBLOCK },
		{ "EDEADLOCK", EDEADLOCK },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(aliases); i++)
		if (strcmp(aliases[i].name, name) == 0)
			return aliases[i].number;
	for (int number = 1; number < 256; number++) {
		const char *known = strerrorname_np(number);

		if (known && strcmp(known, name) == 0)
			return number;
	}
	return 0;
}

const char *signal_name(int number)
{
	static _Thread_local char text[32];
	const char *abbreviation = sigabbrev_np(number);

	if (abbreviation)
		snprintf(text, sizeof(text), "SIG%s", abbreviation);
	else
		snprintf(text, sizeof(text), "signal %d", number);
	return text;
}

int signal_number(const char *name)
{
	if (strncmp(name, "SIG", 3) != 0)
		return 0;
	for (int number = 1; number < NSIG; number++) {
		const char *known = sigabbrev_np(number);

		if (known && strcmp(known, name + 3) == 0)
			return number;
	}
	return 0;
}

void bug_at(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "overmap: BUG at %s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
