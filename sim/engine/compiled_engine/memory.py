"""How compiled code sees the world: one pointer, by whose attributes the tables are reached.

Passing some three dozen arrays from function to function as Numba does, seven words each, made the code many
times longer and slower. Here `world.legs` is a pointer and a length, read from a block of addresses, and
`world.legs[k]` the address of a record. Python holds the arrays while a run lasts; `open_world` opens them.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
    signature,
)
from numba.extending import (
    intrinsic,
    lower_builtin,
    lower_getattr_generic,
    models,
    register_model,
)
from numba.np.numpy_support import from_dtype
from numpy.typing import NDArray

from sim.engine.compiled_engine.jit import hot
from sim.engine.compiled_engine.state import World, element_types


class TableType(types.Type):
    """Rows of one kind: a pointer to the first, and how many there are."""

    def __init__(self, element: Any) -> None:
        self.element = element
        super().__init__(name=f"Table({element})")


class WorldType(types.Type):
    """A pointer to the addresses and lengths of the tables, in the order of `World`."""

    def __init__(self) -> None:
        super().__init__(name="World")


WORLD = WorldType()
TABLES = {
    name: (place, TableType(from_dtype(dtype))) for place, (name, dtype) in enumerate(element_types().items())
}


@register_model(WorldType)
class WorldModel(models.OpaqueModel):
    """A plain pointer."""


@register_model(TableType)
class TableModel(models.StructModel):
    """An address and a length."""

    def __init__(self, manager: Any, table: TableType) -> None:
        super().__init__(manager, table, [("address", types.intp), ("length", types.intp)])


@infer_getattr
class WorldAttributes(AttributeTemplate):
    """`world.legs` and so on are tables."""

    key = WorldType

    def generic_resolve(self, world: WorldType, name: str) -> TableType | None:
        """Give the type of a table by its name."""
        return TABLES[name][1] if name in TABLES else None


@lower_getattr_generic(WorldType)
def _table_of_world(context: Any, builder: Any, world: Any, value: Any, name: str) -> Any:
    place, table = TABLES[name]
    word = context.get_value_type(types.intp)
    block = builder.bitcast(value, word.as_pointer())
    found = cgutils.create_struct_proxy(table)(context, builder)
    for offset, field in enumerate(("address", "length")):
        where = builder.gep(block, [word(2 * place + offset)])
        loaded = builder.load(where)
        # The addresses never change while a world is open.
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        setattr(found, field, loaded)
    return found._getvalue()


@infer_global(operator.getitem)
class TableItem(AbstractTemplate):
    """A row of a table."""

    def generic(self, args: Any, kws: Any) -> Any:
        """Type `table[index]`."""
        if isinstance(args[0], TableType) and isinstance(args[1], types.Integer):
            return signature(args[0].element, args[0], types.intp)
        return None


@infer_global(operator.setitem)
class TableSetItem(AbstractTemplate):
    """A number put into a table of numbers."""

    def generic(self, args: Any, kws: Any) -> Any:
        """Type `table[index] = value`."""
        if isinstance(args[0], TableType) and isinstance(args[1], types.Integer):
            return signature(types.none, args[0], types.intp, args[0].element)
        return None


@infer_global(len)
class TableLength(AbstractTemplate):
    """How many rows a table has."""

    def generic(self, args: Any, kws: Any) -> Any:
        """Type `len(table)`."""
        return signature(types.intp, args[0]) if isinstance(args[0], TableType) else None


def _address(context: Any, builder: Any, table: TableType, value: Any, index: Any) -> Any:
    """Point at a row."""
    rows = cgutils.create_struct_proxy(table)(context, builder, value)
    if config.BOUNDSCHECK:
        with cgutils.if_unlikely(builder, builder.icmp_unsigned(">=", index, rows.length)):
            context.call_conv.return_user_exc(builder, IndexError, (f"no such row of {table.name[:60]}",))
    if isinstance(table.element, types.Record):
        size = table.element.size
        target = context.get_value_type(table.element)
    else:
        size = table.element.bitwidth // 8
        target = context.get_data_type(table.element).as_pointer()
    offset = builder.mul(index, ir.Constant(index.type, size))
    return builder.inttoptr(builder.add(rows.address, offset), target)


@lower_builtin(operator.getitem, TableType, types.intp)
def _get_row(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    row = _address(context, builder, sig.args[0], args[0], args[1])
    return row if isinstance(sig.args[0].element, types.Record) else builder.load(row)


@lower_builtin(operator.setitem, TableType, types.intp, types.Any)
def _set_row(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    builder.store(args[2], _address(context, builder, sig.args[0], args[0], args[1]))
    return context.get_dummy_value()


@lower_builtin(len, TableType)
def _length(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return cgutils.create_struct_proxy(sig.args[0])(context, builder, args[0]).length


def _bring_near(builder: Any, where: Any, *, to_write: bool) -> None:
    """Ask for the line of memory at an address, in every cache."""
    number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    # Kept in every cache (3), data (1).
    builder.call(prefetch, [builder.bitcast(where, byte), number(int(to_write)), number(3), number(1)])


@intrinsic
def fetch(typing_context: Any, row: Any) -> Any:
    """Have the processor bring a row near that will be written soon; what it holds stays as it is."""
    if not isinstance(row, types.Record):
        return None

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _bring_near(builder, args[0], to_write=True)
        return context.get_dummy_value()

    return types.void(row), generate


@intrinsic
def fetch_number(typing_context: Any, table: Any, index: Any) -> Any:
    """Have the processor bring a number of a table near that will be read soon."""
    if not isinstance(table, TableType) or isinstance(table.element, types.Record):
        return None

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _bring_near(builder, _address(context, builder, sig.args[0], args[0], args[1]), to_write=False)
        return context.get_dummy_value()

    return types.void(table, types.intp), generate


@intrinsic
def _world_at(typing_context: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(WORLD))

    return WORLD(types.intp), generate


@hot
def open_world(block: Any) -> World:
    """Give the world whose addresses stand in a block."""
    world: World = _world_at(block.ctypes.data)
    return world


def addresses(world: World) -> NDArray[np.int64]:
    """Give the addresses and lengths of a world's tables, for `open_world`; the world must outlive them."""
    tables: Any = world
    block = [(table.ctypes.data, len(table)) for table in tables]
    return np.array(block, dtype=np.int64).ravel()
