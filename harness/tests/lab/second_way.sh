# SPDX-License-Identifier: MIT
# In a guest: run a scenario and look from outside, in /proc/PID/numa_maps, where the pages of its
# repetitions are. A line each: policy, then N0=… for each node, of mappings that are wholly resident.
overmap run -q -o held.json /scenarios/held.yaml 2>said &
run=$!
while kill -0 $run 2>/dev/null; do
	cat /proc/[0-9]*/numa_maps 2>/dev/null |
		awk '/ anon=4096 / { line = $2; for (i = 3; i <= NF; i++) if ($i ~ /^N[0-9]+=/) line = line " " $i; print line }'
	sleep 0.1
done | sort | uniq -c >numa_maps
wait $run
echo $? >status
dmesg | grep -c constraint=CONSTRAINT_MEMORY_POLICY >constrained # what ran before, bound to a full node
