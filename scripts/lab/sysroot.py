# SPDX-License-Identifier: MIT
"""The libraries of another architecture, from Debian's packages, in a folder of the user's cache: what is
built for it links with them, and a guest gets them."""
import debian
import kernel_cache
from problem import Problem

LIBRARIES = ("libc6-dev", "libfyaml-dev", "libcjson-dev", "libhwloc-dev", "libnuma-dev", "libmd-dev", "libsmartcols-dev",
             "libpfm4-dev", "libcmocka-dev", "busybox-static")


def folder(arch):
    return kernel_cache.cache_folder().parent / "sysroot" / arch.name


def find(arch):
    if not (folder(arch) / "complete").exists():
        raise Problem(f"no libraries for {arch.name} in {folder(arch)}: scripts/lab/cross {arch.name} fetches them")
    return folder(arch)


def fetch(arch, tell):
    """The folder, filled where it was not. The release is this machine's, so that compiler and libraries agree."""
    place = folder(arch)
    if not (place / "complete").exists():
        tell(f"fetching the libraries of {arch.debian}: {', '.join(LIBRARIES)}")
        apt = debian.Apt(place.parent / f".apt-{arch.debian}", arch.debian)
        apt.unpack(LIBRARIES, place, needed=True)
    return place
