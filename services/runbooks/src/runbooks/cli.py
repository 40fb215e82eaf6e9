"""The command `runbooks`. It parses, calls the service, and prints; heavy modules are imported when used."""

from __future__ import annotations

__all__ = ["app", "main"]

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from runbooks import __version__
from runbooks.cli_graph import graph_app
from runbooks.cli_notify import notify
from runbooks.cli_policy import policy_app
from runbooks.cli_reviews import reviews_app
from runbooks.cli_schedules import schedules_app
from runbooks.cli_serve import serve
from runbooks.cli_sign_in import sign_in, tokens
from runbooks.console import EXIT_CODES, Graph, fail, finish, read_inputs, require_graph, run_with, terminal
from runbooks.console import run as run_async
from runbooks.errors import DefinitionError, ParameterError, ProverFailedError, ReviewConflictError, RunbooksError
from runbooks.settings import load_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Runbooks with proofs."
)

app.add_typer(reviews_app, name="reviews")
app.add_typer(policy_app, name="policy")
app.add_typer(schedules_app, name="schedules")
app.add_typer(graph_app, name="graph")

Home = Annotated[Path | None, typer.Option("--home", help="Data folder; else $RUNBOOKS_HOME, else ./.runbooks")]
Name = Annotated[str, typer.Argument(help="runbookId of a template, or the path of a definition")]
ExecutionId = Annotated[str, typer.Argument(help="e.g. R1-0001-a3f9c2; `last` is the newest")]


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end")] = False,
) -> None:
    if version:
        typer.echo(f"runbooks {__version__}")
        raise typer.Exit


@app.command("import-demo")
def import_demo(
    home: Home = None,
    sample: Annotated[bool, typer.Option(help="A graph of a few entities without an e-mail instead")] = False,
    copies: Annotated[int, typer.Option(min=1, max=100, help="So many times the demo, to measure speed with")] = 1,
    graph: Graph = None,
) -> None:
    """Import the demo data into the graph and map the demo endpoints to the local enrichment service."""
    from runbooks.import_demo import import_into

    if sample and copies > 1:
        raise ParameterError("--sample is one small graph: --copies goes with the demo only")
    settings = load_settings(home, graph=graph)
    for line in run_async(import_into(settings, sample=sample, copies=copies)):
        typer.echo(line)


@app.command("list")
def list_(home: Home = None) -> None:
    """List the runbooks of this installation."""
    from runbooks.service import find_runbook, runbook_files

    for path in runbook_files(load_settings(home)):
        definition = find_runbook(load_settings(home), str(path))
        typer.echo(
            f"{definition.runbook_id:<12} {definition.version:<6} {len(definition.steps):>3} steps  {definition.name}"
        )


@app.command()
def lint(name: Name, home: Home = None) -> None:
    """Say everything that is wrong with a definition; warnings do not fail."""
    from runbooks.errors import ModelError
    from runbooks.lint import lint as find_warnings
    from runbooks.models import named_models
    from runbooks.service import find_runbook, nesting
    from runbooks.settings import load_registries

    settings = load_settings(home)
    definition = find_runbook(settings, name)
    registries = load_registries(settings)
    for problem in (*find_warnings(definition, registries["provers"]), *nesting(settings, definition)):
        typer.echo(f"warning: {problem}", err=True)
    try:
        named_models(definition, registries["models"])
    except ModelError as error:
        typer.echo(f"warning: {error} [{error.code}]", err=True)
    typer.echo(f"{definition.runbook_id} {definition.version}: {len(definition.steps)} steps, {definition.digest}")


@app.command()
def run(
    name: Name,
    home: Home = None,
    inputs: Annotated[list[str] | None, typer.Option("--input", help="name=value; the value may be JSON")] = None,
    subject: Annotated[str | None, typer.Option("--as", help="Who runs it; decides every authority question")] = None,
    period: Annotated[str | None, typer.Option(help="The parameter `period`: 2021-W09, 2021-03, or day/day")] = None,
    graph: Graph = None,
) -> None:
    """Run a runbook to its end, or until it waits for people.

    Exit code 0 completed, 3 blocked or held for a review, 4 failed, 5 cancelled, 6 waiting for people, 1 refused.
    """
    from runbooks.lint import lint as find_warnings
    from runbooks.service import find_runbook
    from runbooks.settings import load_registries

    settings = load_settings(home, graph=graph)
    definition = find_runbook(settings, name)
    for problem in find_warnings(definition, load_registries(settings)["provers"]):
        typer.echo(f"warning: {problem}", err=True)
    parameters = read_inputs(inputs or []) | ({} if period is None else {"period": period})
    who = subject or settings.subject
    require_graph(settings)
    finish(run_with(settings, lambda runner: runner.execute(definition, parameters, executed_by=who)))


