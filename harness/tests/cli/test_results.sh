#!/bin/sh
# SPDX-License-Identifier: MIT
# Results from the outside: written, shown, exported, validated, cut short, resumed.
# shellcheck source=harness/tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

python=/usr/bin/python3

cat >small.yaml <<'YAML'
scenario: small
summary: Three sizes, one of them impossible.
matrix:
  size: [1MiB, 4MiB, 100000TiB]
  flags: [private anonymous noreserve]
steps:
  - map
  - touch: {access: write, amount: 1MiB}
  - unmap
expect: nothing
repetitions: 6
YAML

overmap run small.yaml -o r.json -q --seed 18364758544493064720
check_exit "run writes a result" 0
check "the journal is gone" test ! -e r.json.journal

# --- show

overmap show r.json
check_exit "show" 0
check_out "show: scenario" "small: Three sizes, one of them impossible."
check_out "show: seed to the last digit" "seed 18364758544493064720"
check_out "show: what is fixed is said once" "fixed: flags private anonymous noreserve"
check_out "show: outcome with errno and step" "ENOMEM at map"
check_out "show: counts" "3 cells, 18 repetitions: 12 ok, 6 ENOMEM."
check_silent "show says nothing else" err
# shellcheck disable=SC2016 # $0 is awk's
check "show fits 120 columns" awk 'length($0) > 120 { wide = 1 } END { exit wide }' out
check "show has no colours off a terminal" sh -c "! grep -q '$(printf '\033')' out"

overmap show r.json --metric touch
check_out "show: all metrics of a step" "touch.faults"
overmap show r.json --metric touch.falts
check_exit "show: unknown metric" 2
check_err "show: unknown metric" 'r.json: has no metric "touch.falts": did you mean "touch.faults"?'

# --- performance events: by name, absent with the reason, and what took turns

cat >events.yaml <<'YAML'
scenario: events
matrix: {size: 1MiB, hugepages: none}
setup: [map]
steps: [touch]
measure: {perf: [page_faults, "nosuch::EVENT"]}
repetitions: 1
YAML
overmap run events.yaml -o events.json -q
check_exit "events: run" 0
check_err "events: one of no CPU that is known is warned of" "libpfm4 knows no CPU 'nosuch'"
overmap show events.json -m perf
check_out "events: absent says why" "perf.nosuch::EVENT is absent: libpfm4 knows no CPU 'nosuch'"
if grep -q '"perf.page_faults".*"absent": *null' events.json; then
	overmap export events.json --format tsv
	pages=$((1048576 / $(getconf PAGESIZE)))
	# AddressSanitizer's shadow memory faults too.
	check "events: the faults of a touch" awk -F '\t' -v pages="$pages" -v more="${OVERMAP_SANITIZED:+256}" \
		'/perf.page_faults/ { for (i = 1; i <= NF; i++) if ($i == "perf.page_faults") n = $(i + 1) }
		END { exit !(n >= pages && n <= pages + more) }' out
else
	skip "events: the faults of a touch" "perf_event_open is not permitted here"
fi
sed 's/"counters_share": *{}/"counters_share": {"perf.page_faults": 0.25}/' events.json >turns.json
overmap show turns.json -m perf
check_out "events: turns are said" \
	"took turns on the CPU's counters: perf.page_faults counted for 25.0 to 25.0 % of the time"
overmap show turns.json
check "events: not where they are not shown" sh -c '! grep -q "took turns" out'
sed 's/"counters_share": *{}/"counters_share": {"perf.page_faults": "a"}/' events.json >turns.json
overmap show turns.json
check_exit "events: a share that is none" 2
check_err "events: a share that is none says so" 'a repetition has a "counters_share" that is not of a metric'

overmap show r.json --all
check_out "show: all metrics" "touch.fault_rate"
overmap show r.json --format markdown
check_out "show: markdown" "| size | outcome | n |"
overmap show r.json --format html
check_exit "show: unknown format" 2
overmap show
check_exit "show: nothing to show" 2

# --- show: what made it noisy

