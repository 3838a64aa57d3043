# SPDX-License-Identifier: MIT
# In a guest: the unit suite where there are counters, and runs of one who may see user mode only, or nothing.
/bin/test_perf >test_perf.out 2>&1
echo "test_perf $?"
mkdir -p /etc
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
cat >/tmp/permitted.yaml <<'END'
scenario: permitted
matrix: {size: 4MiB, hugepages: none}
setup: [map]
steps: [touch]
measure: {perf: [cycles, 'cycles:k', page_faults, context-switches]}
repetitions: 1
END
for paranoid in 3 2; do
	echo $paranoid >/proc/sys/kernel/perf_event_paranoid
	su -s /bin/sh nobody -c "overmap run -q -o /tmp/paranoid-$paranoid.json /tmp/permitted.yaml" >>said 2>&1
	echo "paranoid $paranoid: $?"
	cp /tmp/paranoid-$paranoid.json .
done
