"""Settings of a function: numbers that do not change, by place or by name."""

from __future__ import annotations

import ast

from stockwidget.errors import nearest
from stockwidget.scan.rules.functions import MAX_WINDOW, Function, Setting
from stockwidget.scan.rules.values import Reading, Value, example


class Settings(Reading):
    """Reads the settings of a call."""

    def _settings(
        self,
        node: ast.expr,
        row: Function,
        given: list[tuple[ast.expr, Value | str]],
        keywords: list[ast.keyword],
    ) -> dict[str, float]:
        rows = list(row.settings)
        if row.name == "drawdown" and (given or keywords):
            rows = [Setting(name="window", default=252)]
        names = [setting.name for setting in rows] + ["convention"] * bool(row.convention)
        if len(given) > len(names):
            takes = f"at most {len(names)}" if names else "no"
            raise self._error(
                given[len(names)][0],
                f"`{row.name}` takes {takes} setting{'s' * (len(names) != 1)}"
                f"{' (' + ', '.join(names) + ')' if names else ''}, not {len(given)}.",
                f"As in {example(row)}.",
                kind="too_many_settings",
                name=row.name,
                most=len(names),
                given=len(given),
                known=names,
            )
        found: dict[str, tuple[ast.expr, Value | str]] = dict(zip(names, given, strict=False))
        for keyword in keywords:
            if keyword.arg is None or keyword.arg not in names:
                near = nearest(keyword.arg or "", names)
                raise self._error(
                    keyword,
                    f"`{row.name}` has no setting `{keyword.arg}`.",
                    f"It has: {', '.join(names)}." if names else "It has none.",
                    near,
                    kind="no_setting",
                    name=row.name,
                    setting=keyword.arg,
                    known=names,
                )
            if keyword.arg in found:
                raise self._error(
                    keyword,
                    f"`{keyword.arg}` is given twice.",
                    "Keep one of them.",
                    kind="twice",
                    setting=keyword.arg,
                )
            found[keyword.arg] = keyword.value, self._text_or_value(keyword.value)
        numbers = {
            setting.name: self._number(row, setting, *found[setting.name])
            if setting.name in found
            else float(setting.default)
            for setting in rows
        }
        if row.convention:
            numbers["convention"] = self._tdx(row, found.get("convention"))
        self._fitting(node, row, numbers)
        return numbers

    def _number(self, row: Function, setting: Setting, node: ast.expr, value: Value | str) -> float:
        number = None if isinstance(value, str) else self.graph.value(value.ref)
        what = f"`{setting.name}` of `{row.name}`"
        if number is None:
            raise self._error(
                node,
                f"{what} must be a number that does not change.",
                f"As in {example(row)}.",
                kind="not_constant",
                name=row.name,
                setting=setting.name,
                example=example(row),
            )
        if not setting.whole:
            if number > setting.least:
                return number
            raise self._error(
                node,
                f"{what} must be above {setting.least:g}.",
                f"{setting.default:g} is usual.",
                kind="not_above",
                name=row.name,
                setting=setting.name,
                least=setting.least,
                usual=setting.default,
            )
        if number != int(number) or not setting.least <= number <= MAX_WINDOW:
            raise self._error(
                node,
                f"{what} must be a whole number from {setting.least:g} to {MAX_WINDOW}, "
                f"not {number:g}.",
                "It counts bars.",
                kind="not_whole",
                name=row.name,
                setting=setting.name,
                least=setting.least,
                most=MAX_WINDOW,
                given=number,
            )
        return float(int(number))

    def _tdx(self, row: Function, given: tuple[ast.expr, Value | str] | None) -> float:
        if given is None:
            return float(row.convention == "tdx")
        if given[1] not in ("talib", "tdx"):
            raise self._error(
                given[0],
                "The convention is 'talib' or 'tdx', in quotation marks.",
                kind="convention",
            )
        return float(given[1] == "tdx")

    def _fitting(self, node: ast.expr, row: Function, numbers: dict[str, float]) -> None:
        if row.op == "macd" and numbers["fast"] >= numbers["slow"]:
            raise self._error(
                node,
                f"fast ({numbers['fast']:g}) must be below slow ({numbers['slow']:g}).",
                "The usual pair is 12 and 26.",
                kind="fast_slow",
                fast=numbers["fast"],
                slow=numbers["slow"],
            )
        if row.op == "sar" and numbers["acceleration"] > numbers["maximum"]:
            raise self._error(
                node,
                "acceleration must not exceed maximum.",
                "The usual pair is 0.02 and 0.2.",
                kind="acceleration",
            )

    def _text_or_value(self, node: ast.expr) -> Value | str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        return self._value(node)
