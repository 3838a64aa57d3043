# SPDX-License-Identifier: MIT
# time limit: 400 s
"""However a guest ends, the lab says so in time, keeps what came before, and leaves no QEMU behind."""
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import lab

SCENARIO = """
scenario: small
summary: A few pages.
matrix: {size: 1MiB, hugepages: none}
steps: [map, {touch: {access: write}}, unmap]
repetitions: 3
"""

FOREVER = """
scenario: forever
summary: More rounds than anybody waits for.
matrix: {size: 1MiB, hugepages: none}
steps: [map, {touch: {access: write}}, unmap]
repetitions: 100000
"""


@unittest.skipIf(lab.missing(), lab.missing())
class Ends(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "out"
        self.small = lab.write(self.folder, "small.yaml", SCENARIO)
        self.words = ["-k", lab.kernel(), "--memory", "512M"]

    def assert_nothing_left(self):
        deadline = time.monotonic() + 5
        while lab.qemu_processes(self.folder) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertFalse(lab.qemu_processes(self.folder), "QEMU processes are left")

    def script(self, text):
        return ["--script", lab.write(self.folder, "script.sh", text)]

    def test_panic(self):
        status, said = lab.guest(self.out, *self.words, self.small, *self.script("echo c >/proc/sysrq-trigger"))
        self.assertEqual(status, 1, said)
        self.assertIn("panic: Kernel panic - not syncing", said)
        self.assertTrue((self.out / "small.json").exists(), "what came before is kept")
        self.assert_nothing_left()

    def test_interrupted_while_it_streams(self):
        forever = lab.write(self.folder, "forever.yaml", FOREVER)
        process = subprocess.Popen(lab.command("-o", self.out, *self.words, forever), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        journal = self.out / "forever.json.journal"
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and not (journal.exists() and journal.read_text().count("repetition\":") > 3):
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, said)
        self.assert_nothing_left()
        show = subprocess.run([str(lab.OVERMAP), "show", str(journal)], capture_output=True, text=True, check=False)
        self.assertEqual(show.returncode, 0, show.stderr)

    @unittest.skipUnless(lab.STRESS, "only under stress (make stress)")
    def test_hang(self):
        begun = time.monotonic()
        status, said = lab.guest(self.out, *self.words, self.small, *self.script("sleep 10000"), limit=40)
        self.assertEqual(status, 124, said)
        self.assertIn("time limit: not done after 40 s", said)
        self.assertLess(time.monotonic() - begun, 60)
        self.assertTrue((self.out / "small.json").exists(), "what came before is kept")
        self.assert_nothing_left()

    @unittest.skipUnless(lab.STRESS, "only under stress (make stress)")
    def test_full_disk(self):
        # The folder of results is memory: filled beforehand, there is no room for a journal.
        fill = ("mount -o remount,size=1M /results; dd if=/dev/zero of=/results/fill bs=64k 2>/dev/null\n"
                "overmap run -q -o /results/full.json /scenarios/small.yaml >/tmp/full 2>&1\n"
                "echo status $? >>/tmp/full\nrm /results/fill\ncat /tmp/full\n")
        status, said = lab.guest(self.out, *self.words, self.small, *self.script(fill))
        text = (self.out / "script.sh.txt").read_text(encoding="utf-8")
        self.assertNotIn("status 0", text, said)
        self.assertIn("No space left on device", text)
        self.assert_nothing_left()

    @unittest.skipUnless(lab.STRESS, "only under stress (make stress)")
    def test_killed(self):
        process = subprocess.Popen(lab.command("-q", "-o", self.out, *self.words, *self.script("sleep 10000")),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not lab.qemu_processes(self.folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue(lab.qemu_processes(self.folder))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.assert_nothing_left()

    @unittest.skipUnless(lab.STRESS, "only under stress (make stress)")
    def test_swap(self):
        status, said = lab.guest(self.out, *self.words, "--swap", "128M", *self.script("cat /proc/swaps\n"))
        self.assertEqual(status, 0, said)
        self.assertIn("/dev/vda", (self.out / "script.sh.txt").read_text(encoding="utf-8"))


class Instructions(unittest.TestCase):
    arch = None

    def test_boots_repeat(self):
        """The same boot twice: settled, marked, and the same to the last instruction."""
        reason = lab.missing(arch=self.arch)
        if reason:
            self.skipTest(reason)
        arch = ["--arch", self.arch] if self.arch else []
        with tempfile.TemporaryDirectory() as folder:
            small, figures = lab.write(folder, "small.yaml", SCENARIO), []
            for number in range(2):
                out = Path(folder) / str(number)
                status, said = lab.guest(out, *arch, "-k", lab.kernel(arch=self.arch), "--memory", "512M",
                                         "--clock", "instructions", "--option=--seed", "--option=7", small)
                self.assertEqual(status, 0, said)
                self.assertIn(" settled after", said)
                result = lab.Result(out / "small.json")
                self.assertEqual(result.document["run"]["clock"], "instructions")
                self.assertIs(result.document["emulated"], True)
                figures.append([r["metrics"]["touch.time_per_touch"] for r in result.repetitions()])
            self.assertEqual(*figures)
            # A fault with a page to clear is some thousand instructions on every processor.
            self.assertTrue(all(1000 < value < 50000 for value in figures[0]), figures)


class InstructionsAarch64(Instructions):
    arch = "aarch64"


if __name__ == "__main__":
    unittest.main()
