"""Peel: take every disguise off a value that needs no secret of the recipient, with a chain that replays.

The package can be called: ``waakzaam.peel(data)`` opens one value with all that is known here.
"""

from __future__ import annotations

import sys
from types import ModuleType

from waakzaam.peel.ambiguous import Reading, readings
from waakzaam.peel.batch import Batch, Tables, peel_many
from waakzaam.peel.chain import Leaf, Peeled, Proof, chain_text, disguise_of, peel, replay
from waakzaam.peel.unlock import Format, Opened, Opener, Surroundings, open_all
from waakzaam.peel.value import open_value

__all__ = [
    "Batch",
    "Format",
    "Leaf",
    "Opened",
    "Opener",
    "Peeled",
    "Proof",
    "Reading",
    "Surroundings",
    "Tables",
    "chain_text",
    "disguise_of",
    "open_all",
    "open_value",
    "peel",
    "peel_many",
    "readings",
    "replay",
]


class _Function(ModuleType):
    """A package that is called like the function it is named after.

    Importing a package sets the attribute of its name on ``waakzaam``; a function of the same name there
    would be gone after the first import of the package.
    """

    __call__ = staticmethod(open_value)


sys.modules[__name__].__class__ = _Function
