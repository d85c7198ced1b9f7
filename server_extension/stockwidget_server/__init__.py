"""The Jupyter server extension of stockwidget."""
