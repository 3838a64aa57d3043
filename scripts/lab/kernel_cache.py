# SPDX-License-Identifier: MIT
"""Kernels of Debian packages, unpacked in a cache of the user's and never installed."""
import os
import re
from pathlib import Path

import debian
from architecture import architecture
from problem import Problem

# linux-image-6.1.0-56-amd64, 6.12.117+deb12-amd64, 7.3.4+deb13-arm64-16k; no metapackage, cloud or rt.
RELEASE = r"\d+\.\d+\.\d+[^\s-]*(?:-(?:rc)?\d[\w.]*)*-{flavour}"


def cache_folder(given=None):
    """What was given, $OVERMAP_KERNELS, or the user's cache."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(given or os.environ.get("OVERMAP_KERNELS") or Path(home) / "overmap" / "kernels")


def natural(text):
    """Sorts 6.12.9 before 6.12.117."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def images(folder):
    """{release: kernel} of what is in the cache; Debian has moved them within its packages."""
    paths = [*folder.glob("*/boot/vmlinuz-*"), *folder.glob("*/usr/lib/modules/*/vmlinuz")]
    return {path.relative_to(folder).parts[0]: path for path in sorted(paths)}


def matches(release, wanted, arch):
    """6.1 is any 6.1.x of that architecture, not 6.12; 6.12-16k one with pages of 16 KiB; a whole release is itself."""
    version, pages = re.fullmatch(r"(.*?)(-\d+k)?", wanted).groups()
    flavour = arch.debian + (pages or "")
    return release == wanted or bool(re.fullmatch(RELEASE.format(flavour=flavour), release)
                                     and re.match(re.escape(version) + r"(?![0-9])", release))


def newest(releases, wanted, arch):
    found = sorted((r for r in releases if matches(r, wanted, arch)), key=natural)
    return found[-1] if found else None


def find(wanted, cache=None, arch=None):
    """A path as it is; else the newest in the cache that matches. Raises Problem."""
    if "/" in wanted or os.path.exists(wanted):
        return Path(wanted)
    arch = arch or architecture()
    present = images(cache_folder(cache))
    release = newest(present, wanted, arch)
    if not release:
        raise Problem(f"no kernel {wanted} for {arch.name} in {cache_folder(cache)}: scripts/lab/kernels "
                      f"--arch {arch.name} {wanted} fetches it, or give the path of a kernel")
    return present[release]


# --- fetching ----------------------------------------------------------------------------------


def packages_of(apt, release):
    """The kernel and its modules: one package, or since Debian 14 one for each."""
    parts = apt.names(f"^linux-(image|binary|base|modules)-{re.escape(release)}$")
    if f"linux-image-{release}" not in parts:
        raise Problem(f"apt knows no linux-image-{release}")
    return sorted(parts)


def offered(apt, wanted, arch):
    prefix = "linux-image-"
    return newest((name[len(prefix):] for name in apt.names("^linux-image-[0-9]")), wanted, arch)


def look(wanted, cache, arch, tell, suites):
    """(apt, release): this machine's apt where it knows one, else one with more suites and architectures."""
    if arch == architecture():
        apt = debian.Apt()
        release = offered(apt, wanted, arch)
        if release:
            return apt, release
    suites = tuple(suites) or debian.SUITES + debian.SECURITY
    tell(f"looking for a kernel {wanted} for {arch.name} in {', '.join(suites)}, with package lists of our own")
    apt = debian.Apt(cache / f".apt-{arch.debian}", arch.debian, suites)
    release = offered(apt, wanted, arch)
    if not release:
        raise Problem(f"no package has a kernel {wanted} for {arch.name}{apt.complaint}; "
                      "--suite names another suite, and the path of a kernel will do, too")
    return apt, release


def fetch(wanted, cache=None, tell=lambda text: None, suites=(), again=False, arch=None):
    """The path of a kernel that matches, fetched where the cache has none (or with again, a newer)."""
    if "/" in wanted or os.path.exists(wanted):
        return Path(wanted)
    arch, cache = arch or architecture(), cache_folder(cache)
    cache.mkdir(parents=True, exist_ok=True)
    if not again:
        try:
            return find(wanted, cache, arch)
        except Problem:
            pass
    apt, release = look(wanted, cache, arch, tell, suites)
    if release not in images(cache):
        tell(f"fetching linux-image-{release}")
        apt.unpack(packages_of(apt, release), cache / release)
    return images(cache)[release]
