"""An export beside the screen: in a thread of its own, which can be asked and stopped."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wirestep.model import safe

from .exporting import NoExport, Wish, export_file, told

if TYPE_CHECKING:
    from .session import Session

NAP = 0.05
"""Seconds between two looks at what is decoded meanwhile."""


class Exporting:
    """Starts at once; all of it may be asked by other threads."""

    def __init__(self, session: Session, wish: Wish, path: str) -> None:
        self.path = path
        self.share = 0.0
        """How much is done, 0 to 1; -1 for nobody knows."""
        self.text = ""
        """What came of it, safe; "" while it is under way."""
        self.failed = False
        self._session, self._wish = session, wish
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="export", daemon=True)
        self._thread.start()

    @property
    def under_way(self) -> bool:
        """It is not over yet."""
        return not self.text

    def stop(self) -> None:
        """Leave it, and nothing of it behind."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            steps = export_file(self._session, self._wish, self.path, self._nap)
            for self.share in steps:
                if self._stop.is_set():
                    steps.close()
                    raise NoExport("stopped; nothing was written")
            self.text = f"{safe(self.path)}: {told(self._wish)}"
        except NoExport as error:
            self.failed, self.text = True, safe(str(error))
        except OSError as error:
            reason = error.strerror or str(error)
            self.failed, self.text = True, safe(f"{self.path} cannot be written: {reason}")

    def _nap(self) -> None:
        self._stop.wait(NAP)
