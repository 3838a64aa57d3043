#!/bin/sh
# SPDX-License-Identifier: MIT
# find: ceiling, resident and cumulative in scenarios, what charts are made of, and explain.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1

# scenario NAME: standard input becomes the file, and is run.
scenario()
{
	cat >"$1.yaml"
	overmap run "$1.yaml" -o "$1.json"
}

# python NAME FILE: a program on standard input looks at the result, as d.
python()
{
	{ echo 'import json, sys; d = json.load(open(sys.argv[1])); sanitized = sys.argv[2]'; cat; } >look.py
	check "$1" /usr/bin/python3 look.py "$2" "$OVERMAP_SANITIZED"
}

scenario ceiling <<'YAML'
scenario: c
find: ceiling
matrix:
  flags: [private anonymous, private anonymous noreserve]
  limits: [none, {as: 4GiB}]
expect: model
repetitions: 2
YAML
# The sanitizers' shadow is larger than the limit.
[ -n "$OVERMAP_SANITIZED" ] || check_exit 'ceilings are found, as the rules say' 0
mode=$(cat /proc/sys/vm/overcommit_memory)
if [ "$mode" = 0 ] && [ -z "$OVERMAP_SANITIZED" ]; then
	python 'heuristic: RAM + swap, to the page' ceiling.json <<'PY'
m = d["host"]["memory"]
rows = {c["label"]: c for c in d["ceilings"]}
c = rows["private anonymous, limits none"]
assert c["bytes"] == m["ram_bytes"] + m["swap_bytes"] == c["predicted_bytes"], c
assert c["rule"] == "ram-and-swap", c
c = rows["private anonymous noreserve, limits none"]
assert c["bytes"] > 2**46 and c["rule"] == "address-space", c
c = rows["private anonymous, as 4GiB"]
assert 2**31 < c["bytes"] < 2**32 and c["rule"] == "limit-as", c
PY
else
	skip 'heuristic: RAM + swap, to the page' 'another mode, or sanitized'
fi
python 'every repetition has its metrics' ceiling.json <<'PY'
names = ["bytes", "predicted_bytes", "calls", "time"]
assert [m["name"] for m in d["metrics"]][:4] == ["ceiling." + n for n in names]
found = [r for r in d["repetitions"] if not (sanitized and r["outcome"] == "failed")]
assert len(found) >= 4
for r in found:
    assert r["outcome"] == "ok" and r["rule"], r
    assert 1 <= r["metrics"]["ceiling.calls"] <= 60, r["metrics"]
assert sanitized or len(d["ceilings"]) == 4
PY
overmap show ceiling.json
check_out 'show has the ceiling' 'ceiling.bytes'
overmap export ceiling.json
check_out 'export has it' 'ceiling.predicted_bytes'
overmap compare ceiling.json --by flags --baseline 'private anonymous' --metric ceiling.bytes
check_out 'compare takes it' 'ceiling.bytes'
overmap plan ceiling.yaml
check_exit 'plan takes it' 0

never_of()
{
	overmap run never.yaml -o never.json
	[ "$status" -eq 0 ] || [ "$status" -eq 1 ]
}
cat >never.yaml <<'YAML'
scenario: n
find: ceiling
matrix:
  overcommit: never
  flags: [private anonymous, private anonymous noreserve]
repetitions: 2
YAML
if [ "$(id -u)" -eq 0 ] && [ -z "$OVERMAP_SANITIZED" ] && [ -w /proc/sys/vm/overcommit_memory ]; then
	check 'mode never' never_of
	# Others on the machine commit and give back meanwhile: a quarter of a GiB is theirs.
	python 'never: the same with and without no-reserve' never.json <<'PY'
a, b = [c["bytes"] for c in d["ceilings"]]
assert abs(a - b) < 2**28, (a, b)
assert all(c["rule"] == "commit-limit" for c in d["ceilings"]), d["ceilings"]
PY
else
	skip 'never: the same with and without no-reserve' 'needs root, unsanitized'
fi

scenario resident <<'YAML'
scenario: r
find: resident
matrix:
  flags: private anonymous noreserve
  size: [8MiB, 64MiB]
expect: model
repetitions: 1
YAML
check_exit 'what can be touched is touched' 0
python 'all of it' resident.json <<'PY'
assert sorted(c["bytes"] for c in d["ceilings"]) == [8 << 20, 64 << 20], d["ceilings"]
PY
sed 's/\[8MiB, 64MiB\]/1TiB/; s/expect: model/expect: model\nmay_oom: true/' resident.yaml >most.yaml
overmap run most.yaml -o most.json --max-memory 32MiB
check_exit 'as much as may be' 0
python 'no more than --max-memory, and that is no disagreement' most.json <<'PY'
r = d["repetitions"][0]
assert r["metrics"]["resident.bytes"] == 32 << 20 and r["indeterminate"], r
PY
sed 's/\[8MiB, 64MiB\]/1TiB/' resident.yaml >much.yaml
overmap run much.yaml -o much.json
check_err 'without may_oom it is refused' 'refused'

