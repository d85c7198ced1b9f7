"""The handbook of indicators, ``docs/indicators.md``, made from the table.

``python -m stockwidget.indicators.handbook`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator

from stockwidget.indicators.indicator import Indicator
from stockwidget.indicators.table import TABLE

INTRODUCTION = """\
# Indicators

This page is made from the table `stockwidget.indicators.table.TABLE`:
`python -m stockwidget.indicators.handbook > docs/indicators.md`.

```python
from stockwidget import indicators as ind

ind.rsi(close, 14)                          # NumPy in, NumPy out; pandas Series in, Series out
dif, dea, hist = ind.macd(close, 12, 26, 9)
ind.kdj(high, low, close, 9, 3, 3).j
ind.macd(close, convention="tdx")           # as Chinese software draws it
```

Any settings are allowed; the rows below are those that analyses, tests and benchmarks use.

**Gaps.** A NaN or infinite input gives NaN (False) at its row, and the indicator starts anew
after it, as if the data began there. **Halts.** A halted day is a bar with volume 0; windows
without any trade have no average price and no volume ratio (NaN). **Short history.** Fewer bars
than the lookback give NaN alone, never an error. **Constant prices** give the values under
*Flat*, in multiples of the price, of the volume, or of one: TA-Lib's where it has one, except for
beta, correlation and z-score (NaN, since 0 would claim something). **No look-ahead.** Appending
bars changes no earlier value.

**Lookback** is the number of rows before the first value. **Reference** is what tests compare
with: TA-Lib to 1e-9 with its seeding, else a second implementation. `benchmarks/parity.py` prints
the differences.
"""

COLUMNS = ("Indicator", "Call", "Outputs", "Unit", "Lookback", "Flat", "Reference", "Formula")


def markdown() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION, _line(COLUMNS), _line(["---"] * len(COLUMNS)), *map(_line, _rows())]
    return "\n".join(lines) + "\n"


def call(row: Indicator) -> str:
    """How the row is called: ``rsi(close, window=14)``."""
    settings = (f"{name}={value!r}" for name, value in row.settings.items())
    return f"{row.function.__name__}({', '.join([*row.inputs, *settings])})"


def _rows() -> Iterator[list[str]]:
    for row in TABLE:
        yield [
            row.title,
            f"`{call(row)}`",
            ", ".join(f"`{output}`" for output in row.outputs),
            row.unit,
            ", ".join(map(str, dict.fromkeys(row.lookbacks))),
            ", ".join(dict.fromkeys(f"{value:g}" for value in row.flat)),
            row.reference,
            row.formula,
        ]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
