/* SPDX-License-Identifier: MIT */
/* TLB shootdowns of machines with few CPUs and many. */
#include "sys/interrupts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static double of_file(FILE *file)
{
	double sum;

	assert_int_equal(fflush(file), 0);
	sum = interrupts_shootdowns(fileno(file));
	/* From the start each time, wherever the last reader left it. */
	assert_true(isnan(sum) || interrupts_shootdowns(fileno(file)) == sum);
	fclose(file);
	return sum;
}

static void test_texts(void **state)
{
	static const struct {
		const char *text;
		double sum; /* NaN: none */
	} vectors[] = {
		{ "", NAN },
		{ "           CPU0       CPU1\n  0:   3   0  IO-APIC  2-edge  timer\n", NAN },
		{ "  0:   3   0  timer\nTLB:   12   30   TLB shootdowns\nTRM:  1  2\n", 42 },
		{ " TLB:   12   30   TLB shootdowns\n", 42 },
		{ "TLB:   12   30   TLB shootdowns", 42 },
		{ "TLB:  5  0\n", 5 },
		{ "TLB:  5  7", 12 },
		{ "TL\nTLB:  5  7\n", 12 },
		{ "NMI:  1  TLB: 9\nXTLB: 9\n", NAN },
		{ "TLB:\n", 0 },
		{ "TLB: 4294967296 4294967296 TLB shootdowns\n", 8589934592 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		FILE *file = tmpfile();
		double sum;

		assert_non_null(file);
		fputs(vectors[i].text, file);
		sum = of_file(file);
		if (isnan(sum) != isnan(vectors[i].sum) || (!isnan(sum) && sum != vectors[i].sum))
			fail_msg("vector %zu: %g, not %g", i, sum, vectors[i].sum);
	}
}

/* 4096 CPUs: the line alone is 45 KB, and behind megabytes of others. */
static void test_many_cpus(void **state)
{
	static const unsigned int counts[] = { 64, 256, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		FILE *file = tmpfile();

		assert_non_null(file);
		for (unsigned int line = 0; line < 80; line++) {
			fprintf(file, "%3u:", line);
			for (unsigned int cpu = 0; cpu < counts[i]; cpu++)
				fprintf(file, " %10u", line * cpu);
			fprintf(file, "  IR-PCI-MSI  %u-edge  nvme0q%u\n", line, line);
		}
		fprintf(file, "TLB:");
		for (unsigned int cpu = 0; cpu < counts[i]; cpu++)
			fprintf(file, " %10u", cpu);
		fprintf(file, "   TLB shootdowns\nTRM:          7\n");
		assert_true(of_file(file) == (double)counts[i] * (counts[i] - 1) / 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_many_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
