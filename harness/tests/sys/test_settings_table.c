/* SPDX-License-Identifier: MIT */
/* Names to places, and texts to values, on a machine made of plain files. */
#include "tests/sys/fake_root.h"

#include "base/cleanup.h"
#include "sys/settings_value.h"

static const struct {
	const char *name;
	int n;            /* places, or −errno */
	const char *path; /* of the last one */
	const char *value;
} names[] = {
	{ "vm.swappiness", 1, "/proc/sys/vm/swappiness", "60" },
	{ "vm.lowmem_reserve_ratio", 1, "/proc/sys/vm/lowmem_reserve_ratio", "256 256 32 0 0" },
	{ "vm.overcommit_kbytes", 1, "/proc/sys/vm/overcommit_ratio", "50 0" },
	{ "vm.overcommit_ratio", 1, "/proc/sys/vm/overcommit_ratio", "50 0" },
	{ "vm.nr_hugepages", 2,
	  "/sys/devices/system/node/node2/hugepages/hugepages-2048kB/nr_hugepages", "0" },
	{ "hugetlb.2MiB", 2,
	  "/sys/devices/system/node/node2/hugepages/hugepages-2048kB/nr_hugepages", "0" },
	{ "hugetlb.2MiB.node0", 1,
	  "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages", "3" },
	{ "thp.enabled", 1, "/sys/kernel/mm/transparent_hugepage/enabled", "madvise" },
	{ "thp.64KiB.enabled", 1, "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled",
	  "never" },
	{ "thp.64kB.enabled", 1, "/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled",
	  "never" },
	{ "thp.khugepaged.defrag", 1, "/sys/kernel/mm/transparent_hugepage/khugepaged/defrag",
	  "1" },
	{ "zswap.enabled", 1, "/sys/module/zswap/parameters/enabled", "N" },
	{ "cpu.governor", 2, "/sys/devices/system/cpu/cpufreq/policy4/scaling_governor",
	  "powersave" },
	{ "cpu.turbo", 1, "/sys/devices/system/cpu/intel_pstate/no_turbo", "1" },

	{ "hugetlb.1GiB", -ENOENT, NULL, NULL },
	{ "hugetlb.2MiB.node1", -ENOENT, NULL, NULL },
	{ "vm.swapiness", -ENOENT, NULL, NULL },
	{ "ksm.run", -ENOENT, NULL, NULL },
	{ "thp.128KiB.enabled", -ENOENT, NULL, NULL },
	{ "vm.nr_hugepages_mempolicy", -EINVAL, NULL, NULL },
	{ "vm.drop_caches", -EINVAL, NULL, NULL },
	{ "hugetlb.2M", -EINVAL, NULL, NULL },
	{ "vm...", -EINVAL, NULL, NULL },
	{ "vm./etc", -EINVAL, NULL, NULL },
	{ "vm.a/b", -EINVAL, NULL, NULL },
	{ "kernel.core_pattern", -EINVAL, NULL, NULL },
	{ "swappiness", -EINVAL, NULL, NULL },
	{ "", -EINVAL, NULL, NULL },
};

static void test_places(void **state)
{
	const struct fake_root *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		struct setting_place places[8];
		char value[SETTINGS_VALUE_MAX];
		struct error err = { "" };
		int n = setting_places(f->root, names[i].name, places, 8, &err);

		if (n != names[i].n)
			fail_msg("%s: %d places, not %d (%s)", names[i].name, n, names[i].n,
				 err.text);
		if (n < 0) {
			assert_true(err.text[0]);
			continue;
		}
		assert_string_equal(places[n - 1].path, names[i].path);
		assert_int_equal(setting_value_read(&places[n - 1], f->root, value), 0);
		assert_string_equal(value, names[i].value);
	}
}

