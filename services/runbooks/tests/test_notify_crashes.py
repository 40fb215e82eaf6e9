"""The process dies at every moment around every call while a step notifies: nothing is lost, and what is sent is one.

Real are the SMTP server, the outbox and the ledger. A death after the server accepted and before that is remembered
sends the mail again: the same bytes under the same Message-ID. After it is remembered it is never sent again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from runbooks.adapters.policy.rego import EmbeddedRego
from runbooks.definition import Definition

from services.runbooks.tests.receivers import MailSink, smtp_server
from services.runbooks.tests.simulator import BUNDLE, Faults, ProcessDied, World
from services.runbooks.tests.test_crashes import SharedPolicy
from services.runbooks.tests.test_notify_steps import notifying, prepared, states


def opened(home: Path, port: int, policy: SharedPolicy, **members: Any) -> World:
    world = prepared(home, port, **members)
    world.policy = lambda bundle: policy
    return world


OLD = ("old@example.com",)


async def die(world: World, at: int, definition: Definition | None = None) -> list[str]:
    faults = Faults(at)
    with suppress(ProcessDied):
        await world.runner(faults).execute(definition or notifying(), {}, executed_by="ann")
    return faults.moments


async def test_a_death_at_any_moment_loses_no_mail_and_sends_no_second_one(memory_path: Path) -> None:
    engine = EmbeddedRego(BUNDLE)
    policy, doubled, unsent = SharedPolicy(engine), [], 0
    sink = MailSink()
    async with smtp_server(sink) as port:
        moments = await die(opened(memory_path / "counted", port, policy), 10**9)
        names = {moment.split()[1] for moment in moments}
        assert names >= {"outbox.find", "outbox.put", "mailer.send", "outbox.sent", "artifacts.get", "ledger.append"}
        for at, moment in enumerate(moments):
            sink.mails.clear()
            world = opened(memory_path / str(at), port, policy)
            await die(world, at)
            runner = world.runner()
            found = runner.executions()
            if not found:
                assert sink.mails == []
                unsent += 1
                continue
            execution = await runner.resume(found[0].execution_id)
            assert execution.outcome == "completed", moment
            assert states(world) == ["sent"], moment
            assert len({mail.as_bytes() for mail in sink.mails}) == 1, moment
            if len(sink.mails) > 1:
                assert len(sink.mails) == 2, moment
                doubled.append(moments[at - 1])
    # Only between the server's yes and its note in the outbox.
    assert doubled
    start, end = moments.index("before mailer.send"), moments.index("after outbox.sent")
    assert set(doubled) <= set(moments[start:end])
    assert 0 < unsent < len(moments) / 2
    await engine.close()


async def test_what_was_put_is_what_is_sent_even_when_the_settings_change_meanwhile(memory_path: Path) -> None:
    engine = EmbeddedRego(BUNDLE)
    policy, sink, told = SharedPolicy(engine), MailSink(), notifying(to=None)
    async with smtp_server(sink) as port:
        moments = await die(opened(memory_path / "counted", port, policy, mail_recipients=OLD), 10**9, told)
        world = opened(memory_path / "dies", port, policy, mail_recipients=OLD)
        await die(world, moments.index("after mailer.send"), told)
        world.mail_recipients = ("new@example.com",)
        runner = world.runner()
        execution = await runner.resume(runner.executions()[0].execution_id)
    assert sink.recipients == [list(OLD)] * 3
    assert execution.steps["tell"].outputs["recipients"] == list(OLD)
    await engine.close()
