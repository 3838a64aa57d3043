# SPDX-License-Identifier: MIT
# In a guest: more is touched than the repetitions' control group may have; the same without a group, and with swap.
cat >limited.yaml <<'END'
scenario: limited
summary: More than memory.max, and less.
matrix: {size: [16MiB, 128MiB], hugepages: none}
may_oom: true
steps: [map, {touch: {access: write}}]
repetitions: 3
END
overmap run -q --max-memory 64MiB -o limited.json limited.yaml >said 2>&1
echo "limited $?"
overmap run -q --max-memory 64MiB --no-cgroup -o unlimited.json limited.yaml >>said 2>&1
echo "unlimited $?"
overmap run -q --max-memory 64MiB --set swap.file=128MiB -o swapped.json limited.yaml >>said 2>&1
echo "swapped $?"
ls -d /sys/fs/cgroup/overmap* 2>/dev/null
dmesg | grep -c constraint=CONSTRAINT_MEMCG
cat said >&2
