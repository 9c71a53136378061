"""Lets every test import the helpers beside this file (`frames`, `material`, `trees`)."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# Machines that run tests are shared and slow: how long an example takes proves nothing.
settings.register_profile("wirestep", deadline=None)
settings.load_profile("wirestep")
