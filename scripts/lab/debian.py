# SPDX-License-Identifier: MIT
"""Debian's archives, asked for a package without changing this machine: nothing below /etc/apt, /var/lib/apt or
/var/lib/dpkg is written, and what is fetched is unpacked into a folder, never installed."""
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from problem import Problem

LIMIT_S = 900                # of one command of apt's
RELEASES = ("bullseye", "bookworm", "trixie", "forky", "sid")
# Where to look for what this machine's own sources lack. Not every archive has every suite.
SUITES = ("bookworm", "bookworm-backports", "bullseye", "trixie", "trixie-backports", "sid")
SECURITY = ("bullseye-security", "bookworm-security")


def own_sources():
    """(uri, suite, keyring or None) of this machine's package sources, both forms of file."""
    for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            fields = dict(re.findall(r"^(\S+):\s*(.*)$", stanza, re.M))
            if fields.get("Enabled", "yes").lower() == "no" or "deb" not in fields.get("Types", "").split():
                continue
            for uri in fields.get("URIs", "").split():
                for suite in fields.get("Suites", "").split():
                    yield uri, suite, fields.get("Signed-By")
    for path in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*.list"))):
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for options, uri, suite in re.findall(r"^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)", text, re.M):
            signed = re.search(r"signed-by=(\S+)", options)
            yield uri, suite, signed[1] if signed else None


def debian_lines(more, sources=None):
    """Lines of sources.list: this machine's Debian archives, with the suites named in more beside its own."""
    lines = []
    for uri, suite, signed in sources if sources is not None else own_sources():
        base, _, pocket = suite.partition("-")
        if base not in (*RELEASES, "stable") or pocket not in ("", "security", "updates"):
            continue
        extra = {"": [s for s in more if not s.endswith("-security")],
                 "security": [s for s in more if s.endswith("-security")]}.get(pocket, [])
        option = f"[signed-by={signed}] " if signed else ""
        lines += [f"deb {option}{uri} {name} main" for name in (suite, *extra)]
    return list(dict.fromkeys(lines))


class Apt:
    """apt as this machine has it; with a private folder, on lists and sources of its own there, for any
    architecture of Debian's and more suites, as on a machine on which nothing is installed."""

    def __init__(self, private=None, architecture=None, suites=()):
        self.options, self.complaint = [], ""
        if not private:
            return
        for name in ("lists/partial", "archives/partial", "sources.d"):
            (private / name).mkdir(parents=True, exist_ok=True)
        lines = debian_lines(suites)
        if not lines:
            raise Problem("the package sources of this machine are not Debian's")
        (private / "sources.list").write_text("\n".join(lines) + "\n", encoding="ascii")
        (private / "status").touch()
        settings = {"Dir::State::Lists": f"{private}/lists", "Dir::State::status": f"{private}/status", "Dir::Cache": private,
                    "Dir::Etc::SourceList": f"{private}/sources.list", "Dir::Etc::SourceParts": f"{private}/sources.d",
                    "Acquire::Languages": "none", "Acquire::Retries": "3"}
        if architecture:
            settings.update({"APT::Architecture": architecture, "APT::Architectures": architecture})
        for name, value in settings.items():
            self.options += ["-o", f"{name}={value}"]
        try:
            self.run("apt-get", "update")
        except Problem as problem:       # a suite that an archive lacks: the others have been read
            self.complaint = f" ({problem})"

    def run(self, tool, *words, cwd=None):
        command = [tool, "-q", *self.options, *words]
        if os.geteuid() == 0:
            command[1:1] = ["-o", "APT::Sandbox::User=root"]
        try:
            done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=LIMIT_S, check=False)
        except FileNotFoundError:
            raise Problem(f"no {tool} here") from None
        except subprocess.TimeoutExpired:
            raise Problem(f"{tool} {words[0]} was not done after {LIMIT_S} s") from None
        if done.returncode:
            reasons = [line for line in done.stderr.splitlines() if line.startswith(("E:", "Err"))]
            raise Problem(f"{tool} {' '.join(words)}: {(reasons or done.stderr.strip().splitlines() or ['failed'])[0]}")
        return done.stdout

    def names(self, pattern):
        """Of the packages that apt knows, those whose name matches."""
        return [line.split(" ")[0] for line in self.run("apt-cache", "search", "--names-only", pattern).splitlines()]

    def unpack(self, packages, folder, needed=False):
        """The packages' files below folder, complete or not at all; with needed, also all that they depend on."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching.") as name:
            fetched, root = Path(name, "packages"), Path(name, "root")
            (fetched / "partial").mkdir(parents=True)
            root.mkdir()
            if needed:
                self.run("apt-get", "install", "--download-only", "--yes", "--no-install-recommends",
                         "-o", f"Dir::Cache::archives={fetched}", *packages)
            else:
                self.run("apt-get", "download", *packages, cwd=fetched)
            for package in sorted(fetched.glob("*.deb")):
                extract(package, root)
            (root / "complete").touch()
            root.chmod(0o755)
            if folder.exists():
                shutil.rmtree(folder)
            os.rename(root, folder)


def extract(package, folder):
    done = subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"dpkg-deb cannot unpack {package.name}: {done.stderr.strip()}")
