"""``python -m waakzaam`` is the command ``waakzaam``."""

from __future__ import annotations

from waakzaam.cli import main

if __name__ == "__main__":
    main()
