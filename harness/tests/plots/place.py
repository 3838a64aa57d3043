# SPDX-License-Identifier: MIT
"""Where scripts/plot lies, for the tests that import its modules."""
import pathlib
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parents[3] / "scripts"
PLOT = SCRIPTS / "plot"

sys.dont_write_bytecode = True
sys.path.insert(0, str(SCRIPTS))
