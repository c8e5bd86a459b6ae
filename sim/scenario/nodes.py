"""A tree of values that know where they stand in their file: what YAML is read into and composed from.

Nodes are never changed; composition makes new ones. No file is opened and no meaning is known here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.errors import Where

Scalar = str | int | float | bool | None


class Node(NamedTuple):
    """A value with its place.

    Attributes:
        value: a scalar, a list of nodes, or a dict of nodes by key text.
        file: name of the file as shown to the user.
        line: line of the value, from 1.
        column: column of the value, from 1.
        key_line: line of the key it stands under (its own line where there is none).
        key_column: column of that key.
        size: how many nodes it holds, itself included, aliases expanded.
    """

    value: Any
    file: str
    line: int
    column: int
    key_line: int
    key_column: int
    size: int = 1

    @property
    def where(self) -> Where:
        """Give the place of the value."""
        return Where(self.file, self.line, self.column)

    @property
    def key_where(self) -> Where:
        """Give the place of the key."""
        return Where(self.file, self.key_line, self.key_column)

    def get(self, *path: str | int) -> Node | None:
        """Follow keys and indices down; None where there is nothing."""
        node: Node | None = self
        for part in path:
            value = node.value if node is not None else None
            if isinstance(value, dict):
                node = value.get(str(part))
            elif isinstance(value, list) and str(part).isdecimal() and int(part) < len(value):
                node = value[int(part)]
            else:
                return None
        return node

    def nearest(self, *path: str | int) -> Node:
        """Follow a path as far as it goes."""
        node = self
        for part in path:
            below = node.get(part)
            if below is not None:
                node = below
        return node

    def data(self) -> Any:
        """Give the plain Python value."""
        if isinstance(self.value, dict):
            return {key: child.data() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.data() for child in self.value]
        return self.value


def from_data(value: Any, *, file: str, line: int = 1, column: int = 1) -> Node:
    """Make nodes of plain Python values, all at one place.

    Args:
        value: scalars, lists or tuples, mappings (keys become text); anything else is kept as its text.
        file: what findings call the place.
        line: line of every node.
        column: column of every node.
    """
    made: Any = value
    size = 1
    if hasattr(value, "items"):
        made = {str(k): from_data(v, file=file, line=line, column=column) for k, v in value.items()}
        size += sum(child.size for child in made.values())
    elif isinstance(value, list | tuple):
        made = [from_data(child, file=file, line=line, column=column) for child in value]
        size += sum(child.size for child in made)
    elif hasattr(value, "item") and not isinstance(value, str):
        made = value.item()
    elif not isinstance(value, str | int | float | bool | None):
        made = str(value)
    return Node(made, file, line, column, line, column, size)
