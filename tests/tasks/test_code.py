"""Code of a user is kept beside the task that needs it and no longer, and runs in the interpreter it names.

``foreign`` is an environment of its own: another prefix, with the packages of this one by a .pth.
"""

import sqlite3
import sys
import sysconfig
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

import stockwidget
from stockwidget.errors import CodeNotAllowed, InvalidRequest, RequestTooLarge
from stockwidget.tasks import executors
from stockwidget.tasks.code import MOST_BYTES, Code, versions
from stockwidget.tasks.submission import Wanted
from stockwidget.tasks.watchdog import Bounds

ROOT = str(Path(stockwidget.__file__).parents[1])


def head(**changes):
    usual = {
        "executable": sys.executable,
        "root": ROOT,
        "cwd": "/",
        "path": [],
        "versions": versions(),
    }
    return {**usual, **changes}


def wanted(payload=b"abc", *, params=None, force=False, **changes):
    code = Code.make(head(**changes), payload)
    return Wanted(kind="runs_code", params=params or {}, code=code.plain(), force=force)


def environment(folder, *, packages):
    """A virtual environment, without the second that venv takes."""
    site = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    site.mkdir(parents=True)
    (folder / "bin").mkdir()
    python = folder / "bin" / "python"
    base = Path(sys.base_prefix) / "bin" / "python3"
    python.symlink_to(base)
    (folder / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\n"
    )
    if packages:
        (site / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    return str(python)


@pytest.fixture
def foreign(tmp_path):
    return environment(tmp_path / "kernel", packages=True)


async def ended(runner, follow, task):
    """How it ended, also if it did before anybody could follow."""
    following = follow(runner, task.id)
    record = await runner.get(task.id)
    if record.terminal:
        return {"status": record.status, "error": record.error}
    return await following.end()


async def result(runner, follow, task):
    end = await ended(runner, follow, task)
    assert end["status"] == "completed", end["error"]
    return orjson.loads(await runner.result(task.id))


async def error(runner, follow, task):
    end = await ended(runner, follow, task)
    assert end["status"] == "failed"
    return end["error"]


def stored(journal):
    with closing(sqlite3.connect(journal)) as db:
        return [row[0] for row in db.execute("SELECT payload FROM code")]


async def test_it_reaches_the_worker_and_nothing_that_readers_see(runner, follow, journal):
    task = (await runner.offer(wanted(b"secret-bytes"))).record
    assert (await result(runner, follow, task))["code"] == "secret-bytes"
    assert stored(journal) == [b"secret-bytes"]
    public = (await runner.get(task.id)).public(runner.epoch)
    assert public["params"] == {"code": Code.make(head(), b"secret-bytes").digest}
    seen = repr([public, await runner.snapshot(task.id), await runner.tail(task.id, 0)])
    assert "secret-bytes" not in seen
    assert sys.executable not in seen


async def test_a_worker_runs_one_task_of_a_user_and_ends(runner, follow):
    first = await result(runner, follow, (await runner.offer(wanted())).record)
    again = await result(runner, follow, (await runner.offer(wanted())).record)
    assert first["pid"] != again["pid"]
    assert not Path(f"/proc/{first['pid']}").exists()


async def test_it_runs_where_it_comes_from(runner, follow, tmp_path):
    beside = tmp_path / "beside"
    beside.mkdir()
    task = (await runner.offer(wanted(cwd=str(tmp_path), path=[str(beside)]))).record
    found = await result(runner, follow, task)
    assert found["cwd"] == str(tmp_path)
    assert found["path"][-1] == str(beside)
    assert found["prefix"] == sys.prefix


async def test_it_runs_in_the_interpreter_of_the_kernel(runner, follow, foreign, jobs_env):
    # The server's PYTHONPATH is not the kernel's: what that one imports from comes with the code.
    task = (await runner.offer(wanted(executable=foreign, path=[jobs_env["PYTHONPATH"]]))).record
    assert (await result(runner, follow, task))["prefix"] == str(Path(foreign).parents[1])


async def test_an_interpreter_without_the_packages_says_what_to_do(runner, follow, tmp_path):
    bare = environment(tmp_path / "bare", packages=False)
    found = await error(runner, follow, (await runner.offer(wanted(executable=bare))).record)
    assert found["code"] == "interpreter_unusable"
    assert "ModuleNotFoundError: No module named" in found["message"]
    assert bare in found["message"]
    assert "Install stockwidget in the kernel's environment" in found["hint"]


async def test_an_interpreter_that_is_not_there_says_so(runner, follow):
    task = (await runner.offer(wanted(executable="/nowhere/python"))).record
    found = await error(runner, follow, task)
    assert found["code"] == "interpreter_unusable"
    assert "No such file" in found["message"]
    assert "STOCKWIDGET_SERVER=off" in found["hint"]


@pytest.mark.parametrize(("name", "other"), [("python", "3.9"), ("stockwidget", None)])
async def test_versions_that_differ_are_named(runner, follow, monkeypatch, name, other):
    if name == "stockwidget":  # this server takes itself for an older one
        older = {**versions(), "stockwidget": "0.0.1"}
        monkeypatch.setattr(executors, "versions", lambda: older)
        task = (await runner.offer(wanted())).record
        other = "0.0.1"
    else:
        task = (await runner.offer(wanted(versions={**versions(), name: other}))).record
    found = await error(runner, follow, task)
    assert found["code"] == "interpreter_unusable"
    assert f"{name} {versions()[name]}; {other} is needed" in found["message"]


async def test_alike_is_what_has_the_same_code(runner, follow, kinds, journal):
    first = (await runner.offer(wanted(b"one"))).record
    assert (await runner.offer(wanted(b"two"))).record.key != first.key
    assert (await runner.offer(wanted(b"one"))).record.key == first.key


async def test_it_survives_a_restart_and_runs_again(make_runner, follow, tmp_path):
    gate = tmp_path / "gate"
    first = await make_runner("a")
    task = (await first.offer(wanted(b"kept", params={"until": str(gate)}))).record
    await follow(first, task.id).until(lambda e: e.kind == "progress")
    await first.stop(grace_s=0)
    second = await make_runner("b")
    gate.touch()
    assert (await result(second, follow, task))["code"] == "kept"
    assert (await second.get(task.id)).attempt == 2


async def test_it_runs_again_by_its_digest_and_goes_with_its_last_task(
    make_runner, follow, clock, journal
):
    runner = await make_runner(clock=clock)
    task = (await runner.offer(wanted(b"again"))).record
    await result(runner, follow, task)
    rerun = Wanted(kind="runs_code", params=task.params, force=True)
    second = (await runner.offer(rerun)).record
    assert (await result(runner, follow, second))["code"] == "again"
    clock.now += 24 * 3_600_000
    await runner.sweep()
    assert stored(journal) == []
    with pytest.raises(InvalidRequest, match="no longer than its result"):
        await runner.offer(rerun)


async def test_a_server_that_runs_none_refuses_new_and_old_ones(make_runner, follow, tmp_path):
    first = await make_runner("a", workers=1)
    block = (await first.offer(wanted(params={"until": str(tmp_path / "never")}))).record
    await follow(first, block.id).until(lambda e: e.kind == "progress")
    await first.stop(grace_s=0)
    strict = await make_runner("b", allow_code=False)
    assert (await error(strict, follow, block))["code"] == "code_not_allowed"
    with pytest.raises(CodeNotAllowed, match="runs no functions"):
        await strict.offer(wanted())
    await strict.submit("completes", {})


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"payload": 3},
        {**head(), "payload": "not base64!"},
        {**head(executable="python"), "payload": ""},
        {**head(path=[1]), "payload": ""},
        {**head(path="x"), "payload": ""},
        {**head(), "payload": "", "more": 1},
    ],
)
def test_what_is_malformed_names_its_field(data):
    with pytest.raises(InvalidRequest) as caught:
        Code.read(data)
    assert caught.value.data["field"] == "code"


