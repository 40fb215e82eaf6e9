"""Steps with SQL: rows worked out by hand, rows that somebody changed, and statements that are refused."""

from __future__ import annotations

from collections.abc import Iterator

import small
from maker import draft, seal, step
from scenarios import documents

from corpus.cases import Case, Json

ENGINE = "duckdb 2.0.1"

ROWS: Json = [
    {"id": "a", "kind": "server", "size": 0.1, "tags": ["x", {"k": None}]},
    {"id": "b", "kind": "person", "size": None, "user": "ann"},
    {"id": "c", "kind": "server", "size": 0.2},
    {"id": "d", "kind": "server", "size": 0.3},
    {"id": "e", "kind": "Ärger", "size": 2},
]
PEOPLE: Json = {"people": [{"id": 1, "name": "Eve"}, {"id": 2, "name": 'O"Neil'}], "seen": [{"who": 2}, {"who": 2}]}

_SAME: Json = {"day": "2026-02-03", "l": [1, 2], "at": "2026-02-03T04:05:06.500000", "s": {"a": 1.5}, "h": 3}

# Name, statement, inputs, rows, what it shows.
_STATEMENTS: list[tuple[str, str, Json, Json, str]] = [
    (
        "groups",
        "SELECT kind, count(*) AS n, sum(size) AS size, avg(size) AS mean FROM input GROUP BY kind",
        ROWS,
        # 0.1 + 0.2 + 0.3 in this order; the other way round the sum would be 0.6.
        [
            {"kind": "person", "mean": None, "n": 1, "size": None},
            {"kind": "server", "mean": 0.20000000000000004, "n": 3, "size": 0.6000000000000001},
            {"kind": "Ärger", "mean": 2, "n": 1, "size": 2},
        ],
        "groups, doubles added in ascending order, rows sorted by their canonical form",
    ),
    (
        "ties",
        "SELECT kind, id FROM input ORDER BY kind DESC LIMIT 3",
        [*ROWS[3:], *ROWS[:3]],
        [{"id": "e", "kind": "Ärger"}, {"id": "a", "kind": "server"}, {"id": "c", "kind": "server"}],
        "a LIMIT among ties takes those that are first by all columns",
    ),
    (
        "tables",
        "SELECT name, count(who) AS seen FROM people LEFT JOIN seen ON who = id GROUP BY ALL ORDER BY seen",
        PEOPLE,
        [{"name": "Eve", "seen": 0}, {"name": 'O"Neil', "seen": 2}],
        "two tables by the names of members",
    ),
    (
        "types",
        "SELECT i.user, tags, tags->'$[1].k' AS k, size > 0.15 AS big, DATE '2026-02-03' AS day, [1, 2] AS l,"
        " TIMESTAMP '2026-02-03 04:05:06.5' AS at, {'a': 1.50} AS s, CAST(3 AS HUGEINT) AS h FROM input i"
        " WHERE id <= 'b'",
        ROWS,
        [
            {**_SAME, "user": None, "tags": ["x", {"k": None}], "k": None, "big": False},
            {**_SAME, "user": "ann", "tags": None, "k": None, "big": None},
        ],
        "every type of column and of result",
    ),
    (
        "hostile-names",
        'SELECT count(DISTINCT "a""; DROP TABLE x; --") AS n FROM "-- t"',
        {"-- t": [{'a"; DROP TABLE x; --': 1, "ä": 2, "Ä": 3, "😀": 4}]},
        [{"n": 1}],
        "names are quoted, and only ASCII letters have no case",
    ),
]
_REFUSED: list[tuple[str, str]] = [
    ("file", "SELECT count(*) AS n FROM read_text('/etc/hostname')"),
    ("file-by-name", "SELECT count(*) AS n FROM '/etc/hostname'"),
    ("environment", "SELECT getenv('HOME') AS n"),
    ("chance", "SELECT random() AS n"),
    ("clock", "SELECT current_date AS n"),
    ("catalog", "SELECT count(*) AS n FROM duckdb_settings"),
    ("catalog-behind-with", "WITH pg_class AS (FROM pg_class) SELECT count(*) AS n FROM pg_class"),
    ("two-statements", "SELECT 1 AS n; SELECT 2 AS n"),
    ("no-select", "SET threads = 4"),
    ("some-rows", "SELECT id FROM input LIMIT 1"),
    ("order-of-rows", "SELECT list(id) AS n FROM input"),
    ("union-by-name", "SELECT 1 AS n UNION BY NAME SELECT 1 AS n"),
    ("logarithm", "SELECT ln(2) AS n"),
    ("case-of-names", "SELECT 1 AS n, 2 AS N"),
    ("infinite", "SELECT 1 / 0 AS n"),
]


