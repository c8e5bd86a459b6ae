"""The version of the product, alone in a file so that any room may read it."""

from typing import Final

__version__: Final = "0.1.0"
