"""Eight numbers at once, so that one recursion runs over eight symbols in the time of one.

A compiler finds such code by itself only in loops along the bars, and a recursion cannot be done
along the bars. What is written here is LLVM's own vector of eight doubles, which becomes one, two
or four registers as the processor has them. Each lane gives the same bits as a plain number would:
nothing is reordered or fused.

``choose``, ``larger`` and ``ratio`` take plain numbers as well, so that a step of a recursion is
written once for both.
"""

# ruff: noqa: ARG001 (numba hands over everything there is)
# mypy: disable-error-code="no-untyped-call,untyped-decorator"

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import (
    intrinsic,
    lower_builtin,
    models,
    register_model,
    type_callable,
)

from stockwidget.kernels import step

LANES = 8
"""Numbers of a vector."""

_DOUBLE = ir.DoubleType()
_VECTOR = ir.VectorType(_DOUBLE, LANES)
_INDEX = ir.IntType(32)


class Eight(types.Type):
    """Eight float64."""

    def __init__(self) -> None:
        super().__init__(name="eight")


class Mask(types.Type):
    """Eight booleans."""

    def __init__(self) -> None:
        super().__init__(name="mask_of_eight")


eight, mask = Eight(), Mask()


@register_model(Eight)
class _EightModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.IntType(1), LANES))


def _emitted(function: Callable[..., Any]) -> Any:
    """Numba's ``intrinsic``: ``function`` gives a signature and what writes LLVM's instructions."""
    return intrinsic(function)


def _splat(builder: Any, value: Any) -> Any:
    """``value``, in all lanes if it is a plain number."""
    if isinstance(value.type, ir.VectorType):
        return value
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, _INDEX(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES))


def _define(op: Callable[..., Any], result: types.Type, emit: Callable[..., Any]) -> None:
    """Let compiled code apply ``op`` to two vectors, or to one and a plain number."""

    @type_callable(op)
    def typed(context: Any) -> Callable[..., Any]:
        def of(a: Any, b: Any) -> Any:
            known = ({mask},) if op is operator.and_ else ({eight}, {eight, types.float64})
            return result if {a, b} in known else None

        return of

    def lowered(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return emit(builder, *(_splat(builder, value) for value in args))

    for pair in ((Eight, Eight), (Eight, types.Float), (types.Float, Eight), (Mask, Mask)):
        lower_builtin(op, *pair)(lowered)


for _op, _emit in (
    (operator.add, ir.IRBuilder.fadd),
    (operator.sub, ir.IRBuilder.fsub),
    (operator.mul, ir.IRBuilder.fmul),
    (operator.truediv, ir.IRBuilder.fdiv),
):
    _define(_op, eight, _emit)
for _op, _sign in (
    (operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">="),
    (operator.eq, "=="),
):  # fmt: skip
    _define(_op, mask, lambda builder, a, b, sign=_sign: builder.fcmp_ordered(sign, a, b))
_define(operator.ne, mask, lambda builder, a, b: builder.fcmp_unordered("!=", a, b))
_define(operator.and_, mask, ir.IRBuilder.and_)


@type_callable(abs)
def _typed_abs(context: Any) -> Callable[..., Any]:
    return lambda a: eight if a == eight else None


@lower_builtin(abs, Eight)
def _abs(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    kind = ir.FunctionType(_VECTOR, [_VECTOR])
    name = f"llvm.fabs.v{LANES}f64"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)


@_emitted
def choose(typing: Any, condition: Any, a: Any, b: Any) -> Any:
    """``a`` where the condition holds, else ``b``; both are computed, and no branch is taken."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        chosen, *values = args
        if condition == mask:
            values = [_splat(builder, value) for value in values]
        return builder.select(chosen, *values)

    if condition == mask:
        return eight(condition, a, b), emit
    return types.float64(types.boolean, types.float64, types.float64), emit


@step
def larger(a: Any, b: Any) -> Any:
    """Return the larger of two numbers, neither of which is NaN."""
    return choose(a > b, a, b)


@_emitted
def ratio(typing: Any, a: Any, b: Any) -> Any:
    """``a / b``, by zero as the processor does it: infinite or NaN, without an error."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fdiv(*(args if plain else [_splat(builder, value) for value in args]))

    plain = eight not in (a, b)
    return types.float64(types.float64, types.float64) if plain else eight(a, b), emit


@_emitted
def each(typing: Any, value: Any) -> Any:
    """One number in all lanes."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _splat(builder, args[0])

    return eight(types.float64), emit


@_emitted
def eight_of(typing: Any, array: Any, at: Any) -> Any:
    """The eight numbers of a row from ``at`` on."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, signature, args), align=8, typ=_VECTOR)

    return eight(array, types.intp), emit


@_emitted
def put(typing: Any, array: Any, at: Any, value: Any) -> Any:
    """Write eight numbers into a row from ``at`` on."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, signature, args), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, eight), emit


def _place(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    row = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(row.data, [args[1]]), _VECTOR.as_pointer())


@_emitted
def turned(typing: Any, rows: Any) -> Any:
    """Eight vectors as a square, its rows as columns."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        square = [builder.extract_value(args[0], place) for place in range(LANES)]
        for apart in (1, 2, 4):  # swap what lies ``apart`` rows and columns from the diagonal
            low = [k + LANES - apart if k & apart else k for k in range(LANES)]
            high = [k + LANES if k & apart else k + apart for k in range(LANES)]
            for row in range(LANES):
                if not row & apart:
                    a, b = square[row], square[row + apart]
                    for place, order in ((row, low), (row + apart, high)):
                        lanes = ir.Constant(ir.VectorType(_INDEX, LANES), order)
                        square[place] = builder.shuffle_vector(a, b, lanes)
        return cgutils.pack_array(builder, square)

    return rows(rows), emit


@_emitted
def any_unknown(typing: Any, value: Any) -> Any:
    """Whether one of eight numbers is NaN."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bits = builder.bitcast(builder.fcmp_unordered("uno", *args, *args), ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, ir.IntType(LANES)(0))

    return types.boolean(value), emit
