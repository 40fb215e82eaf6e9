"""`runbooks reviews`: what people are asked, and what they say. It parses, calls the service, and prints."""

from __future__ import annotations

__all__ = ["reviews_app"]

from pathlib import Path
from typing import Annotated, Any

import typer

from runbooks.console import Graph, finish, run_with
from runbooks.settings import Settings, load_settings

reviews_app = typer.Typer(no_args_is_help=True, help="Reviews: list, look at and decide what waits for people.")

Home = Annotated[Path | None, typer.Option("--home", help="Data folder; else $RUNBOOKS_HOME, else ./.runbooks")]
ReviewId = Annotated[str, typer.Argument(help="e.g. R1-0001-a3f9c2.r1; `last` is the newest open one")]
Person = Annotated[str, typer.Option("--as", help="Who says it; needs a key (`runbooks keys --add`)")]
Reason = Annotated[str, typer.Option(help="Why, in words; it is signed and stays in the proof")]
Version = Annotated[int | None, typer.Option(help="Number of statements that you saw; refused when there are more")]


@reviews_app.command("list")
def list_(
    home: Home = None, every: Annotated[bool, typer.Option("--all", help="Those that have ended too")] = False
) -> None:
    """List what waits for people."""

    async def show(runner: Any) -> None:
        found = [(execution, review) for execution, review in runner.reviews() if every or review.is_open]
        for _, review in found:
            needs = review.requirement.needs
            typer.echo(
                f"{review.review_id:<28} {review.state:<14} {needs.risk:<8} due {review.due_at[:16]}Z  "
                f"{review.step_id}: {review.requirement.requirement_id}"
            )
        if not found:
            typer.echo("nothing waits for people")

    run_with(load_settings(home), show, writes=False)


@reviews_app.command()
def show(review_id: ReviewId, home: Home = None) -> None:
    """Show one review: what failed and why, the evidence, and what was said."""
    import json

    from runbooks.tickets import ticket

    async def look(runner: Any) -> None:
        typer.echo(json.dumps(ticket(*runner.review(_named(runner, review_id))), indent=2, ensure_ascii=False))

    run_with(load_settings(home), look, writes=False)


@reviews_app.command()
def approve(
    review_id: ReviewId,
    person: Person,
    reason: Reason,
    home: Home = None,
    version: Version = None,
    expires: Annotated[str | None, typer.Option(help="Until when the approval counts, RFC 3339 in UTC")] = None,
    graph: Graph = None,
) -> None:
    """Approve; the execution goes on as soon as enough people have."""
    _decide(
        load_settings(home, graph=graph),
        review_id,
        "approved",
        approver=person,
        reason=reason,
        version=version,
        expires_at=expires,
    )


def _says(name: str, decision: str, what: str) -> None:
    def say(
        review_id: ReviewId,
        person: Person,
        reason: Reason,
        home: Home = None,
        version: Version = None,
        graph: Graph = None,
    ) -> None:
        settings = load_settings(home, graph=graph)
        _decide(settings, review_id, decision, approver=person, reason=reason, version=version)

    reviews_app.command(name, help=what)(say)


_says("reject", "rejected", "Reject: what was denied stays denied.")
_says("ask", "info-requested", "Ask for information; nobody approves before it is answered.")
_says("answer", "info-given", "Answer what was asked; whoever runs this may, the requester too.")
_says("break-glass", "break-glass", "Approve alone, without quorum and assignment: an alarm that stays in the proof.")


def _decide(settings: Settings, review_id: str, decision: str, **said: Any) -> None:
    async def decide(runner: Any) -> Any:
        return await runner.decide(_named(runner, review_id), decision, **said)

    finish(run_with(settings, decide))


def _named(runner: Any, review_id: str) -> str:
    if review_id != "last":
        return review_id
    waiting = [review.review_id for _, review in runner.reviews() if review.is_open]
    return waiting[-1] if waiting else "last"
