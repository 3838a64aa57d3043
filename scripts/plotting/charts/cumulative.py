NAME, KIND, TIMED, HELP = "cumulative", "none", False, ""
