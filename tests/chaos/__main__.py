"""`python -m tests.chaos [--kills 100] [--seed N]`: prints what it counted; exit 1 if anything is wrong."""

from __future__ import annotations

import argparse
import random
import sys

from tests.chaos.run import run


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None, help="for the choice of victims and moments")
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    sys.stdout.write(f"seed {seed}\n")
    sys.stdout.flush()
    result = run(options.kills, seed)
    sys.stdout.write(f"{result}\n")
    sys.exit(1 if result.reckoning.wrong else 0)


if __name__ == "__main__":
    main()
