"""The statistics as still output: the same lines as text and as small HTML without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from unicodedata import east_asian_width

from stockwidget.notebook.static_output import box
from stockwidget.notebook.words import say

Stats = Mapping[str, Any]


def monitor_text(stats: Stats, locale: str = "") -> str:
    """The statistics in lines, for terminals and screen readers."""
    lines = rows(stats, locale)
    width = 2 + max(_columns(label) for label, _ in lines)
    table = [f"{label}{' ' * (width - _columns(label))}{value}" for label, value in lines]
    return "\n".join([head(stats, locale), *table])


def monitor_html(stats: Stats, locale: str = "") -> str:
    """The statistics as a table, for pages that run no scripts."""
    cell = "text-align:left;vertical-align:top;padding:2px 14px 2px 0"
    body = "".join(
        f"<tr><th scope='row' style='{cell};color:#59636e;font-weight:normal'>{escape(label)}</th>"
        f"<td style='{cell};color:#1f2328'>{escape(value)}</td></tr>"
        for label, value in rows(stats, locale)
    )
    title = f"<b>{escape(say(locale, 'monitor'))}</b> · {escape(head(stats, locale))}"
    return box(f"{title}<table style='border-collapse:collapse;margin:6px 0'>{body}</table>")


def head(stats: Stats, locale: str) -> str:
    """Whose numbers these are."""
    parts = [say(locale, f"on_{stats['runner']}")]
    up = stats["uptime_s"]
    parts.append(say(locale, "not_started") if up is None else say(locale, "up", time=_span(up)))
    if stats["realtime_enabled"] is not None:
        parts.append(say(locale, "realtime" if stats["realtime_enabled"] else "polling"))
    return ", ".join(parts)


def rows(stats: Stats, locale: str) -> list[tuple[str, str]]:
    """Labels and values; a runner that serves no pages has none of theirs, and says so."""
    lines = [
        ("connections", _by_transport(stats["connections"], locale)),
        ("following", _following(stats, locale)),
        ("tasks", _tasks(stats["tasks"], locale)),
        ("sent", _sent(stats, locale)),
        ("skipped", say(locale, "skipped", conflated=stats["conflated"],
                        resyncs=stats["resyncs"], slow=stats["slow_readers"])),
        ("delay", _delay(stats["latency"], locale)),
    ]  # fmt: skip
    if stats["runner"] == "kernel":
        lines.append(("absent", say(locale, "kernel_only")))
    else:
        polls = say(locale, "polls", polls=stats["polls"], useless=stats["useless_polls"])
        lines += [
            ("polls", polls if stats["polls"] else say(locale, "monitor_none")),
            ("changes", _changes(stats["changes"], locale)),
        ]
    if stats.get("kernel"):
        fed = stats["kernel"]
        parts = [_by_transport(fed["connections"], locale), _sent(fed, locale),
                 _delay(fed["latency"], locale)]  # fmt: skip
        lines.append(("kernel", "; ".join(parts)))
    return [(say(locale, f"monitor_{name}"), value) for name, value in lines]


def _by_transport(connections: Stats, locale: str) -> str:
    total = connections["total"]
    return "; ".join(
        f"{name} {say(locale, 'opened', open=n, total=total[name])}"
        for name, n in connections["open"].items()
    )


def _following(stats: Stats, locale: str) -> str:
    subscriptions = sum(stats["subscriptions"]["open"].values())
    return say(locale, "followed", subscriptions=subscriptions, tasks=stats["tasks"]["followed"])


def _tasks(tasks: Stats, locale: str) -> str:
    known = [f"{say(locale, state)} {n}" for state, n in tasks["by_state"].items() if n]
    states = ", ".join(known) or say(locale, "monitor_none")
    return f"{states} ({say(locale, 'protected', n=tasks['protected'])})"


def _sent(stats: Stats, locale: str) -> str:
    return "; ".join(
        say(locale, "sent", transport=name, frames=frames, size=_size(stats["bytes"][name]))
        for name, frames in stats["frames"].items()
    )


def _delay(latency: Stats, locale: str) -> str:
    minutes = round(latency["window_s"] / 60)
    if not latency["n"]:
        return say(locale, "no_delay", minutes=minutes)
    percentiles = {name: latency[f"{name}_ms"] for name in ("p50", "p95", "p99")}
    return say(locale, "delay", **percentiles, n=latency["n"], minutes=minutes)


def _changes(changes: Stats, locale: str) -> str:
    totals = {name: changes[name] for name in ("downgrades", "upgrades", "recoveries")}
    each = [
        say(locale, "change", source=c["from"], target=c["to"], reason=c["reason"],
            count=c["count"])
        for c in changes["by_reason"]
    ]  # fmt: skip
    return ": ".join([say(locale, "changes", **totals), *([", ".join(each)] if each else [])])


def _size(n: int) -> str:
    return f"{n} B" if n < 1000 else f"{n / 1000:,.1f} kB" if n < 1e6 else f"{n / 1e6:,.1f} MB"


def _columns(text: str) -> int:
    """How wide a terminal draws ``text``."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
