"""The still picture of a result, drawn by matplotlib's Agg without pyplot, so without global state.

Every colour is given here: a user's style sheet must not turn the picture black on black. Labels
are ASCII, since few machines have a font with Chinese glyphs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

from stockwidget.notebook.settings import CardSettings, red_is_up

BARS = 250
"""A year: more candles would touch each other at this width."""
TOP = 20
_INK, _GRID, _RED, _GREEN = "#1f2328", "#e4e8ec", "#c62828", "#1b7f4d"
_PLAIN, _FAINT = "#57769c", "#9aa4ae"
_AVERAGES = {"sma_20": "#1f6feb", "sma_50": "#bc7a00", "sma_200": "#8250df"}


def draw(document: Mapping[str, Any], settings: CardSettings) -> bytes | None:
    """PNG of a result document, 1440 by 800 pixels or less; None if there is nothing to draw."""
    if document["kind"] == "scan":
        return _scan(document, settings)
    if document["kind"] == "study":
        return _study(document)
    return _analysis(document, settings)


def _analysis(document: Mapping[str, Any], settings: CardSettings) -> bytes:
    from matplotlib.collections import LineCollection

    bars = {key: values[-BARS:] for key, values in document["bars"].items()}
    red = red_is_up(settings.colors, {"symbol": document["symbol"]})
    up, down = (_RED, _GREEN) if red else (_GREEN, _RED)
    rising = [c >= o for o, c in zip(bars["open"], bars["close"], strict=True)]
    colours = [up if rise else down for rise in rising]
    figure = _figure(7.2, 4.0)
    price, volume = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [4, 1]})
    x = range(len(rising))
    for low, high, width in (("low", "high", 0.8), ("open", "close", 2.2)):
        lines = [[(i, a), (i, b)] for i, a, b in zip(x, bars[low], bars[high], strict=True)]
        price.add_collection(LineCollection(lines, colors=colours, linewidths=width))
    for name, colour in _AVERAGES.items():
        values = [float("nan") if v is None else v for v in document["indicators"][name][-BARS:]]
        price.plot(x, values, color=colour, linewidth=1.0, label=name.replace("_", " ").upper())
    price.autoscale_view()
    volume.bar(x, [v or 0 for v in bars["volume"]], color=colours, width=0.8)
    ticks, labels = _months(bars["date"])
    volume.set_xticks(ticks, labels)
    volume.set_xlim(-1, len(rising))
    volume.set_yticks([])
    for axes in (price, volume):
        _plain(axes)
    price.yaxis.tick_right()
    price.set_title(
        f"{document['symbol']}  {bars['date'][0]} to {bars['date'][-1]}",
        loc="left",
        fontsize=9,
        color=_INK,
    )
    price.legend(loc="upper left", fontsize=7, frameon=False, labelcolor=_INK, ncols=3)
    return _png(figure)


def _scan(document: Mapping[str, Any], settings: CardSettings) -> bytes | None:
    sort, columns = document["sort"], list(document["columns"])
    if sort not in columns:
        return None
    at = columns.index(sort)
    rows = [(row[0], row[at]) for row in document["rows"][:TOP] if row[at] is not None]
    if not rows:
        return None
    names, values = zip(*rows, strict=True)
    up, down = (_RED, _GREEN) if settings.colors == "red-up" else (_GREEN, _RED)
    signed = sort.startswith("ret_") or sort == "macd_hist"
    colours = [(up if v >= 0 else down) if signed else _PLAIN for v in values]
    scale = 100.0 if sort.startswith(("ret_", "volatility")) else 1.0
    figure = _figure(7.2, 0.7 + 0.17 * len(rows))
    axes = figure.subplots()
    axes.barh(range(len(rows)), [v * scale for v in values], color=colours, height=0.7)
    axes.set_yticks(range(len(rows)), names)
    axes.invert_yaxis()
    _plain(axes)
    axes.set_title(sort + (", %" if scale != 1.0 else ""), loc="left", fontsize=9, color=_INK)
    return _png(figure)


def _study(document: Mapping[str, Any]) -> bytes:
    """Hits a day; below, the difference of returns after each horizon with its interval."""
    dates, hits = document["dates"], document["days"]["hits"]
    figure = _figure(7.2, 3.6)
    days, edges = figure.subplots(2, 1, gridspec_kw={"height_ratios": [3, 2]})
    days.bar(range(len(hits)), hits, color=_PLAIN, width=0.8)
    marks = range(0, len(dates), max(1, round(len(dates) / 8)))
    days.set_xticks(list(marks), [dates[mark][:7] for mark in marks])
    days.set_xlim(-1, len(hits))
    days.set_title("hits a day", loc="left", fontsize=9, color=_INK)
    edges.axvline(0.0, color=_INK, linewidth=0.8)
    for place, row in enumerate(document["forward"]):
        if row["edge"] is None:
            continue
        colour = _FAINT if row["warnings"] else _PLAIN
        if row["edge_low"] is not None:
            ends = [row["edge_low"] * 100, row["edge_high"] * 100]
            edges.plot(ends, [place, place], color=colour, linewidth=4, solid_capstyle="butt")
        edges.plot([row["edge"] * 100], [place], "o", color=colour, markersize=6)
    horizons = [f"{row['horizon']} bars" for row in document["forward"]]
    edges.set_yticks(range(len(horizons)), horizons)
    edges.set_ylim(len(horizons) - 0.5, -0.5)
    edges.set_title(
        "hits less universe, %, 95 % interval (grey: shows nothing)",
        loc="left",
        fontsize=9,
        color=_INK,
    )
    for axes in (days, edges):
        _plain(axes)
    return _png(figure)


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _plain(axes: Any) -> None:
    axes.set_facecolor("white")
    axes.grid(visible=True, color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=7, colors=_INK, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _months(dates: list[str]) -> tuple[list[int], list[str]]:
    """Where a month begins; every other one if there are many."""
    days = [date.fromisoformat(text) for text in dates]
    starts = [i for i in range(1, len(days)) if days[i].month != days[i - 1].month]
    starts = starts[:: max(1, round(len(starts) / 7))]
    return starts, [days[i].strftime("%Y-%m") for i in starts]


def _png(figure: Any) -> bytes:
    """64 colours are all that a chart has; a quarter of the bytes in every saved notebook."""
    from PIL import Image

    figure.canvas.draw()
    pixels = figure.canvas.buffer_rgba()
    image = Image.frombytes("RGBA", figure.canvas.get_width_height(), bytes(pixels))
    target = BytesIO()
    image.convert("RGB").quantize(colors=64).save(target, format="png", optimize=True)
    return target.getvalue()
