# SPDX-License-Identifier: MIT
# In a guest: the kernel's rules against its own kernel, and memory that ends with a whole control group.
mkdir -p /files
mount -t ramfs ramfs /files # /tmp is tmpfs, and that is charged page by page
echo 2000 >/proc/sys/vm/max_map_count
TMPDIR=/files OVERMAP_PROPERTY_REQUESTS=$requests test_check >property.out 2>&1
echo "property $?"
cp /files/*.yaml . 2>/dev/null
cat >resident.yaml <<'END'
scenario: resident
summary: How much of a mapping can be touched where the control group has 64 MiB.
find: resident
may_oom: true
matrix: {size: 128MiB, hugepages: none}
expect: model
repetitions: 2
END
overmap run -q --max-memory 64MiB -o resident.json resident.yaml >said 2>&1
echo "resident $?"
cat said >&2
