# SPDX-License-Identifier: MIT
"""The published schema of scenarios, held against the library and the broken files by an
independent validator."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import jsonschema

ROOT = Path(os.environ.get("OVERMAP_ROOT", Path(__file__).resolve().parents[3]))
OVERMAP = os.environ.get("OVERMAP", str(ROOT / "build" / "overmap"))
BROKEN = ROOT / "harness" / "tests" / "cli" / "broken"

# What a schema of the shape cannot know: order of steps, equal values, numbers of cells, names that
# the file itself gives, words inside a text, how a number is written. Files that are no YAML at all have no JSON to hold.
BEYOND = {
    "address-no-address", "alias-inside-itself", "alias-unknown", "argument-bad-choice", "argument-not-a-multiple",
    "argument-not-of-pages", "argument-too-small", "arguments-that-contradict", "axis-twice", "events-none",
    "flag-unknown", "flags-conflict", "expect-bad-outcome", "expect-bad-step", "expect-ok-at-step", "exclude-no-order", "for-zero",
    "grows-with-every-pass",
    "hugepages-no-size", "hugepages-unknown", "key-missing", "key-twice", "list-as-key",
    "map-over-rest", "map-twice", "matrix-too-large", "merge-of-a-word", "not-repeatable", "numa-node-word",
    "numa-unknown", "overcommit-both", "part-not-repeatable", "perf-event-twice",
    "perf-unknown-event", "perf-unknown-modifier", "protection-unknown",
    "repetitions-upside-down", "setup-not-repeatable", "setup-unmaps", "size-fraction-of-byte",
    "size-of-itself", "size-too-large", "size-twice", "tag", "threads-word", "touch-before-map",
    "unmap-twice", "until-zero",
}


def as_json(path):
    """The file as JSON, or None where it is no YAML."""
    done = subprocess.run([OVERMAP, "check", "--json", str(path)], capture_output=True, check=False)
    return json.loads(done.stdout) if done.stdout else None


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = subprocess.run([OVERMAP, "schema", "scenario"], capture_output=True, check=True)
        schema = json.loads(text.stdout)
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema)

    def test_library_is_valid(self):
        files = sorted((ROOT / "scenarios").rglob("*.yaml"))
        self.assertGreaterEqual(len(files), 10)
        for path in files:
            with self.subTest(path.name):
                self.validator.validate(as_json(path))

    def test_values_in_words_are_valid(self):
        """What the loader takes as one text, the schema takes too."""
        for mode in ("never ratio 80", "never kbytes 4GiB", "never"):
            text = (f"scenario: words\nmatrix: {{overcommit: [{mode}]}}\n"
                    "steps: [map, unmap]\n")
            with self.subTest(mode), tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text)
                file.flush()
                self.validator.validate(as_json(file.name))

    def test_addresses_are_texts_or_numbers(self):
        """Unquoted hex is a number to YAML's core schema, which editors read files by."""
        def document(address):
            return {"scenario": "place", "setup": [{"map": {"address": address}}],
                    "steps": ["touch", "unmap"]}

        for address in (0x7e0000000000, 0, 2 ** 64 - 1, "0x7e0000000000", "256GiB"):
            with self.subTest(address):
                self.validator.validate(document(address))
        for address in (-1, 2 ** 64, 1.5, "4096", True):
            with self.subTest(address):
                self.assertFalse(self.validator.is_valid(document(address)))

    def test_broken_files_are_not(self):
        refused = 0
        for path in sorted(BROKEN.glob("*.yaml")):
            document = as_json(path)
            if document is None or path.stem in BEYOND:
                continue
            with self.subTest(path.name):
                self.assertFalse(self.validator.is_valid(document), f"{path.stem} passes")
            refused += 1
        self.assertGreaterEqual(refused, 60)


if __name__ == "__main__":
    unittest.main()
