# SPDX-License-Identifier: MIT
# In a guest: a run that changes settings is killed together with its guardian, and "overmap restore" puts them
# back; once more, and then the journal is one of an earlier boot, of which only the swap file is left.
cat >steady.yaml <<'END'
scenario: steady
matrix:
  size: [1MiB]
  settings: [{name: tuned, swap.file: 8MiB, hugetlb.2MiB.node1: 3, thp.enabled: always, vm.overcommit_memory: 1,
              vm.overcommit_kbytes: 300000, vm.swappiness: 10}]
steps: [map, touch, unmap]
measure: {for: 300ms}
repetitions: 1000
END

state()
{
	cat /proc/sys/vm/swappiness /proc/sys/vm/overcommit_* /sys/kernel/mm/transparent_hugepage/enabled \
		/sys/devices/system/node/node*/hugepages/hugepages-2048kB/nr_hugepages /proc/swaps
}

# Start a run, wait for its last setting, kill it and its guardian with one signal each while both stand still.
kill_both()
{
	rm -f steady.json*
	overmap run -q -o steady.json steady.yaml >said 2>&1 &
	run=$!
	while [ "$(cat /proc/sys/vm/swappiness)" != 10 ] && kill -0 $run; do usleep 10000; done
	guardian=$(grep -lx overmap-guard /proc/[0-9]*/comm)
	guardian=$(basename "$(dirname "$guardian")")
	kill -STOP $run "$guardian"
	kill -KILL $run "$guardian"
	wait $run 2>/dev/null
	[ "$(state)" != "$before" ] || echo "nothing was changed"
}

before=$(state)
kill_both
overmap restore >restored
echo "restore $?"
[ "$(state)" = "$before" ] && echo "all is as before"
kill_both
swapoff /var/lib/overmap/swap
echo 00000000-0000-4000-8000-000000000000 >/run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
overmap restore >other_boot 2>&1
echo "other boot $?"
[ "$(cat /proc/sys/vm/swappiness)" = 10 ] && echo "another boot's settings are left alone"
[ -e /var/lib/overmap/swap ] || echo "its swap file is gone"
