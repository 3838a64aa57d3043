#!/bin/sh
# SPDX-License-Identifier: MIT
# time limit: 300 s
# Settings as an axis and by --set: applied, put back, and put back when the run is killed.
. "$(dirname "$0")/lib.sh"

need_root "settings" || exit 0
"$OVERMAP" restore >/dev/null

state()
{
	cat /proc/sys/vm/overcommit_memory /proc/sys/vm/overcommit_ratio \
		/proc/sys/vm/overcommit_kbytes /proc/sys/vm/swappiness /proc/sys/vm/min_free_kbytes
	cat /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null
	cat /sys/devices/system/node/node*/hugepages/hugepages-2048kB/nr_hugepages 2>/dev/null
	cat /proc/swaps
	grep CommitLimit /proc/meminfo
}
before=$(state)
echo "$before" >"$work/before"

cat >"$work/settings.yaml" <<'EOF'
scenario: settings
matrix:
  size: [1MiB]
  settings:
    - {name: stock}
    - {name: tuned, vm.overcommit_memory: 1, vm.overcommit_kbytes: 8000000, vm.swappiness: 10}
    - {name: pages, thp.enabled: always, hugetlb.2MiB.node0: 4}
    - {name: swap, swap.file: 16MiB}
steps: [map, touch, unmap]
measure: {for: 5ms}
expect: ok
repetitions: 30
EOF

sed 's/repetitions: 30/repetitions: 2/' "$work/settings.yaml" >"$work/short.yaml"
overmap run -q "$work/short.yaml" -o "$work/r.json"
check_exit "settings are an axis" 0
check "every setting is as before" test "$(state)" = "$before"
ran_cells=$(grep -c '"outcome":"ok"' "$work/r.json")
check "all cells ran" test "$ran_cells" -eq 8

# Swap that is too small takes a part, and the call says that all is well.
cat >"$work/small.yaml" <<'EOF'
scenario: small
matrix: {size: 32MiB, hugepages: none, settings: {name: swap, swap.file: 8MiB}}
steps: [map, {fill: {pattern: random}}, {advise: {advice: pageout}}, unmap]
repetitions: 1
EOF
overmap run -q "$work/small.yaml" -o "$work/r.json"
if grep -q '"outcome":"skipped"' "$work/r.json"; then
	skip "swap that is too small" "no swap file here"
else
	check "swap that is too small: what went out is said" \
		grep -q '"outcome":"degraded".*"detail":"advise: [0-9]* of 8192 pages went out"' "$work/r.json"
fi

# Shared memory too, of which the page table lets go whether a page went out or not.
cat >"$work/shared.yaml" <<'EOF'
scenario: shared
matrix:
  size: 32MiB
  flags: [shared anonymous, shared memfd]
  settings: {name: swap, swap.file: 8MiB}
steps: [map, touch, {advise: {advice: pageout}}, unmap]
repetitions: 1
EOF
cat >"$work/look.py" <<'EOF'
import json, sys
found = json.load(open(sys.argv[1]))["repetitions"]
assert len(found) == 2, found
for r in found:
    m = r["metrics"]
    pages = m["advise.time"] / m["advise.time_per_page"]
    assert r["outcome"] == "degraded" and 1024 < pages < m["vmstat.pswpout"] + 0.5, r
EOF
overmap run -q "$work/shared.yaml" -o "$work/r.json"
if grep -q '"outcome":"skipped"\|cachestat()' "$work/r.json"; then
	skip "shared memory: no more went out than was swapped" "no swap file here, or no cachestat()"
else
	check "shared memory: no more went out than was swapped" \
		/usr/bin/python3 "$work/look.py" "$work/r.json"
fi

# What parent and child write after a fork are copies: the pool has pages for them too.
cat >"$work/fork.yaml" <<'EOF'
scenario: fork
matrix: {size: 8MiB, hugepages: hugetlb 2MiB}
setup: [map, touch]
steps: [fork]
expect: model
repetitions: 1
EOF
overmap run -q "$work/fork.yaml" -o "$work/r.json"
if grep -q '"outcome":"skipped"' "$work/r.json"; then
	skip "a fork of huge pages" "no pool of 8 pages here"
else
	check "a fork of huge pages writes them" \
		grep -q '"outcome":"ok".*"expected":"ok","as_expected":true' "$work/r.json"
fi
check "the pool is as before" test "$(state)" = "$before"

