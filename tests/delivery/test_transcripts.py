"""The committed transcripts of tests/wire are what this session does and what a reader then knows.

The TypeScript client replays the same files; a change of behaviour shows as a change of these files.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from reader import Reader, View
from recorder import Polls, make_session, perform, plain_command, view_of
from transcripts import FOLDER, SCENARIOS

from stockwidget.delivery.commands import Send
from stockwidget.delivery.limits import Limits

FILES = sorted(FOLDER.glob("*.jsonl"))


def test_every_scenario_has_its_file_and_every_file_its_scenario():
    assert {path.stem for path in FILES} == {scenario.__name__ for scenario in SCENARIOS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_session_does_what_the_transcript_says(path: Any):
    head, *lines, last = map(orjson.loads, path.read_bytes().splitlines())
    session = make_session(Limits(**head["limits"]) if "limits" in head else None)
    reader = Reader()
    for task, view in head.get("before", {}).items():
        reader.views[task] = View(**view)
    polls = Polls()
    for number, line in enumerate(lines, 2):
        if head.get("transport") == "poll":
            out = polls.perform(line)
            assert out == line["out"], f"line {number}"
            for frame in (frame for each in out for frame in each.get("send", ())):
                reader.feed(orjson.dumps(frame))
            continue
        commands = perform(session, line)
        assert [plain_command(each) for each in commands] == line["out"], f"line {number}"
        for command in commands:
            if isinstance(command, Send):
                for frame in command.frames:
                    reader.feed(frame)
    assert {task: view_of(view) for task, view in reader.views.items()} == last["view"]
