#!/bin/sh
# SPDX-License-Identifier: MIT
# Every operation once under valgrind: no byte that was never written decides anything, and none
# beside the range is touched.
# time limit: 300 s
. "$(dirname "$0")/lib.sh"

if [ -n "$OVERMAP_SANITIZED" ]; then
	skip 'under valgrind' 'AddressSanitizer does not run under it'
	exit 0
fi
if ! command -v valgrind >/dev/null; then
	skip 'under valgrind' 'no valgrind here (scripts/bootstrap.sh --for tests)'
	exit 0
fi

# under_valgrind FILE: run the scenario; what valgrind says of any of the processes is in $work/said.
under_valgrind()
{
	valgrind -q --log-file="$work/valgrind.%p" "$OVERMAP" run --no-cgroup -q "$1" \
		-o "$work/result.json" >"$work/out" 2>"$work/err"
	status=$?
	# Findings begin with "==": with "--" it speaks of itself, such as of system calls it does not know.
	sed '/^--[0-9]*--/d' "$work"/valgrind.* >"$work/said"
	rm -f "$work"/valgrind.*
}

cat >"$work/every.yaml" <<'END'
scenario: every-operation
summary: Every operation on a few pages.
matrix: {size: 64 pages, flags: shared anonymous}
steps:
  - map
  - touch: {access: read, order: random}
  - fill: {pattern: random}
  - verify: {pattern: random}
  - protect: {to: read}
  - protect: {to: read-write}
  - advise: {advice: dontneed}
  - sync
  - lock
  - unlock
  - refault: {piece: 8 pages, before: write, access: read}
  - commit: {piece: 8 pages}
  - brk
  - churn: {pairs: 16, live: 4}
  - many: {count: 16}
  - fork
  - chase: {loads: 1000, chains: 2, order: group, group: 16 pages}
  - stream
  - move: {to: 0}
  - delay: {duration: 1us}
  - remap: {to: 32 pages}
  - unmap
measure: {iterations: 2, events: each}
repetitions: {min: 1}
END
cat >"$work/userfault.yaml" <<'END'
scenario: userfault
summary: valgrind knows no userfaultfd().
matrix: {size: 64 pages}
steps: [map, userfault, unmap]
repetitions: {min: 1}
END

under_valgrind "$work/every.yaml"
check_exit 'every operation ends well under valgrind' 0
check_silent 'and valgrind has nothing to say' said
overmap list --json ops
/usr/bin/python3 - "$work/out" "$work/every.yaml" "$work/result.json" >"$work/differences" <<'END'
import json, re, sys
names = {op["name"] for op in json.load(open(sys.argv[1]))}
print(*(names - set(re.findall(r"^  - (\w+)", open(sys.argv[2]).read(), re.M)) - {"userfault"}), end="")
outcome = json.load(open(sys.argv[3]))["repetitions"][0]
if outcome["outcome"] != "ok":
    print(outcome["outcome"], outcome["detail"])
END
check_silent 'they were all of them, but userfault' differences

under_valgrind "$work/userfault.yaml"
check_exit 'userfault is skipped' 0
check_silent 'with nothing for valgrind to say' said
skip 'userfault under valgrind' 'valgrind knows no userfaultfd()'
