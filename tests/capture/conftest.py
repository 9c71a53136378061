"""Lets the tests here import the builders beside this file (`made_files`)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
