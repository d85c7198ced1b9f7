"""The tests of this folder break the connection of a real page by a real nginx."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from site_driver import Site, running_site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of a module that leave the server as it was."""
    options = {"ignore_default_args": ["--disable-back-forward-cache"]}
    with running_site(tmp_path_factory.mktemp("site"), "healthy", **options) as site:
        yield site


@pytest.fixture
def site(shared: Site) -> Iterator[Callable[[str], Site]]:
    """The shared site, behaving as asked."""

    def behaving(setup: str) -> Site:
        if shared.nginx.setup != setup:
            shared.nginx.use(setup)
        return shared

    yield behaving
    shared.nginx.thaw()
