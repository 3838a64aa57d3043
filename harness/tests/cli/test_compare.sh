#!/bin/sh
# SPDX-License-Identifier: MIT
# Comparisons from the outside: inside a run, between runs, of foreign samples; and what they end
# with.
# shellcheck source=harness/tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

python=/usr/bin/python3

# make_result FILE SEED [FACTOR [SED-EXPRESSION]]: a result made by hand. Cells with mode "b" take
# FACTOR times as long; the order in each round is a coin toss; noise is ±1 %.
make_result()
{
	$python - "$1" "$2" "${3:-1}" <<'PY'
import json, random, sys
path, seed, factor = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
r = random.Random(seed)
cells = [(mode, size) for mode in ("a", "b") for size in ("1MiB", "4MiB")] + [("a", "8MiB")]
metrics = [("map.time", "map", "ns", "lower"), ("touch.rate", "touch", "1/s", "higher"),
           ("touch.faults", "touch", "1", "neither")]
reps = []
for k in range(24):
    order = list(range(len(cells)))
    r.shuffle(order)
    for cell in order:
        f = factor if cells[cell][0] == "b" else 1
        reps.append({"cell": cell, "round": k, "sequence": len(reps),
                     "started_ns": 10**17 * seed + 10**7 * len(reps), "elapsed_ns": 10**6,
                     "outcome": "ok", "step": None, "detail": None, "rule": None,
                     "indeterminate": False, "expected": None, "as_expected": None,
                     "effective": {}, "iterations": 1, "steps": [], "warnings": [],
                     "metrics": {"map.time": 1000 * f * r.uniform(.99, 1.01),
                                 "touch.rate": 5e6 / f * r.uniform(.99, 1.01),
                                 "touch.faults": 256}})
json.dump({"overmap": "result", "schema": 1, "complete": True,
           "scenario": {"name": "made"}, "tool": {}, "run": {"seed": seed, "clock": "counter"},
           "host": {"kernel": "6.1", "boot_id": str(seed), "machine": "x86_64",
                    "cpu": {"online": 2}, "facts": {"cpu": {"model": "One"}}},
           "axes": [{"name": "mode", "varies": True, "values": ["a", "b"]},
                    {"name": "size", "varies": True, "values": ["1MiB", "4MiB", "8MiB"]}],
           "steps": [{"name": "map", "op": "map", "args": {}, "setup": False}],
           "metrics": [dict(zip(("name", "step", "unit", "better"), m), help="") for m in metrics],
           "cells": [{"cell": i, "params": {"mode": m, "size": s}, "size_bytes": 1,
                      "nr_workers": 1, "settings": {}} for i, (m, s) in enumerate(cells)],
           "repetitions": reps, "summary": {}, "warnings": []}, open(path, "w"))
PY
}

make_result slow.json 1 1.1
make_result same.json 2 1
make_result fast.json 3 0.8

# --- inside a run

overmap compare slow.json --by mode --baseline a
check_exit "slower" 1
check_out "slower: pairs are counted" "mode=b size=1MiB"
check_out "slower: kind of evidence" "paired by round; 4 comparisons judged together"
check_out "slower: verdict" "slower"
check_out "slower: geomean" "geomean of B/A, map.time, mode=b: 1.1"
check_out "a cell of one side is named" "mode=a size=8MiB: only the baseline has such a cell"
# decided FILE: the exit status, as a pipeline reads it off the JSON.
decided()
{
	"$OVERMAP" compare "$1" --by mode --baseline a --all -f json | $python -c '
import json, sys
rows = json.load(sys.stdin)["comparisons"]
assert any(not r["primary"] for r in rows)
for r in rows:
    assert not r["slower_beyond_margin"] or (r["holm_p_margin"] <= .05 and r["holm_p"] <= .05), r
print(int(any(r["slower_beyond_margin"] for r in rows if r["primary"])))'
}
check "the JSON has the decision: slower" [ "$(decided slow.json)" = 1 ]
check "the JSON has the decision: not slower" [ "$(decided same.json)" = 0 ]
overmap compare slow.json --by mode --baseline b
check_exit "the other way it is faster" 0
check_out "the other way it is faster" "faster"
overmap compare same.json --by mode --margin 2%
check_exit "equivalent" 0
check_out "equivalent" "equivalent"
overmap compare same.json --by mode --margin 0.01%
check_exit "inconclusive" 0
check_out "inconclusive says what it takes" "needs"
overmap compare same.json --by mode --margin 0.01% --strict
check_exit "inconclusive, under --strict" 3
overmap compare slow.json --by mode --metric touch.faults
check_exit "all values equal" 0
check_out "all values equal" "equivalent"
overmap compare slow.json --by mode --metric map --filter size=1MiB --filter size=8MiB
check_exit "filter" 1
check_out "filter: one comparison" "1 comparison judged"
overmap compare slow.json --by mode --all
check_out "--all: other metrics do not decide" "touch.faults *"

