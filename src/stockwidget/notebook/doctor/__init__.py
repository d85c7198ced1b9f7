"""``sw.doctor()`` and ``jupyter stockwidget doctor``: what works and, if not, what to do."""

from __future__ import annotations

from stockwidget.notebook.doctor.examination import examine
from stockwidget.notebook.doctor.report import Check, Report
from stockwidget.notebook.doctor.terminal import main

__all__ = ["Check", "Report", "examine", "main"]
