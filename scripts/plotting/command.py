# SPDX-License-Identifier: MIT
"""The command: its arguments, the choice of charts, and the files that come of it."""
import argparse
import os
import signal
import sys

from . import document, gnuplot
from .charts import CHARTS
from .error import Nothing, PlotError, did_you_mean
from .result import Result
from .text import clean

OK, NOTHING_DRAWN, USAGE = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    """Mistakes in one sentence."""

    def error(self, message):
        raise PlotError(message)


def _arguments(argv):
    parser = _Parser(prog="plot", description="Draw charts of a result with gnuplot.",
                     epilog="Files are named RESULT-CHART-METRIC and listed on stdout at the end. "
                     "Exit 0: drawn; 1: there was nothing to draw; 2: usage, or RESULT cannot be "
                     "read.")
    parser.add_argument("results", nargs="*", metavar="RESULT",
                        help="a result or journal; overmap ceiling --json; overmap compare "
                        "--format json, which sets two results against each other. Several are "
                        "drawn one after the other")
    parser.add_argument("-o", "--output", metavar="DIR", help="folder; initially RESULT's own")
    parser.add_argument("--format", default="svg", metavar="LIST",
                        help="svg, png (twice the size), pdf; several with commas")
    parser.add_argument("--chart", action="append", metavar="NAME",
                        help="this one, and no other unless named too; see --list")
    parser.add_argument("--metric", action="append", metavar="NAME",
                        help="draw this metric instead of each step's first one")
    parser.add_argument("--all", action="store_true",
                        help="every page of a chart with a row a cell, not the first four alone")
    parser.add_argument("--list", action="store_true", help="what charts there are")
    parser.add_argument("--force", action="store_true",
                        help="draw times of an emulated machine all the same")
    return parser.parse_args(argv)


def _formats(wanted):
    formats = [word.strip() for word in wanted.split(",")]
    for word in formats:
        if word not in gnuplot.FORMATS:
            raise PlotError(f'unknown format "{word}": {did_you_mean(word, gnuplot.FORMATS)}')
    return list(dict.fromkeys(formats))


def _check_names(names, where):
    for name in names:
        if not isinstance(name, str) or name not in CHARTS:
            hint = did_you_mean(str(name), list(CHARTS))
            raise PlotError(f'{where}unknown chart "{clean(name)}": {hint}')
    return list(dict.fromkeys(names))


def _check_metrics(result, names):
    known = [metric.name for metric in result.metrics]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) if known else "the result has none"
            raise PlotError(f'unknown metric "{name}": {hint}')
    return names


def _choose(result, path, arguments):
    """Names of charts: the user's, else the scenario's, else those that suit the result."""
    if arguments.chart:
        return _check_names(arguments.chart, "")
    stated = result.scenario.get("charts")
    if stated:
        return _check_names(stated, f"{path}: ")
    kind = result.document["kind"]
    return [name for name, chart in CHARTS.items() if chart.KIND == kind and chart.suits(result)]


def _pages(result, name, force):
    """The pages of a chart; Nothing with the reason where it has none."""
    chart = CHARTS[name]
    if chart.KIND != result.document["kind"]:
        raise Nothing(f"it is drawn from a {chart.KIND}, and this is a {result.document['kind']}")
    if chart.TIMED and result.wall_clock_is_false() and not force:
        raise Nothing("its times were taken on an emulated machine and say nothing about real "
                      "hardware; --force draws them all the same")
    pages = chart.pages(result)
    for number, page in enumerate(pages, 1):
        page.suffix = page.suffix or (str(number) if len(pages) > 1 else "")
    return pages


def _stem(path):
    name = os.path.basename(path)
    for ending in (".json.journal", ".journal", ".json"):
        if name.endswith(ending) and name != ending:
            return name[:-len(ending)]
    return name


def _folder(path, arguments):
    folder = arguments.output or os.path.dirname(path) or "."
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as e:
        raise PlotError(f"{folder}: cannot be made: {e.strerror}") from None
    return folder


def _file_name(page, form, stem, name):
    suffix = "".join(c if c.isalnum() or c in "._" else "-" for c in page.suffix)
    return "-".join(part for part in (stem, name, suffix[:80]) if part) + "." + form


def _write_pages(pages, formats, folder, stem, name):
    written = []
    for page in pages:
        for form in formats:
            path = os.path.join(folder, _file_name(page, form, stem, name))
            gnuplot.write(path, gnuplot.draw(page, form))
            written.append(path)
    return written


def _check_stems(paths, output):
    """In one folder no result's charts may replace another's."""
    seen = {}
    for path in paths:
        key = (output or os.path.dirname(path), _stem(path))
        if key in seen:
            raise PlotError(f"{seen[key]} and {path} would both be drawn as {key[1]}-…: draw them "
                            "apart, each with its own -o DIR")
        seen[key] = path


def _load(path, arguments):
    result = Result(document.load(path))
    result.wanted_metrics = _check_metrics(result, arguments.metric or [])
    result.everything = arguments.all
    return result


def _draw(path, result, arguments):
    """Paths of the files that were written."""
    formats, names = _formats(arguments.format), _choose(result, path, arguments)
    folder, written = _folder(path, arguments), []
    if result.document["kind"] == "result" and result.document.get("complete") is not True:
        print(f"{path}: the run was ended early: drawn is what it had finished",
              file=sys.stderr)
    for name in names:
        try:
            pages = _pages(result, name, arguments.force)
        except Nothing as reason:
            print(f"{path}: {name}: not drawn: {reason}", file=sys.stderr)
            continue
        written += _write_pages(pages, formats, folder, _stem(path), name)
    if not names:
        print(f"{path}: no chart suits this result: nothing varies and nothing was measured",
              file=sys.stderr)
    return written


def _list():
    for name, chart in CHARTS.items():
        print(f"{name:20} {chart.HELP}")


def main(argv):
    """Run the command; returns its exit code."""
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except PlotError as e:
        print(f"plot: {e}", file=sys.stderr)
        return USAGE
    except OSError as e:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(e, BrokenPipeError):  # who reads has had enough: | head
            return 128 + signal.SIGPIPE
        print(f"plot: {e.filename or 'standard output'}: {e.strerror}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _run(argv):
    arguments = _arguments(argv)
    if arguments.list:
        _list()
        return OK
    if not arguments.results:
        raise PlotError("which result? usage: plot RESULT... [-o DIR] [--format svg,png,pdf]")
    _formats(arguments.format)
    _check_names(arguments.chart or [], "")
    _check_stems(arguments.results, arguments.output)
    results = [(path, _load(path, arguments)) for path in arguments.results]
    gnuplot.check_version()
    written = [file for path, result in results for file in _draw(path, result, arguments)]
    for file in written:
        print(file)
    return OK if written else NOTHING_DRAWN
