"""The Jupyter server extension of stockwidget."""

from __future__ import annotations

from typing import Any

__all__ = ["_jupyter_server_extension_points"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Name the extension to Jupyter."""
    from stockwidget_server.app import StockwidgetApp

    return [{"module": "stockwidget_server.app", "app": StockwidgetApp}]