static const struct {
	const char *name, *text;
	int r;
	const char *value;
} values[] = {
	{ "vm.swappiness", "10", 0, "10" },
	{ "vm.swappiness", "010", -EINVAL, NULL }, /* the kernel would read 8 */
	{ "vm.swappiness", "ten", -EINVAL, NULL },
	{ "vm.swappiness", "", -EINVAL, NULL },
	{ "vm.swappiness", "1\n2", -EINVAL, NULL },
	{ "vm.lowmem_reserve_ratio", " 1  2\t3 4 5 ", 0, "1 2 3 4 5" },
	{ "vm.overcommit_ratio", "80", 0, "80 0" },
	{ "vm.overcommit_kbytes", "80", 0, "0 80" },
	{ "vm.overcommit_kbytes", "80kB", -EINVAL, NULL },
	{ "thp.enabled", "always", 0, "always" },
	{ "thp.enabled", "alway", -EINVAL, NULL },
	{ "thp.enabled", "always madvise", -EINVAL, NULL },
	{ "thp.enabled", "[madvise]", -EINVAL, NULL },
	{ "thp.64KiB.enabled", "inherit", 0, "inherit" },
	{ "zswap.enabled", "on", 0, "Y" },
	{ "zswap.enabled", "0", 0, "N" },
	{ "zswap.enabled", "maybe", -EINVAL, NULL },
	{ "cpu.turbo", "off", 0, "0" },
	{ "cpu.governor", "performance", 0, "performance" },
	{ "hugetlb.2MiB", "512", 0, "512" },
	{ "hugetlb.2MiB", "1GiB", -EINVAL, NULL },
	{ "hugetlb.2MiB", "-1", -EINVAL, NULL },
	{ "swap.file", "none", 0, "none" },
	{ "swap.file", "1GiB", 0, "1GiB" },
	{ "swap.file", "1024MiB", 0, "1GiB" },
	{ "swap.file", "4KiB", -EINVAL, NULL },
	{ "swap.file", "50% ram", -EINVAL, NULL },
	{ "swap.file", "1024", -EINVAL, NULL },
	{ "drop_caches", "3", 0, "3" },
	{ "drop_caches", "all", -EINVAL, NULL },
};

static void test_values(void **state)
{
	const struct fake_root *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
		struct setting_place places[8];
		char value[SETTINGS_VALUE_MAX] = "untouched";
		struct error err = { "" };
		int r;

		assert_true(setting_places(f->root, values[i].name, places, 8, &err) > 0);
		r = setting_value_parse(&places[0], f->root, values[i].text, value, &err);
		if (r != values[i].r)
			fail_msg("%s=%s: %d, not %d (%s)", values[i].name, values[i].text, r,
				 values[i].r, err.text);
		if (r)
			assert_non_null(strstr(err.text, values[i].name));
		assert_string_equal(value, r ? "untouched" : values[i].value);
	}
}

/* A link at any depth is refused, and what it leads to stays as it was. */
static void test_links(void **state)
{
	const struct fake_root *f = *state;
	struct setting_place place = { .kind = SETTING_PLAIN, .name = "vm.swappiness" };
	char victim[96], link[160];
	struct error err;

	fake_file(f, "/victim", "untouched");
	snprintf(victim, sizeof(victim), "%s/victim", f->root);
	snprintf(link, sizeof(link), "%s/proc/sys/vm/link", f->root);
	assert_int_equal(symlink(victim, link), 0);
	strcpy(place.path, "/proc/sys/vm/link");
	assert_int_equal(setting_value_write(&place, f->root, "1", &err), -ELOOP);

	snprintf(link, sizeof(link), "%s/proc/sys/link", f->root);
	assert_int_equal(symlink("vm", link), 0);
	strcpy(place.path, "/proc/sys/link/swappiness");
	assert_true(setting_value_write(&place, f->root, "1", &err) < 0);

	strcpy(place.path, "/proc/sys/../sys/vm/swappiness");
	assert_int_equal(setting_value_write(&place, f->root, "1", &err), -EINVAL);
	fake_expect(f, "/victim", "untouched");
	fake_expect(f, "/proc/sys/vm/swappiness", "60");
}

/* On the system itself only files of proc and sysfs are ever opened. */
static void test_other_file_systems(void **state)
{
	const struct fake_root *f = *state;
	struct setting_place place = { .kind = SETTING_PLAIN, .name = "x" };
	struct error err;

	fake_file(f, "/victim", "untouched");
	snprintf(place.path, sizeof(place.path), "%s/victim", f->root);
	assert_int_equal(setting_value_write(&place, "", "1", &err), -EXDEV);
	fake_expect(f, "/victim", "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_places, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_values, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_links, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(test_other_file_systems, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
