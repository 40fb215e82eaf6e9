"""Settings of one installation: a data folder, and `settings.json` in it for what differs from the defaults.

No secret lies in the settings: a password is a reference, `env:NAME`, `file:PATH` or `vault:MOUNT/PATH#KEY`.
"""

from __future__ import annotations

__all__ = [
    "Settings",
    "console_folder",
    "load_cases",
    "load_models",
    "load_policies",
    "load_registries",
    "load_settings",
]

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from runbooks.canonical import loads
from runbooks.errors import CanonicalError, DataFolderError, SettingsError
from runbooks.models import model_problems
from runbooks.registries import registry_problems

HOME_VARIABLE = "RUNBOOKS_HOME"
GRAPH_USER_VARIABLE = "RUNBOOKS_GRAPH_USER"

# What is not here is a text.
_TYPES: Mapping[str, type] = {
    "endpoints": dict,
    "executions_at_once": int,
    "limits": dict,
    "mail_allowed": list,
    "mail_recipients": list,
    "oidc": dict,
    "origins": list,
}


@dataclass(frozen=True)
class Settings:
    """Where things are.

    `ledger` is `sqlite:` (a file in the data folder) or the address of a PostgreSQL database, `ledger_password` a
    reference or nothing; `graph` is `arcadedb:` (embedded, in the data folder) or a Bolt address, `graph_reader` the
    account that queries use there, if there is one that cannot write; `endpoints` maps the origin of an external API to
    where it is reached, an address or `{"base", "private"}`, `demo:` being the local enrichment service; `policy` is
    `rego:` (embedded) or an OPA server's address; `licence_registry` says what is revoked: `folder:` (the licences
    folder) or a registry's address; the folders default to those shipped. `mail` is a server's address or nothing,
    `slack` the reference of a webhook or nothing: without them nobody is notified so. `limits` are those of the API
    that differ from `api.limits.Limits`; of the executions that the service is given, `executions_at_once` go on, and
    others wait for their turn. `origins` are where browsers and
    other clients reach the API besides loopback, e.g. `https://runbooks.example.com`; `oidc` is the identity
    provider whose tokens are taken, if there is one (`adapters.oidc.OidcRules`). `log_format`
    is `text` or `json`.
    """

    home: Path
    ledger: str = "sqlite:"
    ledger_password: str = ""
    graph: str = "arcadedb:"
    graph_user: str = "neo4j"
    graph_password: str = "env:RUNBOOKS_GRAPH_PASSWORD"  # noqa: S105 (a reference)
    graph_reader: str = ""
    graph_reader_password: str = "env:RUNBOOKS_GRAPH_READER_PASSWORD"  # noqa: S105 (a reference)
    graph_database: str = ""
    policy: str = "rego:"
    licence_registry: str = "folder:"
    subject: str = "analyst"
    endpoints: Mapping[str, Any] = field(default_factory=dict)
    log_origin: str = "local"
    templates: str = ""
    policies: str = ""
    licences: str = ""
    models: str = ""
    reports: str = ""
    mail: str = ""
    mail_user: str = ""
    mail_password: str = "env:RUNBOOKS_MAIL_PASSWORD"  # noqa: S105 (a reference)
    mail_sender: str = ""
    mail_recipients: Sequence[str] = ()
    mail_allowed: Sequence[str] = ()
    slack: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)
    executions_at_once: int = 3
    origins: Sequence[str] = ()
    oidc: Mapping[str, Any] = field(default_factory=dict)
    log_format: str = "text"

    def folder(self, name: str) -> Path:
        """The folder of templates, policies, licences, models or reports: the configured one, else the one shipped."""
        configured: str = getattr(self, name)
        return self.home / configured if configured else _shipped() / name


def load_settings(home: Path | None = None, *, graph: str | None = None) -> Settings:
    """Settings of the data folder: `home`, else $RUNBOOKS_HOME, else `.runbooks` here.

    `graph` goes before the setting of that name; who asks a graph server is, where no setting says so,
    $RUNBOOKS_GRAPH_USER. Raises SettingsError, DataFolderError.
    """
    folder = (home or Path(os.environ.get(HOME_VARIABLE) or ".runbooks")).absolute()
    if folder.exists() and not folder.is_dir():
        raise DataFolderError(f"data folder {folder}: this is a file; name a folder by --home or $RUNBOOKS_HOME")
    path = folder / "settings.json"
    values = _checked(path, _read_json(path)) if path.exists() else {}
    if graph is not None:
        values["graph"] = graph
    if GRAPH_USER_VARIABLE in os.environ:
        values.setdefault("graph_user", os.environ[GRAPH_USER_VARIABLE])
    return Settings(folder, **values)