overmap compare slow.json
check_exit "several axes vary" 2
check_err "several axes vary" "--by mode or size"
overmap compare slow.json --by sice
check_exit "unknown axis" 2
check_err "unknown axis" 'has no axis "sice"'
overmap compare slow.json --by mode --baseline c
check_exit "unknown baseline" 2
check_err "unknown baseline" "--baseline takes a or b"
overmap compare slow.json --by mode --metric map.tim
check_exit "unknown metric" 2
check_err "unknown metric" 'did you mean "map.time"?'
overmap compare slow.json --by mode --filter size=3MiB
check_exit "unknown filter" 2
check_err "unknown filter" "no cell has size=3MiB"
overmap compare slow.json --by mode --filter size=8MiB
check_exit "nothing left to compare" 2

# --- output

overmap compare slow.json --by mode --format json -o c.json
check_exit "json: same status" 1
check "json is JSON" $python -m json.tool c.json /dev/null
overmap compare slow.json --by mode --format csv
check "csv: a line a row" test "$(wc -l <out)" -eq 5
overmap compare slow.json --by mode --format markdown
check_out "markdown" "| cell | metric | A | B | B/A | p | n | verdict |"
overmap compare slow.json --by mode --format xml
check_exit "unknown format" 2
overmap compare slow.json --by mode -o /nonexistent/c.json
check_exit "cannot write" 2
if command -v gnuplot >/dev/null && $python -c 'import jinja2' 2>/dev/null; then
	run "$OVERMAP_ROOT/scripts/plot" c.json -o charts
	check_exit "the chart is drawn" 0
	check "the chart is there" test -s charts/c-ratio.svg
else
	skip "the chart is drawn" "needs gnuplot and jinja2"
fi

# --- between runs

overmap compare same.json slow.json
check_exit "two runs: an indicated slowdown counts" 1
check_out "two runs: no more than indicative" "indicative: slower"
check_out "two runs: not replicated" "one run a side"
overmap compare same.json same.json --margin 5%
check_exit "a run against itself" 0
sed 's/"6\.1"/"6.2"/; s/8MiB/9MiB/g' same.json >kernel.json
overmap compare same.json kernel.json
check_out "differences are listed" "kernel: 6.1 in A, 6.2 in B"
check_out "unmatched cells are named" "mode=a size=8MiB: B lacks it (kernel.json)"
check_out "unmatched cells of B are named" "mode=a size=9MiB: only B has it (kernel.json)"
for what in 's/"One"/"Two"/' 's/"counter"/"instructions"/' 's/"op": "map"/"op": "touch"/' \
	's/"complete": true/"complete": true, "emulated": true/' 's/x86_64/aarch64/'; do
	sed "$what" same.json >other.json
	overmap compare same.json other.json
	check_exit "cannot be compared: $what" 4
	check_err "cannot be compared: $what" "cannot be compared, unless with --force"
	overmap compare same.json other.json --force --margin 5%
	check_exit "forced: $what" 0
done

# What each fault pays for is no secret, though nobody named it.
printf 'scenario: faults\nmatrix: {size: 1MiB}\nsteps: [map, touch, unmap]\nrepetitions: 1\n' >plain.yaml
{ cat plain.yaml && echo 'measure: {perf: [cycles, instructions, dtlb_load_misses, llc_load_misses, page_faults]}'; } \
	>named.yaml
overmap run plain.yaml -q -o plain.json
overmap run named.yaml -q -o named.json
overmap compare plain.json named.json
check_out "counted faults are a difference" "perf events: cycles instructions dtlb_load_misses \
llc_load_misses in A, cycles instructions dtlb_load_misses llc_load_misses page_faults in B"

# Times of an emulated processor: on both sides they are no better, and not within one run.
sed 's/"complete": true/"complete": true, "emulated": true/' same.json >emulated.json
for words in "emulated.json emulated.json" "emulated.json --by mode"; do
	# shellcheck disable=SC2086 # several words
	overmap compare $words
	check_exit "emulated times: $words" 4
	check_err "emulated times are named: $words" "emulated processor and say nothing about real ones"
	# shellcheck disable=SC2086
	overmap compare $words --margin 5% --force
	check "emulated times, forced: $words" test "$status" -ne 4
