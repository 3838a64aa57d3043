/* SPDX-License-Identifier: MIT */
/*
 * An error is a negative errno for the program and a sentence for the person: where, what is
 * wrong, and what to do.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#define ERROR_TEXT_MAX 1024

struct error {
	char text[ERROR_TEXT_MAX];
};

/*
 * Write the sentence and return code, so that callers can `return error_set(err, -EINVAL, …)`.
 * code is a negative errno; err may be NULL. Too long a text is cut.
 */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As error_set(), with ": " and strerror(-code) after the sentence. */
int error_set_errno(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "prefix: " before the text that is there already; returns code. */
int error_prefix(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* It sees one file at a time: tell it that these never return 0. */
#define error_set(err, code, ...)       (error_set(err, code, __VA_ARGS__), (code) ? (code) : -1)
#define error_set_errno(err, code, ...) (error_set_errno(err, code, __VA_ARGS__), -1)
#define error_prefix(err, code, ...)    (error_prefix(err, code, __VA_ARGS__), (code) ? (code) : -1)
#endif

/* "ENOMEM" for 12 or -12; "errno 4095" for a number that has no name. Static or thread-local text.
 */
const char *errno_name(int number);

/* The number for "ENOMEM"; 0 for a name that is none. */
int errno_number(const char *name);

/* "SIGBUS" for 7; "signal 99" for a number that has no name. */
const char *signal_name(int number);

/* The number for "SIGBUS"; 0 for a name that is none. */
int signal_number(const char *name);

/* A mistake of the program itself, never of the user: says where, and aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
void bug_at(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

#endif