def _checked(path: Path, values: Any) -> dict[str, Any]:
    known = {item.name for item in fields(Settings)} - {"home"}
    if not isinstance(values, dict) or not values.keys() <= known:
        unknown = sorted(values.keys() - known) if isinstance(values, dict) else [type(values).__name__]
        raise SettingsError(f"{path}: unknown setting {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    for name, value in values.items():
        expected = _TYPES.get(name, str)
        if type(value) is not expected:
            raise SettingsError(f"{path}: {name} must be {expected.__name__}, got {type(value).__name__}")
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise SettingsError(f"{path}: {name} must be a list of texts")
    return values


def load_registries(settings: Settings) -> dict[str, Mapping[str, Any]]:
    """The prover registry, the policy bundle, the licence registry and the models; raises SettingsError.

    Policies are those of `load_policies`; licences and provers are `licences.json` and `provers.json` of theirs; models
    are those of `load_models`.
    """
    policies, licences = settings.folder("policies"), settings.folder("licences")
    provers = policies / "provers.json"
    registries = {
        "provers": _read_json(provers) if provers.exists() else {"preconditions": {}, "postconditions": {}},
        "policies": load_policies(policies),
        "licences": _read_json(licences / "licences.json"),
    }
    for name, value in registries.items():
        problems = registry_problems(name, value)
        if problems:
            folder = licences if name == "licences" else policies
            raise SettingsError(f"{folder}: {name}: {'; '.join(map(str, problems))}", code=problems[0].code)
    return {**registries, "models": load_models(settings.folder("models"))}


def load_policies(folder: Path) -> dict[str, Any]:
    """The bundle of a folder: its `.rego` files without tests (`…_test.rego`), and `data.json`.

    An empty folder is the bundle that denies everything. Raises SettingsError for one that is not there.
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder; correct `policies` in settings.json")
    files = [path for path in sorted(folder.glob("*.rego")) if not path.stem.endswith("_test")]
    data = folder / "data.json"
    return {
        "modules": {path.name: _read_text(path) for path in files},
        "data": _read_json(data) if data.exists() else {},
    }


def load_models(folder: Path) -> dict[str, Any]:
    """The models of a folder by name, a file `<modelId>.json` each; raises SettingsError that names the file."""
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder; correct `models` in settings.json")
    models = {path.stem: _read_json(path) for path in sorted(folder.glob("*.json"))}
    for name, value in models.items():
        problems = model_problems(value)
        if problems:
            raise SettingsError(f"{folder / name}.json: {'; '.join(map(str, problems))}", code="model.shape")
        if value["modelId"] != name:
            message = f"{folder / name}.json: expected modelId {name} as the file is called, got {value['modelId']}"
            raise SettingsError(message, code="model.shape")
    return models


def load_cases(path: Path) -> list[dict[str, Any]]:
    """The cases of a policy folder, `{"desc", "query", "input", "decision"}` each; raises SettingsError."""
    cases = _read_json(path)
    members = {"desc", "query", "input", "decision"}
    if not isinstance(cases, list) or not all(isinstance(case, dict) and case.keys() == members for case in cases):
        raise SettingsError(f"{path}: expected a list of objects with just {', '.join(sorted(members))}")
    return cases


def console_folder() -> Path:
    """Where the console's built files are, if they are built."""
    shipped = _shipped()
    return shipped / "console" if shipped.name == "shipped" else shipped.parents[1] / "apps" / "web" / "dist"


def _shipped() -> Path:
    # In a checkout the folders lie beside `src`, in a wheel inside the package.
    package = Path(__file__).parent
    return package / "shipped" if (package / "shipped").exists() else package.parents[1]


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error


def _read_json(path: Path) -> Any:
    try:
        return loads(_read_text(path).encode())
    except CanonicalError as error:
        raise SettingsError(f"{path}: {error}") from error