done
sed 's/"counter"/"instructions"/' emulated.json >instructions.json
overmap compare instructions.json instructions.json --margin 5%
check_exit "instructions of an emulated processor" 0

# Six boots a side, in turns that a coin gave.
a='' b='' n=10
for first in a b b a b a; do
	for side in $first $([ "$first" = a ] && echo b || echo a); do
		n=$((n + 1))
		case $side in
		a) make_result "boot$n.json" $n 1; a="$a boot$n.json" ;;
		b) make_result "boot$n.json" $n 1.2; b="$b boot$n.json" ;;
		esac
	done
done
# shellcheck disable=SC2086 # a list of files
overmap compare --metric map.time --filter mode=b --filter size=1MiB --a $a --b $b
check_exit "boots" 1
check_out "boots are the unit, paired by turns" "paired by boot"

# Boots that count instructions all begin at the same virtual moment: no turns, and no drift either.
for file in $a $b; do
	sed 's/"counter"/"instructions"/; s/"started_ns": [0-9]*/"started_ns": 5/g' "$file" >"virtual-$file"
done
va=$(printf ' virtual-%s' $a) vb=$(printf ' virtual-%s' $b)
# shellcheck disable=SC2086
overmap compare --metric map.time --filter mode=b --filter size=1MiB --a $va --b $vb
check_exit "boots that count instructions" 1
check_out "boots that count instructions have a verdict" "slower"
check_out "boots that count instructions are no pairs" "unpaired by boot"
for file in $a $b; do
	sed 's/"started_ns": [0-9]*/"started_ns": 5/g' "$file" >"virtual-$file"
done
# shellcheck disable=SC2086
overmap compare --metric map.time --filter mode=b --filter size=1MiB --a $va --b $vb
check_out "without turns, other clocks have none" "indicative"
# shellcheck disable=SC2086
overmap compare --a $a --b boot12.json
check_out "too few boots" "at least 4 a side"
overmap compare --a same.json
check_exit "one side only" 2

# --- samples

seq 101 130 >a.txt
seq 131 160 >b.txt
overmap compare --samples a.txt b.txt
check_exit "samples: slower" 1
check_out "samples: slower" "unpaired, unrandomised"
overmap compare --samples a.txt b.txt --better higher
check_exit "samples: higher is better" 0
overmap compare --samples --paired a.txt b.txt --transform none
check_exit "samples: paired differences" 1
check_out "samples: paired differences" "30"
echo 7 >one.txt
overmap compare --samples one.txt one.txt
check_exit "n = 1" 0
check_out "n = 1" "inconclusive"
overmap compare --samples --strict one.txt one.txt
check_exit "n = 1, under --strict" 3
printf '%s\n' 1 2 -3 0 nan inf 5 6 >odd.txt
overmap compare --samples odd.txt a.txt
check_out "odd values are named" "odd.txt: 4 of 8 values are 0, negative or not finite, the first in line 3: -3"
check_out "odd values are counted" "2 of 8 values of A are 0 or below"
check_out "odd values are counted" "1 of 8 values of A not measured"
check_out "odd values are counted" "1 of 8 values of A infinite"
printf '5\n5\n5\n5\n5\n5\n5\n5\n' >ties.txt
overmap compare --samples --paired ties.txt ties.txt
check_exit "ties" 0
check_out "ties" "equivalent"
overmap compare --samples --paired a.txt one.txt
check_exit "cannot be paired" 2
check_err "cannot be paired" "30 values of A and 1 of B cannot be paired"
cat >h.json <<'JSON'
{"results": [
  {"command": "old", "times": [0.101, 0.102, 0.103, 0.104, 0.105, 0.106, 0.107, 0.108]},
  {"command": "new", "times": [0.051, 0.052, 0.053, 0.054, 0.055, 0.056, 0.057, 0.058]}]}
JSON
overmap compare --samples h.json
check_exit "hyperfine: commands of one file" 0
check_out "hyperfine: commands of one file" "indicative: faster"
check_out "hyperfine: seconds" "104 ms"
overmap compare --samples a.txt h.json
check_exit "samples of different units" 2
overmap compare --samples a.txt nothing.txt
check_exit "no such file" 2
check_err "no such file" "nothing.txt"
for text in '' 'x' '1 2' '{' '{"results": 3}' '[]' '{"a": 1}'; do
	printf '%s\n' "$text" >bad.txt
	overmap compare --samples a.txt bad.txt
	check_exit "malformed samples: $text" 2
	check_err "malformed samples: $text" "bad.txt"
