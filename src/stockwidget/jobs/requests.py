"""What may be asked of each kind: canonical parameters, titles, the version of what is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stockwidget.commentary import registry as commentators
from stockwidget.errors import CodeNotAllowed, InvalidRequest
from stockwidget.params import AnalysisParams, ScanParams, StudyParams
from stockwidget.params.universes import is_remote
from stockwidget.parts.cards import check as check_card
from stockwidget.scan import columns, universe
from stockwidget.sources import registry
from stockwidget.store.places import data_dir
from stockwidget.tasks.kinds import Kind


def prepare_analysis(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Canonical parameters and title of an analysis; raises InvalidRequest."""
    params = AnalysisParams.from_dict(data)
    registry.check(params.source)
    if params.scorecard is not None:
        check_card(params.scorecard)
    if params.commentary is not None:
        commentators.check(params.commentary)
    return params.to_dict(), params.symbol


def prepare_scan(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Canonical parameters and title of a scan; raises InvalidRequest."""
    params = ScanParams.from_dict(data)
    plan = columns.compile_params(params)
    universe.source_name(params)
    if params.function is not None and plan.across:
        raise InvalidRequest(
            "rank() and zscore() compare all symbols, and a function of your own sees one.",
            hint="Leave one of them out.",
            field="rule",
        )
    said = [
        universe.label(params),
        *([params.rule] if params.rule else []),
        *([params.function.title] if params.function else []),
        *map(str, params.where),
        *([params.as_of] if params.as_of else []),
    ]
    return params.to_dict(), " · ".join(said)


def prepare_study(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Canonical parameters and title of a study; raises InvalidRequest."""
    params = StudyParams.from_dict(data)
    _, title = prepare_scan(params.scan.to_dict())
    said = [title]
    if params.scan.top is not None:
        said.append(f"{columns.order(params.scan)} top {params.scan.top}")
    days = params.dates or (params.start or "", params.end or "")
    if any(days):
        said.append(" → ".join(dict.fromkeys((days[0], days[-1]))).strip())
    return params.to_dict(), " · ".join(said)


def source_of(kind: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """Source that canonical parameters of a task of ``kind`` read from, and its folder or ""."""
    if kind == "analysis":
        name = AnalysisParams.from_dict(data).source
    else:
        asked = StudyParams.from_dict(data).scan if kind == "study" else ScanParams.from_dict(data)
        name = universe.source_name(asked)
    source, _, folder = name.partition(":")
    return "store" if source == "folder" else source, folder


def lies_in(folder: str, roots: Collection[str]) -> bool:
    """Whether ``folder`` is one of ``roots`` or below one, wherever links and ``..`` lead."""
    try:
        place = Path(folder).resolve()
        return any(place.is_relative_to(Path(root).expanduser().resolve()) for root in roots)
    except (OSError, RuntimeError, ValueError):  # a name too long, links in a ring, a NUL
        return False


def allowing(
    kind: Kind,
    sources: Collection[str],
    spoken: Collection[str] | None = None,
    *,
    clusters: bool = True,
    folders: Collection[str] | None = None,
) -> Kind:
    """Return ``kind``, refusing at submit every source but ``sources`` (InvalidRequest).

    Stores and folders of files may lie below ``folders`` and where this machine keeps frames; None:
    anywhere.

    ``spoken`` are the commentators that may be asked for; None allows all installed ones.
    Without ``clusters`` no scheduler may be named (CodeNotAllowed): what it sends is run.
    """

    def prepare(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        params, title = kind.prepare(data)
        source, place = source_of(kind.name, params)
        if source not in sources:
            raise InvalidRequest(
                f"This server does not offer the source {source!r}.",
                hint=f"It offers: {', '.join(sources)}. StockwidgetApp.sources in the server's "
                "configuration says which.",
                field="source" if kind.name == "analysis" else "universe",
                kind="source_not_offered",
                source=source,
                known=list(sources),
            )
        if place and folders is not None and not lies_in(place, [*folders, str(data_dir())]):
            raise InvalidRequest(
                f"This server does not read bars from {place[:200]!r}.",
                hint="StockwidgetApp.data_folders in its configuration says from where it does.",
                field="source" if kind.name == "analysis" else "universe",
            )
        if "commentary" in params:
            commentators.check(params["commentary"], spoken)
        if not clusters and is_remote(params.get("cluster")):
            raise CodeNotAllowed(
                "This server computes on no cluster that a user names.",
                hint="StockwidgetApp.allow_code in its configuration says so. Leave cluster out, "
                "or use cluster='local:2'.",
            )
        return params, title

    return replace(kind, prepare=prepare)


def version_of_analysis(data: Mapping[str, Any]) -> str | None:
    """Version of what canonical parameters of an analysis would be computed from.

    None with a commentary: the same facts get other words each time, so none stands for another.
    """
    if "commentary" in data:
        return None
    return registry.version(AnalysisParams.from_dict(data).source)


def version_of_scan(data: Mapping[str, Any]) -> str | None:
    """Version of what canonical parameters of a scan would be computed from."""
    return universe.version(ScanParams.from_dict(data))


def version_of_study(data: Mapping[str, Any]) -> str | None:
    """Version of what canonical parameters of a study would be computed from."""
    return universe.version(StudyParams.from_dict(data).scan)