def test_its_size_is_bounded():
    with pytest.raises(RequestTooLarge, match="the most"):
        Code.make(head(), b"x" * (MOST_BYTES + 1))
    with pytest.raises(RequestTooLarge):
        Code.make(head(path=["x" * 70_000]), b"")


def test_names_of_one_environment_are_one(tmp_path, monkeypatch, foreign):
    here = Path(sys.executable).with_name("python3")
    assert not Code.make(head(), b"").foreign
    assert not Code.make(head(executable=str(here)), b"").foreign
    assert Code.make(head(executable=foreign), b"").foreign


async def test_its_time_is_bounded(make_runner, follow, kinds, foreign, jobs_env, tmp_path):
    strict = {"runs_code": replace(kinds["runs_code"], bounds=Bounds(time_s=0.3))}
    runner = await make_runner(kinds=strict)
    params, path = {"until": str(tmp_path / "never")}, [jobs_env["PYTHONPATH"]]
    for more in ({}, {"executable": foreign, "path": path}):
        task = (await runner.offer(wanted(params=params, **more))).record
        assert (await error(runner, follow, task))["code"] == "time_limit"


async def test_a_task_that_is_cancelled_ends_its_foreign_worker(
    runner, follow, foreign, jobs_env, tmp_path
):
    path = [jobs_env["PYTHONPATH"]]
    params = {"until": str(tmp_path / "never")}
    task = (await runner.offer(wanted(executable=foreign, path=path, params=params))).record
    await follow(runner, task.id).until(lambda e: e.kind == "progress")
    following = follow(runner, task.id)
    await runner.cancel(task.id)
    assert (await following.end())["status"] == "cancelled"