done
for text in '' 'x' '{' '{"overmap": "result"}' '{"overmap": "result", "schema": 99}' '[]'; do
	printf '%s\n' "$text" >bad.json
	overmap compare same.json bad.json
	check_exit "malformed result: $text" 2
	check_err "malformed result: $text" "bad.json"
done
head -c 3000 same.json >cut.json
overmap compare same.json cut.json
check_exit "a result cut short" 2
check_err "a result cut short" "cut.json: is cut short"

# --- the published schema

overmap schema comparison
check_exit "schema comparison" 0
cp out comparison.schema.json
overmap compare slow.json --by mode --all --format json -o 1.json
overmap compare same.json kernel.json --format json -o 2.json
overmap compare --samples h.json --format json -o 3.json
overmap compare --samples odd.txt a.txt --transform none --format json -o 4.json
overmap compare --samples one.txt one.txt --format json -o 5.json
if $python -c 'import jsonschema' 2>/dev/null; then
	check "comparisons validate, by somebody else's validator" $python - [1-5].json <<'PY'
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open("comparison.schema.json"))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
wrong = 0
for path in sys.argv[1:]:
    document = json.load(open(path))
    for e in validator.iter_errors(document):
        print("#", path, list(e.path), e.message[:200])
        wrong += 1
    assert document["comparisons"]
    document["comparisons"][0]["verdict"] = "better"
    wrong += validator.is_valid(document)
sys.exit(wrong)
PY
else
	skip "comparisons validate" "no python3-jsonschema"
fi

# --- usage

overmap compare
check_exit "nothing to compare" 2
overmap compare same.json --paired
check_exit "--paired without --samples" 2
overmap compare same.json slow.json fast.json
check_exit "three results" 2
overmap compare same.json slow.json --by mode
check_exit "--by with two results" 2
overmap compare same.json --alpha 2
check_exit "alpha out of range" 2
overmap compare same.json --margin x
check_exit "margin" 2

# --- a narrow screen

run env COLUMNS=80 "$OVERMAP" compare same.json --by mode
check_exit "80 columns" 0
check "80 columns: the table is no wider" $python - <<'PYTHON'
lines = open("out").read().split("\n\n")[1].splitlines()
rows = [line for line in lines if not line.startswith("...")]
assert len(rows) > 1 and max(map(len, rows)) <= 80, rows
assert rows[0].split()[-1] == "verdict" and "B/A" in rows[0], rows[0]
PYTHON
check_out "80 columns: what is left out is told" "more columns that the screen has no room for"
run env COLUMNS=80 "$OVERMAP" compare same.json --by mode --margin 0.01% --all
check_out "80 columns: all" "needs"

# --- power and selftest

overmap power same.json
check_exit "power" 0
check_out "power: what is needed" "Needed at the least, whatever the noise: 9 pairs"
overmap power same.json --metric map --json
check "power: JSON" $python -m json.tool out /dev/null
overmap power nothing.json
check_exit "power: no such file" 2
overmap selftest aa -q --comparisons 4 --pairs 6
check_exit "selftest aa" 0
check_out "selftest aa" "A/A: 4 comparisons of a cell with itself, 6 pairs each"
check_out "selftest aa" "by chance: "
check_out "selftest aa" "B above A in "
overmap selftest aa -q --comparisons 8 --pairs 6 --json
check_exit "selftest aa --json" 0
check "selftest aa --json: the counts add up" $python - <<'PYTHON'
import json
d = json.load(open("out"))
rows = d["comparisons"]
assert d["overmap"] == "selftest-aa" and len(rows) == 8 and d["pairs"] == 48, d
assert d["claims"] == sum(r["p"] <= d["alpha"] for r in rows)
assert d["claims_low"] <= d["claims_expected"] <= d["claims_high"] <= 8
for name in ("a_above", "b_above"):
    assert d[name] == sum(r[name] for r in rows)
assert all(r["a_above"] + r["b_above"] <= r["pairs"] == 6 for r in rows)
PYTHON
overmap selftest ab -q --comparisons 3 --pairs 6
check_exit "selftest ab" 0
check_out "selftest ab" "A/B: 3 comparisons of first touches with slower ones, 6 pairs each"
overmap selftest
check_exit "selftest: of what" 2

# --- adaptive repetition

cat >adaptive.yaml <<'YAML'
scenario: adaptive
matrix:
  settings: [{name: a}, {name: b}]
  size: [256KiB]
steps:
  - map
  - delay: {duration: 1ms, share: 0%, amount: 4KiB}
  - unmap
