#!/bin/sh
# SPDX-License-Identifier: MIT
# overmap run on real memory: outcomes, exit codes, what is written and what is put back.
. "$(dirname "$0")/lib.sh"

overcommit_state()
{
	cat /proc/sys/vm/overcommit_memory /proc/sys/vm/overcommit_ratio \
		/proc/sys/vm/overcommit_kbytes
}

# value EXPRESSION [FILE]: of a Python expression over the result d; several lines for a list.
value()
{
	/usr/bin/python3 - "$1" "${2:-$work/r.json}" <<'EOF'
import json, sys
d = json.load(open(sys.argv[2]))
v = eval(sys.argv[1], {"d": d, "len": len, "sorted": sorted, "set": set, "all": all, "any": any})
print(v)
EOF
}

# check_value NAME EXPRESSION TEXT
check_value()
{
	got=$(value "$2")
	if [ "$got" = "$3" ]; then pass "$1"; else fail "$1" "$2 is $got, not $3"; fi
}

as_nobody()
{
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

before=$(overcommit_state)
chmod 755 "$work" # as_nobody reads scenarios here

# --- the smallest run ------------------------------------------------------------------------------

cat >"$work/small.yaml" <<'EOF'
scenario: small
matrix: {size: [64KiB, 1MiB]}
steps: [map, touch, unmap]
measure: {iterations: 2}
expect: ok
repetitions: 3
EOF
overmap run "$work/small.yaml" -o "$work/r.json" --seed 42
check_exit "a run that goes as expected exits with 0" 0
check_silent "people's text goes to standard error" out
check_value "every cell has its repetitions" "len(d['repetitions'])" 6
check_value "the seed is kept" "d['run']['seed']" 42
check_value "iterations are counted" "set(r['iterations'] for r in d['repetitions'])" "{2}"
check_value "each page faults once an iteration" \
	"sorted(set(r['metrics']['touch.faults'] for r in d['repetitions']))[0] >= 16" True
check "the journal is gone" test ! -e "$work/r.json.journal"

overmap run -q "$work/small.yaml" -o - --seed 42
check_exit "a run to standard output" 0
check "what it writes there is the document" /usr/bin/python3 -m json.tool "$work/out" /dev/null
check_silent "and quiet is quiet" err

cp "$work/r.json" "$work/a.json"
overmap run -q "$work/small.yaml" -o "$work/r.json" --seed 42
check "the same seed gives the same order" test \
	"$(value "[(r['cell'], r['round']) for r in d['repetitions']]" "$work/a.json")" = \
	"$(value "[(r['cell'], r['round']) for r in d['repetitions']]")"

# --- refused, skipped, not as expected -----------------------------------------------------------

cat >"$work/refused.yaml" <<'EOF'
scenario: refused
matrix: {size: [4EiB]}
steps: [map, unmap]
expect: ok
repetitions: 1
EOF
overmap run "$work/refused.yaml" -o "$work/r.json"
check_exit "an outcome that differs exits with 1" 1
check_value "the errno is the outcome" "d['repetitions'][0]['outcome']" ENOMEM
check_value "at the step" "d['repetitions'][0]['step']" map
sed 's/expect: ok/expect: [{outcome: ENOMEM, step: map}]/' "$work/refused.yaml" >"$work/expected.yaml"
overmap run "$work/expected.yaml" -o "$work/r.json"
check_exit "an expected refusal exits with 0" 0

cat >"$work/budget.yaml" <<'EOF'
scenario: budget
matrix: {size: [64MiB]}
steps: [map, touch, unmap]
repetitions: 2
EOF
overmap run -q --max-memory 1MiB "$work/budget.yaml" -o "$work/r.json"
check_exit "a cell over the budget is no failure" 0
check_value "but it does not run" "d['repetitions'][0]['outcome']" refused
check_value "once is enough" "len(d['repetitions'])" 1
check_value "with the figures" "'64 MiB' in d['repetitions'][0]['detail']" True

cat >"$work/skipped.yaml" <<'EOF'
scenario: skipped
matrix: {size: [64KiB], numa: [default, "bind 63"]}
steps: [map, touch, unmap]
expect: ok
repetitions: 2
EOF
overmap run -q "$work/skipped.yaml" -o "$work/r.json"
check_exit "a skipped cell is no failure" 0
check_value "the others run" "sorted(r['outcome'] for r in d['repetitions'])" \
	"['ok', 'ok', 'skipped']"
overmap run -q --strict "$work/skipped.yaml" -o "$work/r.json"
check_exit "under --strict it is exit 3" 3
printf 'scenario: refused\nmatrix: {size: 1TiB, flags: private anonymous noreserve}\nsteps: [map, touch]\n' \
	>"$work/refused.yaml"
overmap run -q "$work/refused.yaml" -o "$work/r.json"
check_exit "a refused cell is no failure" 0
overmap run -q --strict "$work/refused.yaml" -o "$work/r.json"
check_exit "under --strict that too is exit 3" 3

cat >"$work/slow.yaml" <<'EOF'
scenario: slow
matrix: {size: [64KiB]}
steps: [map, touch, unmap]
measure: {for: 30s}
repetitions: 1
timeout: 200ms
EOF
overmap run -q "$work/slow.yaml" -o "$work/r.json"
check_exit "a timeout is no success where nothing else is expected" 1
echo 'expect: nothing' >>"$work/slow.yaml"
overmap run -q "$work/slow.yaml" -o "$work/r.json"
check_exit "a timeout is an outcome" 0
check_value "named so" "d['repetitions'][0]['outcome']" timeout

# --- wrong input ----------------------------------------------------------------------------------

overmap run
check_exit "no scenario is exit 2" 2
overmap run "$work/missing.yaml"
check_exit "a missing scenario is exit 2" 2
check_err "and is named" missing.yaml
overmap run "$work" -o "$work/x.json"
check_exit "a folder is no scenario" 2
overmap run "$work/small.yaml" "$work/small.yaml" -o "$work/x.json"
check_exit "-o takes one scenario" 2
overmap run --timeout 5 "$work/small.yaml" -o "$work/x.json"
check_exit "a duration needs a unit" 2
check_err "and says so" "5s"
overmap run "$work/small.yaml" -o "$work/no/such/folder/r.json"
check_exit "an output that cannot be written is exit 2" 2
check "nothing was written for any of these" test ! -e "$work/x.json"

# --- a full disk ----------------------------------------------------------------------------------

full_disk()
{
	mkdir -p "$work/full" && mount -t tmpfs -o size=64k tmpfs "$work/full" || return 1
	printf '{\n  "overmap": "result", "earlier": true}\n' >"$work/full/r.json"
	run "$OVERMAP" run -q "$work/many.yaml" -o "$work/full/r.json"
	cp "$work/full/r.json" "$work/earlier.json"
	umount "$work/full"
}
cat >"$work/many.yaml" <<'EOF'
scenario: many
matrix: {size: [64KiB, 128KiB, 256KiB, 512KiB]}
steps: [map, touch, unmap]
repetitions: 60
EOF
if need_root "a full disk"; then
	full_disk
	check "a full disk is a failure" test "$status" -ne 0
	check_err "that is said" "No space left"
	check "and the earlier file is untouched" grep -q earlier "$work/earlier.json"
fi

# --- interrupted, killed, resumed -----------------------------------------------------------------

cat >"$work/long.yaml" <<'EOF'
scenario: long
matrix: {size: [64KiB, 128KiB, 256KiB]}
steps: [map, touch, unmap]
measure: {for: 20ms}
repetitions: 40
EOF

# finished JOURNAL: how many repetitions it holds.
finished()
{
	lines=$(grep -c '"round"' "$1" 2>/dev/null)
	echo "${lines:-0}"
}

# kill_after SIGNAL: start a long run, wait until it has recorded a little, send the signal.
kill_after()
{
	rm -f "$work"/k.json*
	# A shell without job control starts what is in the background with SIGINT ignored.
	env --default-signal=INT "$OVERMAP" run -q "$work/long.yaml" -o "$work/k.json" --seed 9 \
		>"$work/out" 2>"$work/err" &
	pid=$!
	while [ "$(finished "$work/k.json.journal")" -lt 8 ] && kill -0 "$pid" 2>/dev/null; do
		:
	done
	kill "-$1" "$pid"
	wait "$pid"
	status=$?
	ran="run, then SIG$1"
}

kill_after INT
check_exit "SIGINT ends the run with 130" 130
cp "$work/k.json" "$work/r.json"
check_value "marked incomplete" "d['complete']" False
check_value "with the repetitions" "len(d['repetitions']) >= 8" True
overmap run -q --resume -o "$work/k.json"
check_exit "--resume goes on" 0
cp "$work/k.json" "$work/r.json"
check_value "and completes it" "(d['complete'], len(d['repetitions']))" "(True, 120)"

# A step that does not look up ends with the second signal.
cat >"$work/deaf.yaml" <<'EOF'
scenario: deaf
matrix: {size: [64KiB]}
steps: [map, delay: {duration: 30s}, unmap]
repetitions: 3
EOF
rm -f "$work"/k.json*
env --default-signal=INT "$OVERMAP" run -q "$work/deaf.yaml" -o "$work/k.json" >"$work/out" 2>"$work/err" &
pid=$!
ran="run, then SIGINT twice"
while [ ! -e "$work/k.json.journal" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
sleep 0.5
kill -INT "$pid"
sleep 0.2
check "the first SIGINT waits for the step" kill -0 "$pid"
kill -INT "$pid"
wait "$pid"
status=$?
check_exit "the second SIGINT does not" 130
check "what there was is saved" test -s "$work/k.json"

kill_after TERM
check_exit "SIGTERM ends it with 143" 143

kill_after KILL 2>/dev/null
kept=$(finished "$work/k.json.journal")
check "SIGKILL leaves the finished repetitions in the journal" test "$kept" -ge 8
overmap run -q --resume -o "$work/k.json"
check_exit "--resume goes on after SIGKILL" 0
cp "$work/k.json" "$work/r.json"
check_value "and completes it, each repetition once" \
	"(d['complete'], len(set((r['cell'], r['round']) for r in d['repetitions'])))" "(True, 120)"
overmap run -q "$work/long.yaml" -o "$work/whole.json" --seed 9
check "in the order of an undisturbed run" test \
	"$(value "[(r['cell'], r['round']) for r in d['repetitions']]" "$work/whole.json")" = \
	"$(value "[(r['cell'], r['round']) for r in d['repetitions']]")"
overmap run -q --resume -o "$work/nothing.json"
check_exit "there must be something to resume" 2

# --- memory that is not there ---------------------------------------------------------------------

cat >"$work/bus.yaml" <<'EOF'
scenario: bus
matrix: {size: [8MiB], flags: [private hugetlb noreserve]}
steps: [map, touch]
expect: [{outcome: SIGBUS, step: touch}]
repetitions: 2
EOF
if [ "$(cat /proc/sys/vm/nr_hugepages)" = 0 ]; then
	overmap run -q "$work/bus.yaml" -o "$work/r.json"
	check_exit "an empty pool is SIGBUS at the touch" 0
	check_value "recorded so" "set(r['outcome'] for r in d['repetitions'])" "{'SIGBUS'}"
else
	skip "an empty pool is SIGBUS at the touch" "the pool of this machine is not empty"
fi

# --- overcommit -----------------------------------------------------------------------------------

cat >"$work/overcommit.yaml" <<'EOF'
scenario: overcommit
matrix:
  overcommit: [heuristic, always, never]
  flags: [private anonymous, private anonymous noreserve]
  size: [100% ram+swap, 100% ram+swap + 1 page]
steps: [map, unmap]
expect:
  - {outcome: ok}
  - {when: {overcommit: heuristic, flags: private anonymous, size: "> 100% ram+swap"}, outcome: ENOMEM}
  - {when: {overcommit: never}, outcome: ENOMEM, step: map}
repetitions: 2
EOF
if need_root "overcommit modes"; then
	overmap run -q "$work/overcommit.yaml" -o "$work/r.json"
	check_exit "RAM + swap is the limit to the page" 0
	check_value "all 12 cells ran" "len([r for r in d['repetitions'] if r['as_expected']])" 24
	check_value "the mode was read back" \
		"sorted(set(r['effective']['overcommit'] for r in d['repetitions']))" \
		"['always', 'heuristic', 'never']"
	check "the mode is as before" test "$(overcommit_state)" = "$before"

	as_nobody "$OVERMAP" run -q "$work/overcommit.yaml" -o -
	check_exit "without root the same scenario runs" 0
	cp "$work/out" "$work/r.json"
	check_value "what needs root is skipped" \
		"len([r for r in d['repetitions'] if r['outcome'] == 'skipped'])" 8
	check_value "with a reason" \
		"all(r['detail'] for r in d['repetitions'] if r['outcome'] == 'skipped')" True
	check_value "the rest runs" \
		"len([r for r in d['repetitions'] if r['outcome'] != 'skipped'])" 8
	# Without heuristic, which needs no writing: nothing can have been measured before.
	sed 's/^expect:/requires: [overcommit]\nexpect:/; s/heuristic, always/always/' \
		"$work/overcommit.yaml" >"$work/requires.yaml"
	as_nobody "$OVERMAP" run -q "$work/requires.yaml" -o -
	check_exit "a setting that is required and not permitted is exit 4" 4
	check "nothing was written" test "$(overcommit_state)" = "$before"
	mkdir -m 777 "$work/nobody"
	chmod 777 "$work/nobody"
	as_nobody "$OVERMAP" run -q "$work/requires.yaml" -o "$work/nobody/required.json"
	check_exit "nor with a file to write to" 4
	check "no journal is left where nothing was measured" test ! -e "$work/nobody/required.json.journal"
fi

# Several scenarios: the mistakes of the last are said before the first runs; quietly, why not 0.
cat >"$work/unexpected.yaml" <<'EOF'
scenario: unexpected
matrix: {size: [1MiB]}
steps: [map, unmap]
expect: [{outcome: ENOMEM, step: map}]
repetitions: 2
EOF
echo 'scenario: wrong' >"$work/wrong.yaml"
overmap run -q -d "$work/several" "$work/unexpected.yaml" "$work/wrong.yaml"
check_exit "a mistake in the second scenario" 2
check "and the first has not run" test ! -e "$work/several"
overmap run -q "$work/unexpected.yaml" -o "$work/r.json"
check_exit "an outcome that is not as expected is exit 1" 1
check_err "quietly too it is said why" "not as expected: 2 of 2"

# What a hole in a mapping does to later steps, by the rules and by this kernel.
while IFS='|' read -r step outcome; do
	cat >"$work/hole.yaml" <<EOF
scenario: hole
matrix: {size: 4MiB}
steps: [map, unmap: {from: 1MiB, amount: 1 page}, $step]
expect: model
repetitions: 1
EOF
	overmap run -q "$work/hole.yaml" -o "$work/r.json"
	check_exit "a hole and then $step: the rules are right" 0
	check_value "and they know" '(d["repetitions"][0]["outcome"], d["summary"]["indeterminate"])' "('$outcome', 0)"
done <<'EOF'
touch: {amount: 1MiB}|ok
touch|SIGSEGV
touch: {method: populate}|ENOMEM
protect: {to: none}|ENOMEM
lock|ENOMEM
advise: {advice: dontneed}|ENOMEM
chase|SIGSEGV
remap: {to: 8MiB}|EFAULT
EOF

# A cell without anything left is skipped; the others are run.
cat >"$work/rest.yaml" <<'EOF'
scenario: rest
matrix: {size: [1MiB, 4MiB]}
steps: [map, unmap: {amount: 1MiB}, touch]
repetitions: 1
EOF
overmap run -q "$work/rest.yaml" -o "$work/r.json"
check_exit "nothing is left in one of two cells" 0
check_value "it is skipped" '[r["outcome"] for r in sorted(d["repetitions"], key=lambda r: r["cell"])]' \
	"['skipped', 'ok']"

# An installation in a folder of its own is found beside the program.
mkdir -p "$work/usr/bin" "$work/usr/share/overmap/scenarios" "$work/elsewhere"
cp "$OVERMAP" "$work/usr/bin/overmap"
cp "$work/unexpected.yaml" "$work/usr/share/overmap/scenarios"
if [ -e /usr/local/share/overmap/scenarios ]; then
	skip "scenarios beside the program" "overmap is installed here"
else
	run sh -c 'cd "$1/elsewhere" && ../usr/bin/overmap list scenarios' sh "$work"
	check_out "scenarios beside the program" "unexpected.yaml"
fi
