# SPDX-License-Identifier: MIT
"""What scripts/plot is made of: reading a result, laying out a page, drawing it with gnuplot."""
