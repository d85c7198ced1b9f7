"""What is known of a company beside its prices: figures and events, and when each was published.

A fact counts from the day of its publication on, never from the end of the period it is about.
"""

from stockwidget.facts.items import EVENTS, FIGURES, ITEMS, Fact, Item

__all__ = ["EVENTS", "FIGURES", "ITEMS", "Fact", "Item"]
