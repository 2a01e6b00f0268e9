"""``python -m pymockapi`` is the command ``pymockapi``."""

import sys

from pymockapi.cli import main

if __name__ == "__main__":
    sys.exit(main())
