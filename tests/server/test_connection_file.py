"""The address in the connection file is one that a kernel on this host reaches; the file is private."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from stockwidget_server.connection_file import VARIABLE, ConnectionFile, local_url


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"ip": "127.0.0.1"}, "http://127.0.0.1:8888/"),
        ({"ip": "localhost"}, "http://localhost:8888/"),
        ({"ip": ""}, "http://127.0.0.1:8888/"),
        ({"ip": "0.0.0.0"}, "http://127.0.0.1:8888/"),
        ({"ip": "*"}, "http://127.0.0.1:8888/"),
        ({"ip": "::"}, "http://[::1]:8888/"),
        ({"ip": "::1"}, "http://[::1]:8888/"),
        ({"ip": "10.0.0.7"}, "http://10.0.0.7:8888/"),
        ({"certfile": "/etc/cert.pem"}, "https://127.0.0.1:8888/"),
        ({"base_url": "/user/x/"}, "http://127.0.0.1:8888/user/x/"),
        ({"sock": "/run/jupyter.sock"}, ""),
    ],
)
def test_the_address(settings, url):
    server = {"ip": "127.0.0.1", "port": 8888, "base_url": "/", "sock": "", "certfile": ""}
    assert local_url(SimpleNamespace(**{**server, **settings})) == url


def test_the_file_is_private_complete_and_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    old = os.umask(0)
    try:
        file = ConnectionFile(tmp_path / "runtime")
        file.write({"secret": "a"})
        file.write({"secret": "b"})
    finally:
        os.umask(old)
    assert file.path.name == f"stockwidget-{os.getpid()}.json"
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.read_text() == '{"secret": "b"}'
    assert [each.name for each in file.path.parent.iterdir()] == [file.path.name]
    assert os.environ[VARIABLE] == str(file.path)
    file.remove()
    file.remove()
    assert not file.path.exists()
    assert VARIABLE not in os.environ


def test_the_variable_of_another_server_is_left_alone(tmp_path, monkeypatch):
    file = ConnectionFile(tmp_path)
    file.write({})
    monkeypatch.setenv(VARIABLE, "/another/servers/file.json")
    file.remove()
    assert os.environ[VARIABLE] == "/another/servers/file.json"