@app.command()
def resume(
    execution_id: ExecutionId,
    lift_pause: Annotated[str | None, typer.Option("--lift-pause", help="End its pause first; says why")] = None,
    home: Home = None,
    graph: Graph = None,
) -> None:
    """Continue an execution that was interrupted, from its record, as far as a pause lets it."""
    settings = load_settings(home, graph=graph)
    require_graph(settings)

    async def go_on(runner: Any) -> Any:
        name = runner.resolve(execution_id)
        if lift_pause is not None:
            runner.lift_pause(name, lift_pause, by=settings.subject)
        return await runner.resume(name)

    finish(run_with(settings, go_on))


@app.command()
def cancel(execution_id: ExecutionId, reason: Annotated[str, typer.Option()] = "by hand", home: Home = None) -> None:
    """Seal an interrupted execution without starting any further step."""
    settings = load_settings(home)
    finish(run_with(settings, lambda runner: runner.cancel(runner.resolve(execution_id), reason)))


@app.command()
def status(
    execution_id: Annotated[str | None, typer.Argument(help="an execution; all of them without it")] = None,
    home: Home = None,
) -> None:
    """Show an execution, or list all."""
    from runbooks.progress import print_execution

    async def show(runner: Any) -> None:
        if execution_id is not None:
            print_execution(terminal(), runner.get_status(runner.resolve(execution_id)))
            return
        for started in runner.executions():
            execution = runner.get_status(started.execution_id)
            typer.echo(f"{started.execution_id:<24} {execution.outcome:<10} {started.at}  {started.executed_by}")

    run_with(load_settings(home), show, writes=False)


@app.command()
def replay(
    execution_id: ExecutionId,
    home: Home = None,
    times: Annotated[int, typer.Option(min=1, help="Replay this often")] = 1,
) -> None:
    """Replay the record without effects, and compare every step and the root."""

    async def replay_all(runner: Any) -> bool:
        reports = [await runner.replay(runner.resolve(execution_id)) for _ in range(times)]
        for step in reports[-1].steps:
            typer.echo(f"  {'≠' if step.grade == 'differs' else '='} {step.step_id:<22} {step.grade}")
        for report in reports:
            typer.echo(f"{'identical' if report.is_identical else 'DIFFERENT'} {report.root}")
        return all(report.is_identical for report in reports)

    if not run_with(load_settings(home), replay_all, writes=False):
        raise typer.Exit(4)


@app.command()
def manifest(
    execution_id: ExecutionId,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; ./<executionId>.pcq without it")
    ] = None,
    blocked: Annotated[
        bool, typer.Option(help="Export the record of a blocked execution; it says that it was blocked")
    ] = False,
    home: Home = None,
) -> None:
    """Export the manifest of an ended execution."""

    async def export(runner: Any) -> Path:
        name = runner.resolve(execution_id)
        path: Path = runner.manifest(name).export_to_file(output or Path(f"{name}.pcq"), record_of_block=blocked)
        return path

    typer.echo(run_with(load_settings(home), export, writes=False))


@app.command()
def keys(
    trust: Annotated[Path | None, typer.Option(help="Write the trust file for verifiers here")] = None,
    add: Annotated[list[str] | None, typer.Option(help="A person who decides reviews and has no key yet")] = None,
    home: Home = None,
) -> None:
    """Show the public keys, make keys for people who decide, and write the trust file that a verifier needs."""
    from runbooks.canonical import dumps
    from runbooks.service import add_approvers, trust_file

    settings = load_settings(home)
    add_approvers(settings, add or [])
    document = trust_file(settings)
    for key in document["keys"]:
        typer.echo(f"{key['roles'][0]:<9} {key['keyid']}{'  ' + key['subject'] if 'subject' in key else ''}")
    if trust is not None:
        trust.write_bytes(dumps(document))
        typer.echo(trust)


@app.command()
def fsck(home: Home = None) -> None:
    """Recompute the hash chains of the whole ledger and of the API's audit trail."""
    from runbooks.serving import verify_audit

    async def check(runner: Any) -> int:
        count: int = runner.verify_ledger()
        return count

    settings = load_settings(home)
    typer.echo(f"ledger intact: {run_with(settings, check, writes=False)} entries")
    records = verify_audit(settings)
    if records is not None:
        typer.echo(f"audit trail intact: {records} records")


app.command()(notify)
app.command()(serve)
app.command()(tokens)
app.command("sign-in")(sign_in)


def main(arguments: list[str] | None = None) -> None:
    """Entry point: an expected error is one sentence and exit code 1, never a traceback."""
    try:
        app(arguments)
    except ProverFailedError as error:
        fail(str(error), EXIT_CODES["blocked"])
    except DefinitionError as error:
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        sys.exit(1)
    except ReviewConflictError as error:
        fail(f"{error} [{error.code}]; your reason was: {error.reason}", 1)
    except RunbooksError as error:
        fail(f"{error} [{error.code}]", 1)
    except OSError as error:
        fail(f"{error.filename or ''}: {error.strerror or error}; check that it exists and can be written", 1)
