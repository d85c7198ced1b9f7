"""The picture of a score: what each rule gave, by family. Labels are ASCII, as in ``chart_png``."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from stockwidget.notebook.terms import Terms

_INK, _GREY, _GIVEN, _MISSED = "#1f2328", "#59636e", "#1f6feb", "#dfe5ec"


class ShownFigure(Figure):
    """A figure that notebooks show without pyplot."""

    def _repr_png_(self) -> bytes:
        target = BytesIO()
        self.savefig(target, format="png")
        return target.getvalue()


def figure(score: Mapping[str, Any], terms: Terms, symbol: str) -> Figure:
    """Draw one bar a rule: points given of those possible; a rule that abstained is hatched."""
    rows = [
        (family, row, position)
        for position, (family, row) in enumerate(
            (f, r) for f in score["families"] for r in f["factors"]
        )
    ]
    drawn = ShownFigure(
        figsize=(7.2, 0.9 + 0.21 * len(rows)), dpi=150, facecolor="white", layout="constrained"
    )
    FigureCanvasAgg(drawn)
    axes = drawn.subplots()
    for family, row, position in rows:
        silent = row["abstained"]
        axes.barh(
            position,
            row["max"],
            color="white" if silent else _MISSED,
            hatch="////" if silent else None,
            edgecolor=_MISSED,
            height=0.72,
        )
        axes.barh(position, row["points"] or 0.0, color=_GIVEN, height=0.72)
        if row is family["factors"][0]:
            title = terms.title("families", family["key"])
            part = f"{title}\n{family['points']:g} of {family['max']:g}"
            axes.text(1.02, position, part, transform=axes.get_yaxis_transform(), fontsize=7,
                      color=_INK, va="top")  # fmt: skip
            axes.axhline(position - 0.5, color=_GREY, linewidth=0.4)
    names = [terms.title("factors", row["key"]) for _, row, _ in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.invert_yaxis()
    axes.set_xlabel("points (hatched: abstained)", fontsize=7, color=_INK)
    axes.tick_params(labelsize=7, colors=_INK, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    said = "no score" if score["value"] is None else f"{score['value']:.0f} of 100"
    if score["band"]:
        said += f", {terms.title('bands', score['band'])}"
    axes.set_title(f"{symbol} {score['date']}: {said}", loc="left", fontsize=9, color=_INK)
    return drawn