repetitions: {compare: settings, margin: 100%}
YAML
overmap plan adaptive.yaml
check_out "plan: adaptive" "16 to 64 repetitions each, until the values of settings are told apart"
overmap run adaptive.yaml -q -o adaptive.json
check_exit "adaptive run" 0
overmap compare adaptive.json --by settings
check_exit "adaptive: compare" 0
check_out "adaptive: the scenario's margin" "margin 100 %"
sed 's/margin: 100%/max: 8/' adaptive.yaml >few.yaml
overmap plan few.yaml
check_exit "plan refuses what cannot reach a verdict" 2
check_err "plan says how many pairs it needs" "they need"

# --- a limited time

cat >limited.yaml <<'YAML'
scenario: limited
matrix: {size: [64KiB, 128KiB, 256KiB]}
steps: [map, delay: {duration: 1ms, share: 0%, amount: 4KiB}, unmap]
repetitions: {min: 6, max: 10000, until: 0.001%}
YAML
overmap plan limited.yaml --time-limit 1s
check_out "plan: how it would be spent" "the rest, about"
check_out "plan: where" "goes round by round to the cells whose intervals narrow most a second"
overmap plan limited.yaml --time-limit 1ms
check_out "plan: less than the minimum takes" "about 1 of the 6 that each needs"
overmap plan limited.yaml --time-limit 100h
check_out "plan: more than all takes" "enough for all 10000 of each"
overmap run limited.yaml --seed 3 --time-limit 2s -o limited.json
check_exit "a limited run" 0
check_err "it says why it ended" "The time limit of 2.00 s ended the run: 3 of 3 cells lack"
cat >limit.py <<'PY'
"""Of a run: why it ended, how much of its limit it spent, and whether every cell had its minimum."""
import collections, json, sys
d = json.load(open(sys.argv[1]))
per_cell = collections.Counter(r["cell"] for r in d["repetitions"])
assert len(per_cell) == len(d["cells"]) and min(per_cell.values()) >= int(sys.argv[2]), per_cell
assert d["run"]["ended_by"] == "time limit", d["run"]
assert d["run"]["options"]["time_limit_ns"] == int(float(sys.argv[3]) * 1e9)
assert d["run"]["spent_ns"] >= sum(r["elapsed_ns"] for r in d["repetitions"])
assert d["summary"]["unsettled"] == len(d["cells"])
rounds = collections.Counter((r["cell"], r["round"]) for r in d["repetitions"])
assert max(rounds.values()) == 1
PY
check "the result says how it was spent" $python limit.py limited.json 6 2
sed 's/matrix: .*/matrix: {settings: [{name: a}, {name: b}], size: [64KiB, 256KiB]}/
	s/repetitions: .*/repetitions: {compare: settings, margin: 0.01%}/; s/limited/pairs/' limited.yaml >pairs.yaml
overmap plan pairs.yaml --time-limit 400ms
check_out "plan: comparisons" "16 of each take"
overmap run pairs.yaml --time-limit 1s -q -o pairs.json
check_exit "a limited comparison" 0
check "each round has both or none" $python - pairs.json <<'PY'
import collections, json, sys
d = json.load(open(sys.argv[1]))
of = {c["cell"]: (c["params"]["size"], c["params"]["settings"]) for c in d["cells"]}
rounds = collections.defaultdict(set)
for r in d["repetitions"]:
    size, setting = of[r["cell"]]
    rounds[size, r["round"]].add(setting)
assert len(rounds) > 2 and all(both == {"a", "b"} for both in rounds.values()), rounds
PY
overmap compare pairs.json --by settings --margin 50%
check_exit "a limited comparison is compared" 0
check "a limited comparison: nobody lacks a partner" sh -c '! grep -q "without a partner" out'

# Workers that took turns: said of the side that they are on, and once a cell.
make_result turns.json 7 1
sed -i 's/"cell": \([23]\), "round"/"cell": \1, "take_turns": true, "round"/g' turns.json
overmap compare turns.json --by mode
check "two cells of B took turns" [ "$(grep -c 'the workers of B were more than the CPUs' out)" = 2 ]
check "and none of A" sh -c '! grep -q "the workers of A" out'

# Killed half-way, the limit holds for both halves together.
"$OVERMAP" run limited.yaml --seed 3 --time-limit 3s -q -o halves.json &
pid=$!
finished()
{
	grep -c '^{"repetition"' halves.json.journal 2>/dev/null || echo 0
}
while [ "$(finished | tail -n 1)" -lt 60 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
kill -KILL "$pid"
wait "$pid" 2>/dev/null
overmap run --resume -q -o halves.json
check_exit "a limited run is resumed" 0
check "it was cut short, and went on" grep -q '"resumed": \[{"started"' halves.json
check "with the limit that it began with" $python limit.py halves.json 6 3
