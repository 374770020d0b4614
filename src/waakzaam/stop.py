"""Enough read: a person interrupts a long job and keeps what was read so far."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Asked once, reading ends where it is and the job goes on; asked again, everything ends at once."""

    def __init__(self) -> None:
        self.asked = False
        """Reading is to end where it is."""
        self.at_once = False
        """Nothing is waited for any more."""
        self.told: Callable[[], None] = lambda: None
        """Called when it is asked for the first time."""

    def ask(self) -> None:
        """Ask; the second time for an end at once."""
        self.at_once = self.asked
        self.asked = True
        if not self.at_once:
            self.told()

    @contextmanager
    def on_interrupt(self) -> Iterator[None]:
        """While inside, Ctrl-C asks instead of ending the program; the second one ends it.

        Only the main thread of a program gets signals: elsewhere, nothing changes.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def interrupted(_signal: int, _frame: FrameType | None) -> None:
            self.ask()
            if self.at_once:
                raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
