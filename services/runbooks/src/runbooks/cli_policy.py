"""`runbooks policy`: test the policies, ask one question and see why, compare two folders, write a bundle for OPA."""

from __future__ import annotations

__all__ = ["policy_app"]

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from runbooks.console import run
from runbooks.settings import Settings, load_cases, load_policies, load_settings

policy_app = typer.Typer(no_args_is_help=True, help="Policies: test, explain, compare, and bundle for an OPA server.")

Home = Annotated[Path | None, typer.Option("--home", help="Data folder; else $RUNBOOKS_HOME, else ./.runbooks")]


_WHY = {
    "allow": "the policy allows it",
    "deny": "the policy says false",
    "undefined": "no rule gives this question a value, which denies",
    "non-boolean": "the policy says something that is neither true nor false, which denies",
    "error": "the policy could not be evaluated, or nobody answered, which denies",
}


@policy_app.command("test")
def run_cases(home: Home = None) -> None:
    """Ask the engine of this installation every question of `policies/cases.json`. Exit code 1: another decision."""
    settings = load_settings(home)
    path = settings.folder("policies") / "cases.json"
    cases = load_cases(path)
    decisions = run(_ask(settings, cases))
    for case, decision in zip(cases, decisions, strict=True):
        is_right = decision == case["decision"]
        typer.echo(f"pass  {case['desc']}" if is_right else f"FAIL  {case['desc']}: {decision}, not {case['decision']}")
    if any(decision != case["decision"] for case, decision in zip(cases, decisions, strict=True)):
        raise typer.Exit(1)


@policy_app.command()
def explain(
    name: Annotated[str, typer.Argument(help="runbookId of a template, or the path of a definition")],
    step_id: Annotated[str, typer.Argument(help="a step of it")],
    subject: Annotated[str | None, typer.Option("--as", help="Who would run it")] = None,
    home: Home = None,
) -> None:
    """Ask what a step's authority provers would ask, and show question, decision and why. Exit code 3: denied."""
    from runbooks.service import find_runbook
    from runbooks.settings import load_registries

    settings = load_settings(home)
    definition, registries = find_runbook(settings, name), load_registries(settings)
    told = run(_explain(settings, definition, registries, step_id, subject or settings.subject))
    if not told:
        typer.echo(f"step {step_id} asks no policy")
    for item in told:
        typer.echo(json.dumps(item, indent=2, ensure_ascii=False))
        typer.echo(f"{item['prover']}: {_WHY[item['decision']]}")
    if any(item["decision"] != "allow" for item in told):
        raise typer.Exit(3)


@policy_app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="a folder of policies")],
    new: Annotated[Path | None, typer.Argument(help="another one; the installation's without it")] = None,
    home: Home = None,
) -> None:
    """Say which modules and which data differ between two folders. Exit code 1 when something does."""
    from runbooks.adapters.policy.bundle import bundle_changes

    after = new or load_settings(home).folder("policies")
    changes = bundle_changes(load_policies(old), load_policies(after))
    for change in changes:
        typer.echo(f"{change.place}: {change.old or 'not there'} -> {change.new or 'not there'}")
    if changes:
        raise typer.Exit(1)
    typer.echo("no difference")


@policy_app.command()
def bundle(folder: Annotated[Path, typer.Argument(help="a new or empty folder")], home: Home = None) -> None:
    """Write the policies as a bundle that `opa run --server --bundle FOLDER` serves; prints its revision."""
    from runbooks.adapters.policy.bundle import write_opa_bundle

    typer.echo(write_opa_bundle(folder, load_policies(load_settings(home).folder("policies"))))


async def _ask(settings: Settings, cases: Sequence[Mapping[str, Any]]) -> list[str]:
    from runbooks.adapters.policy import open_policies

    policy = open_policies(settings.policy)(load_policies(settings.folder("policies")))
    try:
        return [await policy.decide(case["query"], case["input"]) for case in cases]
    finally:
        await policy.close()


async def _explain(
    settings: Settings, definition: Any, registries: Mapping[str, Any], step_id: str, subject: str
) -> list[dict[str, Any]]:
    from runbooks.adapters.policy import open_policies
    from runbooks.canonical import digest_of

    policy = open_policies(settings.policy)(registries["policies"])
    try:
        told = []
        for name, question in _questions(definition, registries, step_id, subject).items():
            decision = await policy.decide(question.query, question.document)
            members = {"decision": decision, "engine": policy.engine, "policy": digest_of(registries["policies"])}
            told.append({"prover": name, "query": question.query, "input": question.document, **members})
        return told
    finally:
        await policy.close()


def _questions(definition: Any, registries: Mapping[str, Any], step_id: str, subject: str) -> Mapping[str, Any]:
    from runbooks.adapters.clock import SystemClock
    from runbooks.derivation import Derivation, Materials
    from runbooks.errors import SettingsError
    from runbooks.events import ExecutionStarted

    materials, now = Materials(definition, **registries), SystemClock().now()
    if step_id not in materials.plan.index:
        known = ", ".join(materials.plan.index)
        message = f"runbook {definition.runbook_id} has no step {step_id} (it has: {known})"
        raise SettingsError(message, code="runbook.unknown_step")
    context = {
        "logicalTime": now,
        "purpose": definition.purpose,
        "runbookId": definition.runbook_id,
        "version": definition.version,
        "policies": "",
        "licences": "",
    }
    derivation = Derivation(materials, ExecutionStarted("explained", 1, subject, context, {}, now))
    return derivation.questions(materials.plan.step(step_id))
