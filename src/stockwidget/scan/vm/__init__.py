"""Computes plans over many symbols: ``evaluate`` symbol by symbol, ``finish`` across them.

::

    plan = compile_rule(rule="close > sma(200)", rank="rank(ret(20))")
    values = empty(plan, symbols=len(offsets) - 1)
    evaluate(plan, opens, highs, lows, closes, volumes, dates, offsets, 0, 2500, values)
    evaluate(plan, opens, highs, lows, closes, volumes, dates, offsets, 2500, 5000, values)
    outputs = finish(plan, values)        # (symbols, len(plan.outputs)); NaN: no value

Without ``rank()`` or ``zscore()`` in the plan (``plan.across``), ``values`` already are the
outputs, and a chunk of symbols can be judged as soon as it is evaluated. A condition is 1 or 0.
A symbol whose ``plan.judged`` outputs are not all known abstains; ``why_missing`` says why.
"""

from stockwidget.scan.vm.across import finish
from stockwidget.scan.vm.machine import depths, empty, evaluate, reach, state_size
from stockwidget.scan.vm.slots import slots

__all__ = ["depths", "empty", "evaluate", "finish", "reach", "slots", "state_size"]
