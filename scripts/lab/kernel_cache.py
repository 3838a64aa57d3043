# SPDX-License-Identifier: MIT
"""Kernels of Debian packages, unpacked in a cache of the user's and never installed."""
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from problem import Problem

FLAVOUR = "amd64"
NAME = re.compile(r"linux-image-(?P<release>(?P<version>\d+\.\d+)[^\s]*-" + FLAVOUR + r")$")
NOT_PLAIN = re.compile(r"-(?:cloud|rt)-" + FLAVOUR + r"$")
DOWNLOAD_LIMIT_S = 600


def cache_folder(given=None):
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(given or Path(home) / "overmap" / "kernels")


def natural(text):
    """Sorts 6.12.9 before 6.12.117."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def images(folder):
    """{release: bzImage} of what is in the cache."""
    return {path.name[len("vmlinuz-"):]: path for path in sorted(folder.glob("*/boot/vmlinuz-*"))}


def matches(release, wanted):
    """6.1 is any 6.1.x, not 6.12; a whole release is itself."""
    return release == wanted or re.match(re.escape(wanted) + r"(?![0-9])", release) is not None


def find(wanted, cache=None):
    """A path as it is; else the newest in the cache that matches. Raises Problem."""
    if "/" in wanted or os.path.exists(wanted):
        return Path(wanted)
    present = images(cache_folder(cache))
    releases = sorted((r for r in present if matches(r, wanted)), key=natural)
    if not releases:
        raise Problem(f"no kernel {wanted} in {cache_folder(cache)}: scripts/lab/kernels {wanted} fetches it, "
                      "or give the path of a bzImage")
    return present[releases[-1]]


# --- apt ---------------------------------------------------------------------------------------


class Apt:
    """apt with the system's own sources; with extra suites, on lists and sources of its own: nothing
    below /etc/apt or /var/lib/apt is written."""

    def __init__(self, private=None):
        self.options = []
        self.private = private
        if private:
            for name in ("lists/partial", "archives/partial", "sources.d"):
                (private / name).mkdir(parents=True, exist_ok=True)
            self.options = ["-o", f"Dir::State::Lists={private}/lists", "-o", f"Dir::Cache={private}",
                            "-o", f"Dir::Etc::SourceList={private}/sources.list",
                            "-o", f"Dir::Etc::SourceParts={private}/sources.d"]

    def run(self, tool, *words, cwd=None):
        command = [tool, "-q", *self.options, "-o", "APT::Sandbox::User=root" if os.geteuid() == 0 else "Debug::NoLocking=false",
                   *words]
        try:
            done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=DOWNLOAD_LIMIT_S, check=False)
        except FileNotFoundError:
            raise Problem(f"no {tool} here: give the path of a bzImage instead") from None
        except subprocess.TimeoutExpired:
            raise Problem(f"{tool} {words[0]} was not done after {DOWNLOAD_LIMIT_S} s") from None
        if done.returncode:
            reasons = [line for line in done.stderr.splitlines() if line.startswith(("E:", "Err"))]
            raise Problem(f"{tool} {' '.join(words)}: {(reasons or done.stderr.strip().splitlines() or ['failed'])[0]}")
        return done.stdout

    def releases(self, wanted):
        """Of the packages that apt knows, those whose kernel matches; the newest first."""
        found = []
        for line in self.run("apt-cache", "search", "--names-only", "^linux-image-[0-9]").splitlines():
            name = NAME.match(line.split(" ")[0])
            if name and not NOT_PLAIN.search(name[0]) and matches(name["release"], wanted) \
                    and re.search(r"\d+\.\d+\.\d+", name["release"]):
                found.append(name["release"])
        return sorted(found, key=natural, reverse=True)

    def suites(self, extra):
        """Sources of its own: the machine's archives with other suites. Lines of sources.list."""
        lines = []
        for uri, suite, signed in own_sources():
            if suite in ("stable", "bookworm", "trixie", "bullseye"):
                option = f"[signed-by={signed}] " if signed else ""
                lines += [f"deb {option}{uri} {name} main" for name in extra]
        if not lines:
            raise Problem("the package sources of this machine are not Debian's: give the path of a bzImage")
        (self.private / "sources.list").write_text("\n".join(lines) + "\n", encoding="ascii")
        self.run("apt-get", "update")


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


# --- fetching ----------------------------------------------------------------------------------


def unpack(package, folder):
    """The package's files below folder, complete or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking.") as name:
        done = subprocess.run(["dpkg-deb", "-x", str(package), name], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Problem(f"dpkg-deb cannot unpack {package.name}: {done.stderr.strip()}")
        (Path(name) / "complete").touch()
        if folder.exists():
            shutil.rmtree(folder)
        os.rename(name, folder)
        os.mkdir(name)       # for TemporaryDirectory to take away
    folder.chmod(0o755)


def download(apt, release, cache):
    with tempfile.TemporaryDirectory(dir=cache, prefix=".download.") as name:
        apt.run("apt-get", "download", f"linux-image-{release}", cwd=name)
        packages = list(Path(name).glob("*.deb"))
        if not packages:
            raise Problem(f"apt-get download brought no linux-image-{release}")
        unpack(packages[0], cache / release)
    return images(cache)[release]


def fetch(wanted, cache=None, tell=lambda text: None, suites=(), again=False):
    """The path of a kernel that matches, fetched where the cache has none (or with again, a newer)."""
    if "/" in wanted or os.path.exists(wanted):
        return Path(wanted)
    cache = cache_folder(cache)
    cache.mkdir(parents=True, exist_ok=True)
    if not again:
        try:
            return find(wanted, cache)
        except Problem:
            pass
    apt = Apt()
    releases = apt.releases(wanted)
    if not releases:
        suites = suites or default_suites()
        tell(f"apt knows no kernel {wanted}: looking in {', '.join(suites)}, with package lists of our own")
        apt = Apt(cache / ".apt")
        apt.suites(suites)
        releases = apt.releases(wanted)
    if not releases:
        raise Problem(f"no package has a kernel {wanted}: apt-cache search linux-image says which there are")
    if (cache / releases[0] / "complete").exists():
        return images(cache)[releases[0]]
    tell(f"fetching linux-image-{releases[0]}")
    return download(apt, releases[0], cache)


def default_suites():
    """Backports of this release, and what comes after it."""
    suite = next((s for _, s, _ in own_sources() if re.fullmatch(r"[a-z]+", s) and s != "stable"), "bookworm")
    return [f"{suite}-backports", "trixie", "trixie-backports", "sid"]
