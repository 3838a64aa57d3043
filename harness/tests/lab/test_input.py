# SPDX-License-Identifier: MIT
# time limit: 120 s
"""What the lab says of mistakes, before it starts anything; no QEMU is needed for it."""
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import lab
import accelerator
import debian
import initramfs
import kernel as kernel_file
import kernel_cache
import medians
from architecture import ALL, is_native
from problem import Problem
from topology import parse_size, topology

GIB = 1 << 30


def bzimage(version=b"9.8.7-test (x) #1", size=0x8000):
    """The least that a boot loader takes for a kernel: see Documentation/arch/x86/boot.rst."""
    content = bytearray(size)
    content[0x1f1] = 1
    content[0x1f4:0x1f8] = ((size - 1024) // 16).to_bytes(4, "little")
    content[0x1fe:0x200] = b"\x55\xaa"
    content[0x202:0x206] = b"HdrS"
    content[0x20e:0x210] = (0x300 - 0x200).to_bytes(2, "little")
    content[0x300:0x300 + len(version) + 1] = version + b"\0"
    return bytes(content)


class Topologies(unittest.TestCase):
    def problem(self, words, *arguments, **options):
        with self.assertRaises(Problem) as caught:
            topology(*arguments, **options)
        self.assertIn(words, str(caught.exception))

    def test_sizes(self):
        for text, size in (("8G", 8 * GIB), ("512M", GIB // 2), ("512", GIB // 2), ("2MiB", 2 << 20), ("1T", 1 << 40)):
            self.assertEqual(parse_size(text), size, text)
        for text in ("", "x", "-1G", "1.5G", "8X"):
            with self.assertRaises(Problem):
                parse_size(text)

    def test_shares(self):
        four = topology(4, 3, "1G", memory_only="3")
        self.assertEqual([list(node.cpus) for node in four.nodes], [[0], [1], [2], []])
        self.assertEqual([node.memory for node in four.nodes], [GIB // 4] * 4)
        two = topology(2, 3, "256M,512M", distances="10,20/21,10")
        self.assertEqual([list(node.cpus) for node in two.nodes], [[0, 1], [2]])
        self.assertEqual([node.memory >> 20 for node in two.nodes], [256, 512])
        self.assertIn("dist,src=1,dst=0,val=21", two.arguments())

    def test_one_node_is_plain(self):
        self.assertEqual(topology(1, 2, "1G").arguments(),
                         ["-smp", "2,sockets=1,cores=2,threads=1", "-m", "1024M"])

    def test_more_nodes_than_cpus(self):
        self.problem("4 nodes want CPUs and there are 2", 4, 2, "1G")

    def test_no_node_with_cpus(self):
        self.problem("names every node", 2, 2, "1G", memory_only="0,1")

    def test_no_memory(self):
        self.problem("needs 64 MiB on each", 4, 4, "128M")
        self.problem("not enough to boot", 1, 1, "64M")
        self.problem("this machine has", 1, 1, "1000T")
        self.problem("2 sizes for 3 nodes", 3, 3, "1G,1G")

    def test_distances(self):
        self.problem("no 2 × 2 matrix", 2, 2, "1G", "10,20")
        self.problem("must be 11 to 254", 2, 2, "1G", "10,10/20,10")
        self.problem("to itself is 10", 2, 2, "1G", "11,20/20,10")

    def test_unknown_node(self):
        self.problem("none of the nodes 0 to 1", 2, 2, "1G", memory_only="2")


class Kernels(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def refused(self, content, words):
        path = self.folder / "vmlinuz"
        path.write_bytes(content)
        with self.assertRaises(Problem) as caught:
            kernel_file.Kernel(path)
        self.assertIn(words, str(caught.exception))

    def test_a_kernel(self):
        path = self.folder / "vmlinuz"
        path.write_bytes(bzimage())
        self.assertEqual(kernel_file.Kernel(path).version, "9.8.7-test")

    def test_no_kernels(self):
        self.refused(b"", "no Linux kernel")
        self.refused(b"#!/bin/sh\n" * 200, "no Linux kernel")
        self.refused(b"\x7fELF" + bytes(2000), "is an ELF file")
        self.refused(bzimage()[:0x4000], "is cut: 16384 of 32768 bytes")
        with self.assertRaises(Problem):
            kernel_file.Kernel(self.folder)
        with self.assertRaises(Problem):
            kernel_file.Kernel(self.folder / "absent")

    def test_versions(self):
        for release, wanted, expected in (("6.1.0-56-amd64", "6.1", True), ("6.12.1-amd64", "6.1", False),
                                          ("6.12.117+deb12-amd64", "6.12", True), ("6.1.0-56-amd64", "6.1.0-5", False),
                                          ("16.1.0-amd64", "6.1", False), ("6.1-amd64", "6.1", False),
                                          ("6.1.0-0.deb11.52-amd64", "6.1", True), ("6.1.0-56-cloud-amd64", "6.1", False),
                                          ("6.1.0-56-rt-amd64", "6.1", False), ("6.1.0-56-arm64", "6.1", False)):
            self.assertEqual(kernel_cache.matches(release, wanted, ALL["x86_64"]), expected, (release, wanted))
        for release, wanted, expected in (("6.12.117+deb13-arm64", "6.12", True), ("6.12.117+deb13-arm64-16k", "6.12", False),
                                          ("6.12.117+deb13-arm64-16k", "6.12-16k", True),
                                          ("6.12.117+deb13-arm64", "6.12-16k", False), ("6.12.117+deb13-amd64", "6.12", False)):
            self.assertEqual(kernel_cache.matches(release, wanted, ALL["aarch64"]), expected, (release, wanted))
        self.assertLess(kernel_cache.natural("6.12.9"), kernel_cache.natural("6.12.117"))

    def test_newest_of_the_cache(self):
        for release in ("6.1.0-9-amd64", "6.1.0-56-amd64", "6.12.1-amd64"):
            path = self.folder / release / "boot" / f"vmlinuz-{release}"
            path.parent.mkdir(parents=True)
            path.write_bytes(bzimage())
        self.assertEqual(kernel_cache.find("6.1", self.folder).name, "vmlinuz-6.1.0-56-amd64")
        with self.assertRaises(Problem):
            kernel_cache.find("6.2", self.folder)

    def test_dependencies(self):
        self.assertEqual(kernel_file.dependencies(b"\0license=GPL\0depends=a,b_c\0name=d\0"), ["a", "b_c"])
        self.assertEqual(kernel_file.dependencies(b"\0depends=\0name=d\0"), [])

    def test_modules_are_wanted_and_absent(self):
        path = self.folder / "vmlinuz"
        path.write_bytes(bzimage())
        with self.assertRaisesRegex(Problem, "comes without modules"):
            kernel_file.Kernel(path).module_files(["zram"])


class Archives(unittest.TestCase):
    def test_the_same_files_make_the_same_archive(self):
        made = []
        for _ in range(2):
            archive = initramfs.Archive()
            archive.add("a/b/file", b"12345", 0o755)
            archive.add("a/other", b"")
            made.append(archive.finish())
        self.assertEqual(*made)
        self.assertEqual(len(made[0]) % 4, 0)

    def test_cpio_reads_it(self):
        archive = initramfs.Archive()
        archive.add("a/b/file", b"12345", 0o755)
        names = []
        content = archive.finish()
        while content:
            self.assertEqual(content[:6], b"070701")
            size, length = int(content[54:62], 16), int(content[94:102], 16)
            names.append(content[110:110 + length - 1].decode())
            head = (110 + length + 3) // 4 * 4
            content = content[head + (size + 3) // 4 * 4:]
        self.assertEqual(names, ["a", "a/b", "a/b/file", "TRAILER!!!"])

    def test_words_for_the_shell(self):
        self.assertEqual(initramfs.shell_word("it's"), "'it'\\''s'")


class Probe(unittest.TestCase):
    """Of KVM, with QEMUs that are none."""

    def said_by(self, text):
        with tempfile.TemporaryDirectory() as folder:
            fake = lab.write(folder, "qemu-system-x86_64", "#!/bin/sh\n" + text)
            fake.chmod(0o755)
            path = f"{folder}:{os.environ['PATH']}"
            with mock.patch.dict(os.environ, PATH=path), mock.patch.object(accelerator, "PROBE_LIMIT_S", 0.3):
                return accelerator.firmware_runs("kvm", "host")

    def test_a_guest_that_ran(self):
        self.assertIsNone(self.said_by(f"exit {accelerator.EXIT_STATUS}\n"))

    def test_one_that_hangs(self):
        begun = time.monotonic()
        self.assertIn("did not get through its first instructions", self.said_by("exec sleep 1000\n"))
        self.assertLess(time.monotonic() - begun, 100)

    def test_one_that_fails(self):
        self.assertEqual(self.said_by("echo no such thing >&2; exit 1\n"), "no such thing")
        self.assertIn("status 0", self.said_by("exit 0\n"))

    def test_another_processor(self):
        other = next(arch for arch in ALL.values() if not is_native(arch))
        self.assertEqual(accelerator.choose("auto", other)[0], "tcg")
        with self.assertRaisesRegex(Problem, "not this machine's processor"):
            accelerator.choose("kvm", other)


class Sources(unittest.TestCase):
    def test_only_debian_s_archives_get_more_suites(self):
        own = [("http://a/debian", "bookworm", "/k.gpg"), ("http://a/debian", "bookworm-updates", None),
               ("http://a/security", "bookworm-security", None), ("http://b", "nodistro", None)]
        self.assertEqual(debian.debian_lines(("trixie", "bullseye-security"), own), [
            "deb [signed-by=/k.gpg] http://a/debian bookworm main", "deb [signed-by=/k.gpg] http://a/debian trixie main",
            "deb http://a/debian bookworm-updates main", "deb http://a/security bookworm-security main",
            "deb http://a/security bullseye-security main"])
        self.assertEqual(debian.debian_lines(("trixie",), [("http://u", "noble", None)]), [])


class Arm(unittest.TestCase):
    """A kernel of aarch64, by the header of Documentation/arch/arm64/booting.rst and its banner."""

    def test_image(self):
        content = bytearray(0x8000)
        content[0x38:0x3c] = b"ARM\x64"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "Image"
            path.write_bytes(content)
            with self.assertRaisesRegex(Problem, "no banner"):
                kernel_file.Kernel(path)
            path.write_bytes(content + b"Linux version 9.8.7-arm64 (x) #1\0")
            found = kernel_file.Kernel(path)
        self.assertEqual((found.arch, found.version), ("aarch64", "9.8.7-arm64"))


class Rows(unittest.TestCase):
    def test_settled(self):
        row = medians.Row("c", "m", {"a": [1000.0, 1000.9], "b": [1100.0, 1100.0]}, True)
        self.assertTrue(row.settled)
        self.assertEqual(row.medians["b"], 1100.0)
        self.assertFalse(medians.Row("c", "m", {"a": [1000.0, 1001.1], "b": [1.0, 1.0]}, True).settled)
        self.assertFalse(medians.Row("c", "m", {"a": [1000.0], "b": [1.0]}, False).settled)

    def test_the_table_marks_them(self):
        rows = [medians.Row("c", "m", {"a": [1000.0, 1002.0], "b": [2002.0, 2002.0]}, True)]
        text = medians.print_table(rows, ["a", "b"], "ns")
        self.assertIn("2.0000", text)
        self.assertIn("unsettled", text)


class CommandLine(unittest.TestCase):
    def test_mistakes(self):
        with tempfile.TemporaryDirectory() as folder:
            vmlinuz, scenario = Path(folder) / "vmlinuz", lab.ROOT / "scenarios" / "page-fault.yaml"
            vmlinuz.write_bytes(bzimage())
            broken = lab.write(folder, "broken.yaml", "scenario: x\n")
            for words, expected in (
                    (["-k", vmlinuz], "nothing to run"),
                    (["-k", vmlinuz, "--nodes", "3", "--cpus", "2", scenario], "3 nodes want CPUs"),
                    (["-k", vmlinuz, "--clock", "instructions", "--cpus", "2", scenario], "counts those of one CPU"),
                    (["-k", vmlinuz, "--pool", "x", scenario], '--pool "x"'),
                    (["-k", scenario, scenario], "no Linux kernel"),
                    (["-k", vmlinuz, broken], "nothing was started")):
                done = subprocess.run(lab.command(*words), capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(expected, done.stderr)
                self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