# noisy STEAL OTHERS FACTOR: r.json with so many us stolen and used by others in every repetition,
# and half of the touches slower by FACTOR, to noisy.json.
noisy()
{
	$python - "$@" <<'PYTHON'
import json, sys
steal, others, factor = map(float, sys.argv[1:])
result = json.load(open("r.json"))
for i, repetition in enumerate(r for r in result["repetitions"] if r["outcome"] == "ok"):
    m = repetition["metrics"]
    m["usage.user_time"], m["usage.system_time"] = 200000, 300000
    m["system.steal_time"], m["system.idle_time"] = steal, 500000
    m["system.busy_time"] = 500000 + others
    for name in m:
        if name.startswith(("map.", "touch.", "unmap.")):
            m[name] = 100 * (factor if name == "touch.time_per_touch" and i // 4 % 2 else 1)
json.dump(result, open("noisy.json", "w"))
PYTHON
	overmap show noisy.json
}

noisy 0 0 1.5
check_exit "a quiet result is shown" 0
check "and is called nothing else" sh -c '! grep noisy: out'
noisy 400000 0 1
check_out "steal is told, in all" \
	"noisy: 12 of 18 repetitions disturbed by steal time above 1 % (29 % of the CPUs' time in all)"
overmap compare r.json noisy.json
check_out "and by whoever compares it with another run" \
	"repetitions of B, none left out, disturbed by steal time above 1 %"
check "not of the quiet one" sh -c '! grep "repetitions of A, none" out'
noisy 0 250000 1
check_out "other processes are told" "noisy: other processes used 20 % of the CPUs' time"
# charted WORDS: is it what the charts of noisy.json say too?
charted()
{
	check "and charts say so" "$python" -c '
import sys
sys.path.insert(0, sys.argv[1] + "/scripts")
from plotting import document, noise, result
said = noise.sentence(result.Result(document.load("noisy.json")))
assert sys.argv[2] in said, said' "$OVERMAP_ROOT" "$1"
}
noisy 400000 250000 1
charted "12 of 18 repetitions disturbed by steal time above 1 % (24 % of the CPUs' time in all); other"
noisy 0 250000 1
charted "Noisy: other processes used 20 % of the CPUs' time."
noisy 0 0 7
charted "2 of 6 medians with an interval wider than a factor of 2, at worst 7 (touch"
check_out "wide intervals are told" "noisy: 2 of 6 medians with an interval wider than a factor of 2, at worst 7 (touch"

# --- show: where an event is mostly its time stamp

# stamped SHARE: events.json with this share in the first repetition of each step, to be shown.
sed 's/^expect:/measure: {events: each}\nexpect:/' small.yaml >events.yaml
overmap run events.yaml -o events.json -q
check_exit "events are timed" 0
stamped()
{
	$python - "$1" <<'PYTHON'
import json, sys
result = json.load(open("events.json"))
result["run"]["event_stamp_cost_ns"] = 14
result["run"]["clock_resolution_ns"] = 10
for repetition in result["repetitions"]:
    for step in repetition["steps"]:
        step["stamp_share"] = float(sys.argv[1]) if step["events"] else None
json.dump(result, open("stamped.json", "w"))
PYTHON
	overmap show stamped.json
}
stamped 0.8
check_out "the stamp's part is told, and what to do" "touch: an event takes 17.5 ns, of which \
the time stamp 14 ns, in 12 of 18 repetitions: for its cost leave 'events' out"
check_out "and the clock's steps" "the clock goes by steps of 10 ns"
check "not of steps that have no events" sh -c '! grep "map: an event" out'
stamped 0.4
check "nor of longer events" sh -c '! grep "an event takes" out'

sed 's/^expect:/measure: {events: touch-2}\nexpect:/; s/^  - unmap/  - touch\n  - unmap/' small.yaml >second.yaml
overmap run second.yaml -o second.json -q
check_exit "events of one step alone are timed" 0
check_err "which one is said" "events are timed of touch-2 (each touch): "
check "and only they" "$python" - <<'PY'
import json
result = json.load(open("second.json"))
assert result["scenario"]["events"] == "touch-2"
for r in result["repetitions"]:
    for s in r["steps"]:
        assert bool(s["events"]) == (s["step"] == "touch-2"), s
PY

# --- histograms of each worker

sed 's/^expect:/measure: {events: each, histograms: per-worker}\nexpect:/; s/^  flags:/  threads: 2\n  flags:/' \
	small.yaml >workers.yaml
overmap run workers.yaml -o workers.json -q
check_exit "each worker's histograms are kept" 0
check "they add up to those of all" "$python" - <<'PY'
import collections, json
whole = json.load(open("workers.json"))
steps = [s for r in whole["repetitions"] for s in r["steps"]]
assert {s["step"] for s in steps} == {"map", "touch", "unmap"}
for step in steps:
    assert len(step["workers"]) == 2, step
    for kind in ("times", "events"):
        found = [w[kind] for w in step["workers"] if w[kind]]
        if kind == "events" and step["step"] != "touch":
            assert not found and not step[kind], step
            continue
        assert len(found) == 2, step
        assert sum(h["n"] for h in found) == step[kind]["n"]
        assert min(h["min"] for h in found) == step[kind]["min"]
        buckets = collections.Counter()
        for h in found:
            buckets.update(dict(h["buckets"]))
        assert sorted(buckets.items()) == [tuple(b) for b in step[kind]["buckets"]]
assert all("workers" not in s for r in json.load(open("events.json"))["repetitions"] for s in r["steps"])
PY
overmap show workers.json
check_exit "and a result that has them is shown" 0

# --- export

for format in csv tsv json; do
	overmap export r.json --format "$format" -o "rows.$format"
	check_exit "export $format" 0
done
check "exports agree, value by value" "$python" - <<'PY'
import csv, json
rows = json.load(open("rows.json"))
result = json.load(open("r.json"))
assert len(rows) == len(result["repetitions"]) * len(result["metrics"]), len(rows)
cells = {c["cell"]: c for c in result["cells"]}
at = 0
for r in result["repetitions"]:
    for m in result["metrics"]:
        row = rows[at]
        at += 1
        assert row["metric"] == m["name"] and row["unit"] == m["unit"] and row["better"] == m["better"]
        assert row["value"] == r["metrics"][m["name"]], row
        assert row["started_ns"] == r["started_ns"] and row["sequence"] == r["sequence"], row
        assert row["outcome"] == r["outcome"] and row["step"] == r["step"], row
        assert row["size_bytes"] == cells[r["cell"]]["size_bytes"], row
        assert all(row[axis] == value for axis, value in cells[r["cell"]]["params"].items())
for name, dialect in ("rows.csv", "excel"), ("rows.tsv", "excel-tab"):
    other = list(csv.DictReader(open(name, newline=""), dialect=dialect))
    assert len(other) == len(rows)
    for a, b in zip(rows, other):
        assert list(a) == list(b)
        for key, value in a.items():
            text = b[key]
            assert text == "" if value is None else type(value)(text) == value, (key, value, text)
PY
overmap export r.json
check_output "export writes csv to standard output" rows.csv
overmap export r.json --format xml
check_exit "export: unknown format" 2
check_err "export: unknown format" "no format 'xml': choose csv, tsv or json"
cp rows.csv before.csv
run sh -c "\"$OVERMAP\" export r.json >/dev/full"
check_exit "export: full disk" 2
check_err "export: full disk" "standard output: cannot write the rows: No space left on device"

# --- schema

overmap schema result
check_exit "schema result" 0
cp out result.schema.json
overmap schema reslt
check_exit "schema: unknown" 2
check_err "schema: unknown" "did you mean 'result'?"

# valid FILE: by somebody else's validator.
valid()
{
	"$python" - "$1" <<'PY'
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open("result.schema.json"))
Draft202012Validator.check_schema(schema)
errors = list(Draft202012Validator(schema).iter_errors(json.load(open(sys.argv[1]))))
for e in errors[:5]:
    print("#", list(e.path), e.message[:200])
sys.exit(bool(errors))
PY
}

