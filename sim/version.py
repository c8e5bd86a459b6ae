"""The version of the product, alone in a file so that any room may read it."""

__version__ = "0.1.0"
