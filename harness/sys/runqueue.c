/* SPDX-License-Identifier: MIT */
#include "sys/runqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define TEXT_MAX 96 /* three numbers */

/* "ran waited times": ns, ns, and how often it was given a CPU. */
static int read_waited(int fd, uint64_t *ret_waited_ns, uint64_t *ret_times)
{
	char text[TEXT_MAX], *at;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	text[n] = '\0';
	strtoull(text, &at, 10);
	*ret_waited_ns = strtoull(at, &at, 10);
	*ret_times = strtoull(at, &at, 10);
	return 0;
}

int runqueue_open(void)
{
	int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC), r;
	uint64_t waited_ns, times = 0;

	if (fd < 0)
		return errno == ENOENT ? -ENOTSUP : -errno;
	r = read_waited(fd, &waited_ns, &times);
	/* Whoever runs was given a CPU once: zeros are what a kernel says that does not count. */
	if (!r && !times)
		r = -ENOTSUP;
	if (r) {
		close(fd);
		return r;
	}
	return fd;
}

uint64_t runqueue_waited_ns(int fd)
{
	uint64_t waited_ns = 0, times;

	if (fd >= 0 && read_waited(fd, &waited_ns, &times))
		return 0;
	return waited_ns;
}
