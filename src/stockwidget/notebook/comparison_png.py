"""The picture of a comparison: prices, families as a radar, correlation. Labels are ASCII."""

from __future__ import annotations

from io import BytesIO
from math import isnan, pi
from typing import TYPE_CHECKING, Any

from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from stockwidget.notebook.score_png import ShownFigure

if TYPE_CHECKING:
    from stockwidget.notebook.comparison import Comparison

_INK, _GRID = "#1f2328", "#e4e8ec"
_COLOURS = ("#1f6feb", "#bc4c00", "#1b7f4d", "#8250df", "#bf3989", "#9a6700",
            "#0a7b83", "#c62828", "#57606a", "#4d2d00", "#033d8b", "#6e7781")  # fmt: skip
_DARK = 0.6
"""Correlations from here on stand on a colour that wants white letters."""


def figure(comparison: Comparison) -> ShownFigure:
    """Draw what there is; a family on which a score is silent is a gap in its line."""
    drawn = ShownFigure(figsize=(7.2, 6.0), dpi=150, facecolor="white", layout="constrained")
    FigureCanvasAgg(drawn)
    grid = drawn.add_gridspec(2, 2, height_ratios=[1.2, 1])
    _prices(drawn.add_subplot(grid[0, :]), comparison)
    _radar(drawn.add_subplot(grid[1, 0], projection="polar"), comparison)
    _correlation(drawn.add_subplot(grid[1, 1]), comparison)
    return drawn


def png(comparison: Comparison) -> bytes:
    """The figure in 128 colours: a third of the bytes in a saved notebook."""
    from PIL import Image

    drawn, target = figure(comparison), BytesIO()
    canvas: Any = drawn.canvas
    canvas.draw()
    image = Image.frombytes("RGBA", canvas.get_width_height(), bytes(canvas.buffer_rgba()))
    image.convert("RGB").quantize(colors=128).save(target, format="png", optimize=True)
    return target.getvalue()


def _prices(axes: Any, comparison: Comparison) -> None:
    prices = comparison.prices
    days = prices.index.to_numpy()
    for symbol, colour in zip(prices.columns, _COLOURS, strict=False):
        axes.plot(days, prices[symbol].to_numpy(), color=colour, linewidth=1.1, label=symbol)
    if len(prices):
        axes.set_yscale("log")
        axes.margins(y=0.15)
        ticks = AutoDateLocator()  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(ticks)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(ticks))  # type: ignore[no-untyped-call]
        axes.yaxis.set_major_formatter(lambda value, _place: f"{value:g}")
        axes.yaxis.set_minor_formatter(lambda value, _place: f"{value:g}")
        axes.legend(loc="upper left", fontsize=7, frameon=False, labelcolor=_INK, ncols=6)
    axes.xaxis.get_offset_text().set_size(7)
    _plain(axes, "Close, first common day = 100, log scale")


def _radar(axes: Any, comparison: Comparison) -> None:
    shares = comparison.families
    angles = [2 * pi * place / max(len(shares), 1) for place in range(len(shares))]
    for symbol, colour in zip(shares.columns, _COLOURS, strict=False):
        values = [float(value) for value in shares[symbol]]
        axes.plot([*angles, *angles[:1]], [*values, *values[:1]], color=colour, linewidth=1.1,
                  marker=".", markersize=4)  # fmt: skip
        if not any(map(isnan, values)):
            axes.fill(angles, values, color=colour, alpha=0.06)
    axes.set_xticks(angles, [str(key) for key in shares.index])
    axes.set_ylim(0, 100)
    axes.set_yticks([25, 50, 75, 100], [])
    _plain(axes, "Families of the score, % of their points")


def _correlation(axes: Any, comparison: Comparison) -> None:
    found = comparison.correlation
    names = [str(name) for name in found.columns]
    if names:
        axes.imshow(found.to_numpy(), cmap=colormaps["RdBu_r"], vmin=-1, vmax=1)
    for row in range(len(names)):
        for column in range(len(names)):
            value = float(found.to_numpy()[row, column])
            said = "-" if isnan(value) else f"{value:.2f}"
            colour = "white" if abs(value) > _DARK else _INK
            axes.text(column, row, said, ha="center", va="center", fontsize=6.5, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=45 if len(names) > 5 else 0)
    axes.set_yticks(range(len(names)), names)
    _plain(axes, "Correlation of daily log returns")
    axes.grid(visible=False)


def _plain(axes: Any, title: str) -> None:
    axes.set_facecolor("white")
    axes.grid(visible=True, color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", labelsize=7, colors=_INK, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(title, loc="left", fontsize=8, color=_INK)
