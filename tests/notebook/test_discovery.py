"""The ladder finds the kernel's own server and never another one; an explicit server must work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from stockwidget.errors import NotAuthorized, ServerUnreachable
from stockwidget.notebook.discovery import INFO, Surroundings, Target, find

INFO_OF = {"server_id": "mine"}


class Answers:
    """A probe that answers by URL; what is not listed is unreachable. Notes whom it asked."""

    def __init__(self, **by_port: Mapping[str, object] | Exception) -> None:
        self.by_port = {name.removeprefix("p"): answer for name, answer in by_port.items()}
        self.asked: list[tuple[str, str]] = []

    def __call__(self, target: Target, path: str) -> Mapping[str, object]:
        self.asked.append((target.url, path))
        for port, answer in self.by_port.items():
            if f":{port}/" in target.url:
                if isinstance(answer, Exception):
                    raise answer
                if path != INFO and path not in answer.get("paths", ()):
                    raise ServerUnreachable("404")
                return answer
        raise ServerUnreachable("nobody")


def around(
    tmp_path: Path, *, kernel: str | None = "k1", above: list[int] | None = None, **env: str
):
    return Surroundings(
        environ=env, runtime_dir=tmp_path, kernel_id=kernel, ancestors=lambda: above or []
    )


def private(path: Path, **content: object) -> Path:
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    return path


def connection_file(tmp_path: Path, pid: int, port: int = 1001, **more: object) -> Path:
    content = {"url": f"http://127.0.0.1:{port}/u/", "base_url": "/u/", "pid": pid, "secret": "s3"}
    return private(tmp_path / f"stockwidget-{pid}.json", **{**content, "server_id": "mine", **more})


def jpserver(tmp_path: Path, pid: int, port: int, **more: object) -> Path:
    content = {
        "url": f"http://localhost:{port}/",
        "token": "tok",
        "hostname": "localhost",
        "pid": pid,
    }
    return private(tmp_path / f"jpserver-{pid}.json", **{**content, **more})


def test_connection_file_of_the_parent_is_used_with_its_secret(tmp_path):
    file = connection_file(tmp_path, 77)
    env = {"STOCKWIDGET_CONNECTION_FILE": str(file), "JPY_PARENT_PID": "77"}
    found = find(around(tmp_path, **env), Answers(p1001=INFO_OF)).target
    assert found is not None
    assert (found.url, found.authorization) == ("http://127.0.0.1:1001/u/", "stockwidget s3")
    assert "s3" not in repr(found)


def test_base_url_is_appended_where_the_url_lacks_it(tmp_path):
    file = connection_file(tmp_path, 77, url="http://127.0.0.1:1001")
    env = {"STOCKWIDGET_CONNECTION_FILE": str(file), "JPY_PARENT_PID": "77"}
    found = find(around(tmp_path, **env), Answers(p1001=INFO_OF)).target
    assert found is not None
    assert found.url == "http://127.0.0.1:1001/u/"


def test_inherited_file_is_trusted_only_below_its_server(tmp_path):
    env = {
        "STOCKWIDGET_CONNECTION_FILE": str(connection_file(tmp_path, 77)),
        "JPY_PARENT_PID": "88",
    }
    probe = Answers(p1001=INFO_OF)
    assert find(around(tmp_path, above=[5, 6], **env), probe).target is None
    assert probe.asked == []
    assert find(around(tmp_path, above=[88, 77], **env), probe).target is not None


def test_kernel_of_another_server_ignores_the_inherited_file(tmp_path):
    """A server started in a terminal of a server: its kernels are its own."""
    env = {
        "STOCKWIDGET_CONNECTION_FILE": str(connection_file(tmp_path, 77)),
        "JPY_PARENT_PID": "88",
    }
    jpserver(tmp_path, 88, 1002)
    found = find(around(tmp_path, above=[88, 77], **env), Answers(p1001=INFO_OF, p1002={}))
    assert found.target is not None
    assert found.target.url == "http://localhost:1002/"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_file_that_others_may_touch_is_not_trusted(tmp_path, mode):
    file = connection_file(tmp_path, 77)
    file.chmod(mode)
    env = {"STOCKWIDGET_CONNECTION_FILE": str(file), "JPY_PARENT_PID": "77"}
    assert find(around(tmp_path, **env), Answers(p1001=INFO_OF)).target is None


def test_stale_file_leads_to_the_next_rung(tmp_path):
    """Another server has the port by now: its id is not the one in the file."""
    env = {
        "STOCKWIDGET_CONNECTION_FILE": str(connection_file(tmp_path, 77)),
        "JPY_PARENT_PID": "77",
    }
    jpserver(tmp_path, 77, 1002)
    found = find(around(tmp_path, **env), Answers(p1001={"server_id": "else"}, p1002={}))
    assert found.target is not None
    assert (found.target.rung, found.target.authorization) == ("parent", "token tok")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"url": 1}'])
def test_broken_file_is_no_error(tmp_path, content):
    file = tmp_path / "stockwidget-77.json"
    file.write_text(content)
    file.chmod(0o600)
    env = {"STOCKWIDGET_CONNECTION_FILE": str(file), "JPY_PARENT_PID": "77"}
    assert find(around(tmp_path, **env), Answers()).target is None


def test_parent_that_listens_everywhere_is_reached_on_loopback(tmp_path):
    jpserver(tmp_path, 77, 1002, url="http://big-host:1002/x/", hostname="0.0.0.0")
    found = find(around(tmp_path, JPY_PARENT_PID="77"), Answers(p1002={})).target
    assert found is not None
    assert found.url == "http://127.0.0.1:1002/x/"


def test_hub_variables(tmp_path):
    env = {
        "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:1003/user/eve/",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/eve/",
        "JUPYTERHUB_API_TOKEN": "hub",
    }
    found = find(around(tmp_path, **env), Answers(p1003={})).target
    assert found is not None
    assert (found.url, found.authorization) == ("http://127.0.0.1:1003/user/eve/", "token hub")


def test_a_listed_server_must_list_this_kernel(tmp_path):
    jpserver(tmp_path, 5, 1004)
    jpserver(tmp_path, 6, 1005)
    probe = Answers(p1004={}, p1005={"paths": ["api/kernels/k1"]})
    found = find(around(tmp_path), probe).target
    assert found is not None
    assert found.url == "http://localhost:1005/"
    assert ("http://localhost:1004/", INFO) not in probe.asked
    assert find(around(tmp_path, kernel=None), probe).target is None


def test_no_server_at_all(tmp_path):
    assert find(around(tmp_path), Answers()) == find(around(tmp_path, kernel=None), Answers())


def test_server_without_the_extension_is_said(tmp_path):
    jpserver(tmp_path, 77, 1002)
    missing = ServerUnreachable("404", reason="no_extension")
    found = find(around(tmp_path, JPY_PARENT_PID="77"), Answers(p1002=missing))
    assert found.target is None
    assert "Install stockwidget in the server's environment" in (found.note or "")


def test_off_asks_nobody(tmp_path):
    jpserver(tmp_path, 77, 1002)
    probe = Answers(p1002={})
    assert (
        find(around(tmp_path, STOCKWIDGET_SERVER="off", JPY_PARENT_PID="77"), probe).target is None
    )
    assert probe.asked == []


@pytest.mark.parametrize("error", [NotAuthorized("no"), ServerUnreachable("no")])
def test_explicit_server_must_work(tmp_path, error):
    env = {"STOCKWIDGET_SERVER": "http://far:1009/b", "STOCKWIDGET_TOKEN": "t"}
    with pytest.raises(type(error)):
        find(around(tmp_path, **env), Answers(p1009=error))
    found = find(around(tmp_path, **env), Answers(p1009={})).target
    assert found is not None
    assert (found.url, found.authorization) == ("http://far:1009/b/", "token t")


def test_explicit_server_must_be_an_address(tmp_path):
    with pytest.raises(ServerUnreachable, match="http://host:8888"):
        find(around(tmp_path, STOCKWIDGET_SERVER="localhost:8888"), Answers())
