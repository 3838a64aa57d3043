# SPDX-License-Identifier: MIT
"""Turn a page into a picture: fill its template, run gnuplot on it, keep what it wrote."""
import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from xml.sax.saxutils import escape

from . import palette, text
from .error import PlotError

OLDEST = (5, 4)
FONT = "DejaVu Sans"
# Without DejaVu, its near relations keep the measured widths.
FONTS = "DejaVu Sans, Bitstream Vera Sans, Verdana, sans-serif"
TEMPLATES = pathlib.Path(__file__).resolve().parents[2] / "plots"
_IN_DEJAVU = "–—‘’“”…−≠≤≥≈→←\N{REPLACEMENT CHARACTER}"
FORMATS = ("svg", "png", "pdf")


def check_version():
    """PlotError unless there is a gnuplot that is new enough."""
    if not shutil.which("gnuplot"):
        raise PlotError("gnuplot is not installed: install gnuplot 5.4 or newer "
                        "(Debian, Ubuntu: apt-get install gnuplot-nox)")
    try:
        stated = subprocess.run(["gnuplot", "--version"], capture_output=True, text=True,
                                timeout=30, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as e:
        raise PlotError(f"gnuplot does not run: {e}") from None
    found = re.match(r"gnuplot (\d+)\.(\d+)", stated)
    if not found:
        raise PlotError("gnuplot --version does not say which version it is")
    if (int(found[1]), int(found[2])) < OLDEST:
        raise PlotError(f"gnuplot is {found[1]}.{found[2]}: charts need 5.4 or newer")


def _environment():
    try:
        import jinja2
    except ImportError:
        raise PlotError("the Python module jinja2 is not installed "
                        "(Debian, Ubuntu: apt-get install python3-jinja2)") from None
    if not TEMPLATES.is_dir():
        raise PlotError(f"{TEMPLATES}: the chart templates are missing")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True,
                                     lstrip_blocks=True,
                                     keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    environment.filters.update(q=text.quote, n=_number, row=_row)
    return environment


def _number(value):
    """A number as gnuplot reads it; a missing one is NaN, which it leaves out."""
    return "NaN" if value is None else f"{value:.12g}"


def _row(values):
    return " ".join(map(_number, values))


def script(page, form):
    """The gnuplot script that draws the page as svg, png or pdf into chart.FORM."""
    environment = _environment()
    if form != "svg":
        environment.filters["q"] = lambda words: text.quote(_with_glyphs(words))
    template = environment.get_template(page.template + ".gp.j2")
    return template.render(page=page, form=form, font=FONT, palette=palette)


def _with_glyphs(words):
    """The words without characters that no font here has: gnuplot's cairo terminals draw a box of
    enormous size for such a one. An SVG keeps them, its viewer may have the font."""
    return "".join(c if ord(c) < 0x530 or c in _IN_DEJAVU or _has_glyph(c)
                   else "\N{REPLACEMENT CHARACTER}" for c in words)


@functools.lru_cache(maxsize=4096)
def _has_glyph(char):
    try:
        found = subprocess.run(["fc-list", f":charset={ord(char):x}", "family"],
                               capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return bool(found.stdout.strip())


def draw(page, form):
    """The picture's bytes."""
    with tempfile.TemporaryDirectory(prefix="overmap-plot-") as folder:
        path = os.path.join(folder, "chart." + form)
        _run(script(page, form), folder)
        try:
            with open(path, "rb") as file:
                picture = file.read()
        except OSError:
            picture = b""
        if not picture:
            raise PlotError(f"gnuplot wrote no {form}: its terminal for it may be missing")
    return _dress_svg(picture, page) if form == "svg" else picture


def _run(commands, folder):
    quiet = {key: value for key, value in os.environ.items()
             if not key.startswith("GNUPLOT") and not key.startswith("LC_")}
    try:
        done = subprocess.run(["gnuplot", "-d", "-"], input=commands.encode(), cwd=folder,
                              capture_output=True, timeout=120, check=False,
                              env=dict(quiet, LC_ALL="C.UTF-8"))
    except subprocess.TimeoutExpired:
        raise PlotError("gnuplot did not end within 120 s") from None
    except OSError as e:
        raise PlotError(f"gnuplot does not run: {e.strerror}") from None
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode or "error" in said.lower() or "warning" in said.lower():
        where = [line.strip() for line in said.splitlines() if line.strip()]
        raise PlotError("gnuplot failed: " + (where[-1] if where else f"exit {done.returncode}"))


def _dress_svg(picture, page):
    """Give the picture a name for screen readers, and fonts to fall back on."""
    svg = picture.decode()
    name = escape(page.title)
    svg = re.sub(r"<title>Gnuplot</title>", lambda _: f"<title>{name}</title>", svg, count=1)
    svg = re.sub(r"<desc>Produced by GNUPLOT[^<]*</desc>",
                 "<desc>Drawn by overmap with gnuplot.</desc>", svg, count=1)
    return re.sub(rf'(<g [^<>]*)font-family="{FONT}(:Bold)?"', _svg_font, svg).encode()


def _svg_font(found):
    """gnuplot 5.4 writes "DejaVu Sans:Bold" as if it were a family's name."""
    weight = ' font-weight="bold"' if found[2] else ""
    return f'{found[1]}font-family="{FONTS}"{weight}'


def write(path, picture):
    """Write the whole file or nothing."""
    temporary = f"{path}.tmp{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(picture)
        os.replace(temporary, path)
    except OSError as e:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise PlotError(f"{path}: cannot be written: {e.strerror}") from None
