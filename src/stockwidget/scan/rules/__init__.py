"""The rule language of scans: text in, plan out.

``compile_rule(rule="close > sma(200)", rank="ret(20)")`` gives a ``Plan``, which
``stockwidget.scan.vm.evaluate`` computes over many symbols. ``docs/rules.md`` has the language.
"""

from stockwidget.scan.rules.plan import Missing, Output, Plan, compile_rule, why_missing

__all__ = ["Missing", "Output", "Plan", "compile_rule", "why_missing"]
