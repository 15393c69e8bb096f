"""`python -m resolution.synthetic DIR --records N --seed S`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resolution.synthetic import generate


def main() -> None:
    """Generate files from the command line."""
    parser = argparse.ArgumentParser(prog="python -m resolution.synthetic", description="Write synthetic agency files.")
    parser.add_argument("directory", type=Path, help="folder to write into")
    parser.add_argument("--records", type=int, default=20_000, help="rows of all files together (default 20000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same files (default 1)")
    given = parser.parse_args()
    counts = generate(given.directory, given.records, given.seed, lambda part: print(part, file=sys.stderr))
    print(f"{sum(counts.values())} rows in {len(counts)} files")


if __name__ == "__main__":
    main()
