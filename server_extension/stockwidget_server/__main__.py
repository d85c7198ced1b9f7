"""``python -m stockwidget_server`` is ``jupyter stockwidget``."""

from stockwidget_server.app import main

main()
