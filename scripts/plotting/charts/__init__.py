# SPDX-License-Identifier: MIT
"""The table of charts: one file a chart, one row here.

Each module has NAME, HELP, KIND (of the document), TIMED (does it show times?), suits(result) for
the choice where nobody named charts, and pages(result), which raises Nothing with the reason.
"""
from . import (bars, ceiling, cost_vs_size, cumulative, distribution, latency_percentiles,
               outcome_map, ratio, run_sequence, thread_scaling)

CHARTS = {chart.NAME: chart for chart in (
    outcome_map, cost_vs_size, thread_scaling, latency_percentiles, bars, distribution,
    run_sequence, ceiling, cumulative, ratio)}