overmap run -q --set vm.swappiness=13 "$work/short.yaml" -o "$work/r.json"
check_exit "--set" 0
check "is in the result" grep -q '"vm.swappiness":"13"' "$work/r.json"
check "and put back" test "$(state)" = "$before"
overmap run -q --set vm.swapiness=13 "$work/short.yaml" -o "$work/x.json"
check_exit "--set of a name that there is not" 2
overmap run -q --set vm.swappiness "$work/short.yaml" -o "$work/x.json"
check_exit "--set without a value" 2
check_err "says how" "vm.swappiness=10"
run setpriv --reuid=65534 --regid=65534 --clear-groups "$OVERMAP" run -q --set vm.swappiness=13 \
	"$work/short.yaml" -o -
check_exit "--set without the right" 4

# --- where nothing can be written -----------------------------------------------------------------

# inside COMMAND…: the run in a mount namespace of its own, after the command.
inside()
{
	rm -f "$work"/x.json*
	run unshare --mount sh -c "$1; exec \"\$0\" run -q \"\$1\" -o \"\$2\"" \
		"$OVERMAP" "$work/short.yaml" "$work/x.json"
}
inside 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys'
check_exit "a read-only /proc/sys is exit 4" 4
check_err "and says so" "ead-only"
inside 'mkdir -p /run/overmap && chmod 700 /run/overmap &&
	mount -t tmpfs -o size=4k,mode=700 tmpfs /run/overmap &&
	dd if=/dev/zero of=/run/overmap/full bs=4k count=1 2>/dev/null'
check_exit "a full disk under the journal is exit 4" 4
check_err "and says so" "No space left"
check "before the first write" test "$(state)" = "$before"

# --- killed at random moments ---------------------------------------------------------------------

# Until the machine is as it was, a second at most; then no process of the run may be left.
settled()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(state)" = "$before" ] && ! pgrep -g "$1" >/dev/null && return 0
		sleep 0.1
	done
	echo "# still another after a second:"
	state | diff - "$work/before" | sed 's/^/# /'
	pgrep -ag "$1" | sed 's/^/# left: /'
	return 1
}

# killed SIGNAL…: one run, killed with each after a random time.
killed()
{
	rm -f "$work"/k.json*
	setsid env --default-signal=INT "$OVERMAP" run -q "$work/settings.yaml" -o "$work/k.json" \
		>/dev/null 2>&1 &
	pid=$!
	sleep "0.$(od -An -N2 -tu2 /dev/urandom | awk '{printf "%03d", 30 + $1 % 700}')"
	kill "-$1" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	settled "$pid"
}

kills=${OVERMAP_STRESS:+67}
kills=${kills:-4}
for signal in KILL TERM SEGV; do
	survived=0
	for _ in $(seq "$kills"); do
		killed "$signal" 2>/dev/null && survived=$((survived + 1))
	done
	check "SIG$signal: $kills of $kills put back within a second" test "$survived" -eq "$kills"
done

# A run that stays with its settings for a while.
cat >"$work/steady.yaml" <<'EOF'
scenario: steady
matrix:
  size: [1MiB]
  settings: [{name: tuned, vm.overcommit_memory: 1, vm.swappiness: 10, thp.enabled: always}]
steps: [map, touch, unmap]
measure: {for: 300ms}
repetitions: 100
EOF

# Start it in the background and wait until its settings are there; sets $pid.
start_steady()
{
	rm -f "$work"/s.json*
	"$OVERMAP" run -q "$work/steady.yaml" -o "$work/s.json" >/dev/null 2>"$work/err" &
	pid=$!
	while [ "$(cat /proc/sys/vm/swappiness)" != 10 ] && kill -0 "$pid" 2>/dev/null; do
		sleep 0.01
	done
}

# --- both killed ----------------------------------------------------------------------------------

start_steady
guardian=$(pgrep -nx overmap-guard)
kill -STOP "$pid" "$guardian"
kill -KILL "$pid" "$guardian"
wait "$pid" 2>/dev/null
overmap restore --status
check_exit "--status after both are gone" 0
check_out "tells what is set" vm.swappiness
overmap restore
check_exit "restore finishes" 0
check_out "and says what it did" vm.swappiness
check "all is as before" test "$(state)" = "$before"
overmap restore
check_out "then there is nothing left to do" "nothing to put back"

# --- somebody else ---------------------------------------------------------------------------------

start_steady
overmap run -q "$work/short.yaml" -o "$work/second.json"
check "a second run that would change settings is refused" test "$status" -ne 0
check_err "and told who holds them" "$pid"
echo 33 >/proc/sys/vm/swappiness
kill -TERM "$pid"
wait "$pid"
check "a value that somebody else changed is kept" test "$(cat /proc/sys/vm/swappiness)" = 33
echo 60 >/proc/sys/vm/swappiness
check "the rest is as before" test "$(state)" = "$before"
