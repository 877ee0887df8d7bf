"""SQL in, answer out: the runner of .slt files. README.md describes the format."""