if "$python" -c 'import jsonschema' 2>/dev/null; then
	check "the result validates" valid r.json
	check "one with events validates" valid events.json
	check "one with histograms of each worker validates" valid workers.json
	sed 's/"outcome":"ok"/"outcome":"fine"/' r.json >bad.json
	check "the schema notices an outcome that is none" sh -c '! "$@" 2>/dev/null' - "$python" -c '
import json
from jsonschema import validate
validate(json.load(open("bad.json")), json.load(open("result.schema.json")))'
else
	skip "the result validates" "no python3-jsonschema"
fi

# --- standard output

run sh -c "\"$OVERMAP\" run small.yaml -q -o - >piped.json"
check_exit "run -o -" 0
check "run -o - writes JSON and nothing else" "$python" -c 'import json; assert json.load(open("piped.json"))["complete"]'
run sh -c "\"$OVERMAP\" show - <piped.json"
check_exit "show reads standard input" 0

# --- what is there already

cp small.yaml mine.yaml
run sh -c "\"$OVERMAP\" run mine.yaml -q -o mine.yaml"
check_exit "run -o over the scenario" 2
check_err "run -o over the scenario" "mine.yaml: exists and is no result of overmap: give another name"
check "run -o leaves the scenario alone" cmp small.yaml mine.yaml
ln -s nowhere.json latest.json
run sh -c "\"$OVERMAP\" run small.yaml -q -o latest.json"
check_exit "run -o onto a link that leads nowhere" 2
check_err "run -o onto such a link, before it runs" "latest.json: is a link that leads nowhere"
run sh -c "\"$OVERMAP\" run small.yaml -q -o /dev/stdout"
check_exit "run -o onto what the shell has open" 2
check_err "run -o onto what the shell has open" 'use "-o -" and redirect it'
echo precious >log
run sh -c "(\"$OVERMAP\" export r.json -o /dev/stdout && echo after) >>log"
check_exit "export -o onto what the shell has open" 0
check "export -o leaves the log there" sh -c 'head -n 1 log | grep -qx precious && tail -n 1 log | grep -qx after'
ln -s /dev/null device
overmap export r.json -o device
check_exit "export -o to a device" 0
check "export -o leaves a device what it is" test -c device