scenario pile <<'YAML'
scenario: p
find: cumulative
chunk: 1GiB
until: 64GiB
touched: 64KiB
matrix:
  flags: private anonymous noreserve
expect: model
repetitions: 1
YAML
if [ "$mode" != 2 ]; then
	check_exit 'chunk after chunk' 0
	python 'a sample after each' pile.json <<'PY'
s = d["cumulative"]
assert len(s) == 64 and s[-1]["granted_bytes"] == 64 << 30, s[-1]
assert s[-1]["resident_bytes"] > s[0]["resident_bytes"] + 48 * 65536, s[-1]
assert s[-1]["page_table_bytes"] > s[0]["page_table_bytes"]
PY
else
	skip 'chunk after chunk' 'vm.overcommit_memory is 2'
fi

# A search finds the machine's pool, and does not make one.
pools=/sys/kernel/mm/hugepages/hugepages-2048kB
if [ "$(cat "$pools/nr_hugepages" "$pools/nr_overcommit_hugepages" 2>/dev/null | tr '\n' ' ')" = '0 0 ' ] &&
	[ -z "$OVERMAP_SANITIZED" ]; then
	scenario pool <<'YAML'
scenario: p
find: ceiling
matrix: {flags: private anonymous, hugepages: hugetlb 2MiB}
expect: model
repetitions: 1
YAML
	check_exit 'an empty pool is searched' 0
	python 'and has nothing' pool.json <<'PY'
assert [(c["bytes"], c["rule"]) for c in d["ceilings"]] == [(0, "huge-page-pool")], d["ceilings"]
PY
else
	skip 'an empty pool is searched' 'no empty pool of 2 MiB pages, or sanitized'
	skip 'and has nothing' 'no empty pool of 2 MiB pages, or sanitized'
fi

# mistake NAME TEXT: what is wrong with the scenario on standard input.
mistake()
{
	cat >bad.yaml
	overmap check bad.yaml
	check_err "$1" "$2"
}
mistake 'find and steps' "'find' and 'steps' exclude each other" <<'YAML'
scenario: b
find: ceiling
steps: [map, unmap]
YAML
mistake 'an unknown search' "did you mean 'ceiling'" <<'YAML'
scenario: b
find: cieling
YAML
mistake 'a size of another search' "'chunk' belongs to 'find: cumulative'" <<'YAML'
scenario: b
find: ceiling
chunk: 1GiB
YAML
mistake 'a chunk without a unit' "chunk:" <<'YAML'
scenario: b
find: cumulative
chunk: 12
YAML

# explain
cat >why.yaml <<'YAML'
scenario: why
matrix:
  flags: [private anonymous, private anonymous noreserve]
  size: [1MiB, 200TiB]
steps: [map, unmap]
expect: model
repetitions: 2
YAML
overmap run why.yaml -o why.json -q
overmap explain why.json
check_exit 'explain' 0
check_out 'the sentence' 'mmap of 200 TiB private anonymous writable was refused with ENOMEM'
check_out 'the arithmetic' 'largest hole that the request can use'
check_out 'where the rule stands' 'The rule: address-space, mm/'
check_out 'how often' '(2 of 2 repetitions)'
check_out 'the others' '2 other cells ended as they were to'
overmap explain why.json 'flags=private anonymous' size=1MiB
check_out 'a cell that ended well, by its axes' 'ended ok'
overmap explain why.json 3
check_out 'a cell by its number' 'cell 3 '
overmap explain why.json --json
python 'explain as JSON' out <<'PY'
e = d["explanations"]
assert len(e) == 2 and all(x["agrees"] and x["outcome"] == "ENOMEM" for x in e), e
assert e[0]["predicted"]["rule"]["name"] == "address-space" and e[0]["predicted"]["terms"], e[0]
PY
# A result that says something else than the rules do.
sed 's/"outcome":"ok"/"outcome":"EPERM"/' why.json >odd.json
overmap explain odd.json size=1MiB
check_out 'both sides where they differ' 'The kernel: EPERM. The rules'
overmap explain why.json 99
check_exit 'a cell that is not there' 2
check_err 'is named' 'has no cell 99'
overmap explain why.yaml
check_exit 'no result' 2
overmap explain
check_exit 'no argument' 2

# Without the right to write the mode there is no answer in any row, and the exit status says so.
if [ "$(id -u)" = 0 ]; then
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$OVERMAP" ceiling --overcommit always,never
	check_exit 'no row may be set' 4
	check_out 'each says why' 'may not be set'
else
	skip 'no row may be set' 'not root'
fi