def cases() -> Iterator[Case]:
    """Valid ones, and every way to lie about one."""
    for name, text, inputs, rows, desc in _STATEMENTS:
        yield Case(f"sql-{name}", 0, desc, made(text, inputs, rows))
    empty = made("SELECT sum(n) AS n, count(*) AS rows FROM input", [], [{"n": None, "rows": 0}], columns=_COLUMNS)
    yield Case("sql-no-rows", 0, "a table without rows has the columns that are declared", empty)
    name, text, inputs, rows, _ = _STATEMENTS[0]
    aggregate = made(text, inputs, rows, kind="aggregate")
    yield Case("sql-aggregate", 0, "an aggregate with SQL", aggregate)
    yield from _lies(text, inputs, rows)
    for name, text in _REFUSED:
        yield Case(f"sql-refused-{name}", 4, f"a statement that has no value: {name}", made(text, ROWS, [{"n": 1}]))
    yield from _malformed(text)


_COLUMNS: Json = {"input": {"n": "BIGINT"}}


def _lies(text: str, inputs: Json, rows: Json) -> Iterator[Case]:
    changed = [*rows[:1], {**rows[1], "size": 0.6}, *rows[2:]]
    yield Case("sql-forged-sum", 4, "a sum that is off by its last bit", made(text, inputs, changed))
    yield Case("sql-row-left-out", 4, "a row left out", made(text, inputs, rows[1:]))
    yield Case("sql-rows-in-another-order", 4, "rows in another order", made(text, inputs, rows[::-1]))
    tie = made(_STATEMENTS[1][1], ROWS, [_STATEMENTS[1][3][0], *_STATEMENTS[1][3][:0:-1]])
    yield Case("sql-tie-turned-round", 4, "two rows that tie, the other way round", tie)
    columns = {"input": {"n": "VARCHAR"}}
    retyped = made("SELECT n FROM input", [{"n": 1}], [{"n": "1"}], columns=columns)
    yield Case("sql-retyped", 4, "a value that does not have the declared type", retyped)
    no_table = made("SELECT 1 AS n", {"a": [1]}, [{"n": 1}])
    yield Case("sql-no-table", 4, "inputs that are no tables", no_table)
    other = made(text, inputs, rows, engine="duckdb 1.0.0")
    yield Case("sql-another-engine", 5, "an engine of another version: not recomputed", other)
    none = made(text, inputs, rows, engine=None)
    yield Case("sql-no-engine", 5, "the context names no engine: not recomputed", none)


def _malformed(text: str) -> Iterator[Case]:
    both = made(text, ROWS, [], expression="1")
    yield Case("sql-and-expression", 6, "a step with sql and with an expression", both)
    yield Case("sql-columns-alone", 6, "columns without sql", made(None, ROWS, [], expression="1", columns=_COLUMNS))
    wrong = made(text, ROWS, [], columns={"input": {"n": "INTEGER"}})
    yield Case("sql-unknown-type", 6, "a declared type that is none of the five", wrong)


def made(
    text: str | None, inputs: Json, rows: Json, *, kind: str = "transform", engine: str | None = ENGINE, **members: Json
) -> Json:
    """A query whose outputs are `inputs`, and a step that makes `rows` of them."""
    definition = small.runbook({})
    sql = {} if text is None else {"sql": text}
    definition["steps"].append({"stepId": "rows", "type": kind, **sql, **members})
    items = [step("only", "done", {}, inputs, [], []), step("rows", "done", inputs, rows, [], [])]
    manifest = draft(definition, items, documents())
    if engine is not None:
        manifest["context"]["engines"]["sql"] = engine
    return seal(manifest)
