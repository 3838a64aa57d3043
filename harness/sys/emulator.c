/* SPDX-License-Identifier: MIT */
#include "sys/emulator.h"

#include "base/file.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* CPUID leaf 1, ECX bit 31: a hypervisor; it names itself in leaf 0x40000000, EBX, ECX, EDX. */
bool emulator_present(void)
{
	unsigned int a, b, c, d, name[3];

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 31))
		return false;
	__cpuid(0x40000000, a, name[0], name[1], name[2]);
	return memcmp(name, "TCGTCGTCGTCG", sizeof(name)) == 0;
}
#else
/* No instruction tells on aarch64; what starts the guest can put it into the command line. */
bool emulator_present(void)
{
	char line[4096];

	return file_read("/proc/cmdline", line, sizeof(line)) >= 0 &&
	       strstr(line, "overmap.emulated");
}
#endif
