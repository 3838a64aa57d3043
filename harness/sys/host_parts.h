/* SPDX-License-Identifier: MIT */
/* The files that read a part of the host each, from below a root folder. */
#ifndef SYS_HOST_PARTS_H
#define SYS_HOST_PARTS_H

#include "sys/host.h"

#define HOST_NODES "/sys/devices/system/node"
#define HOST_CPUS  "/sys/devices/system/cpu"

/* A number that may be missing: 0 then. */
uint64_t host_file_number(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define HOST_MEMINFO_MAX 16384 /* the text of a meminfo file, of the machine or of a node */

/* The amount on the line of such a text that begins with key ("MemFree:"); 0: no such line. */
uint64_t host_meminfo_bytes(const char *text, const char *key);

/* CPUs, cores, last-level cache, bits of an address. status: /proc/self/status. */
void host_read_cpus(const char *root, const char *status, struct host *h);

/*
 * The NUMA nodes, and again what changes of them; without CONFIG_NUMA all is node 0. After the
 * CPUs and the memory of the machine.
 */
void host_read_nodes(const char *root, struct host *h);
void host_refresh_nodes(const char *root, struct host *h);

/* Pools of huge pages: all of them, and again what changes while the kernel counts any page. */
void host_read_pools(const char *root, struct host *h);
void host_refresh_pools(const char *root, struct host *h, bool any_pages);

/* Transparent huge pages; nothing where the kernel has none. */
void host_read_thp(const char *root, struct host *h);

#endif