# --- closed standard streams

run sh -c "\"$OVERMAP\" export r.json -o closed.csv >&-"
check_exit "export -o with standard output closed" 0
check "and the file holds the rows alone" sh -c "\"$OVERMAP\" export r.json | cmp - closed.csv"
run sh -c "\"$OVERMAP\" export r.json >&-"
check_exit "what cannot be written is no success" 2

# --- bad results

head -c 5000 r.json >cut.json
overmap show cut.json
check_exit "cut result" 2
check_err "cut result" "overmap: cut.json: is cut short: the file ends in line"
check_silent "cut result: nothing half shown" out
sed 's/"schema": 1/"schema": 7/' r.json >newer.json
overmap export newer.json
check_exit "newer result" 2
check_err "newer result" "overmap: newer.json: has result schema 7, this overmap knows up to 1"
overmap show small.yaml
check_exit "foreign file" 2
check_err "foreign file" "overmap: small.yaml: is no result of overmap"
overmap show .
check_exit "folder" 2
check_err "folder" "overmap: .: is a folder, not a file"
overmap show missing.json
check_exit "missing" 2
check_err "missing" "overmap: missing.json: No such file or directory"

# --- a run that is killed, and goes on

cat >long.yaml <<'YAML'
scenario: long
matrix: {size: [1MiB, 2MiB, 3MiB, 4MiB]}
steps: [map, touch: {access: write}, unmap]
measure: {for: 20ms, events: touch}
repetitions: 20
YAML

# lines FILE: how many repetitions its journal has.
lines()
{
	counted=$(grep -c '^{"repetition":' "$1" 2>/dev/null)
	echo "${counted:-0}"
}

"$OVERMAP" run long.yaml -q -o long.json 2>/dev/null &
pid=$!
while kill -0 "$pid" 2>/dev/null && [ "$(lines long.json.journal)" -lt 10 ]; do :; done
kill -KILL "$pid"
wait "$pid" 2>/dev/null
finished=$(lines long.json.journal)
overmap show long.json
check_exit "a killed run is shown" 0
check_err "a killed run is read from its journal" "long.json is not finished: read from long.json.journal"
check_out "a killed run is marked" "INCOMPLETE: the run was cut short"
check_out "every finished repetition is there" "4 cells, $finished repetitions"
overmap run long.yaml -q -o long.json
check_exit "no new run over it" 2
check_err "no new run over it" "go on with --resume, or remove the file"
overmap run long.yaml -q -o long.json --resume
if grep -qF "another swap in bytes" err; then
	skip "it is resumed" "somebody changed the machine's swap meanwhile"
	exit 0
fi
check_exit "it is resumed" 0
overmap show long.json
check_out "it is complete" "4 cells, 80 repetitions: 80 ok."
check "what was said when it began is there once" test "$(grep -c 'events are timed of touch' out)" -eq 1
check "each cell has its repetitions, once a round" "$python" - <<'PY'
import json
result = json.load(open("long.json"))
seen = [(r["cell"], r["round"]) for r in result["repetitions"]]
assert result["complete"] and len(seen) == len(set(seen)) == 80, len(set(seen))
assert [r["sequence"] for r in result["repetitions"]] == list(range(80))
assert len(result["run"]["resumed"]) == 1
PY

# --- an axis without values, which other writers may leave out

$python - <<'PY'
import json
d = json.load(open("r.json"))
del d["axes"][0]["values"]
json.dump(d, open("no-values.json", "w"))
PY
axis=$($python -c 'import json; print(json.load(open("r.json"))["axes"][0]["name"])')
overmap show no-values.json
check_exit "show without the values of an axis" 0
overmap compare no-values.json --by "$axis"
check_exit "compare by an axis without values" 2
check_err "says so" "axis $axis has no values in this result"
