NAME, KIND, TIMED, HELP = "ceiling", "none", False, ""
