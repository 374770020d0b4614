"""The one error that is meant for people."""

from __future__ import annotations


class WaakzaamError(Exception):
    """Something a person must read: what is wrong, where, and what to do next, in one line.

    The command line prints it without a traceback and exits with code 2.
    """
