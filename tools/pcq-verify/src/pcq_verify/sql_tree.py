"""The parsed tree of a statement: what it may contain, and how its orders are completed (spec/execution.md, 3.1).

Runs in the sandbox's child.
"""

from __future__ import annotations

__all__ = ["RefusedError", "Tree", "folded"]

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FUNCTIONS = frozenset(Path(__file__).with_name("sql-functions.txt").read_text(encoding="ascii").split())

_MAX_DEPTH = 600
_PLAIN = frozenset(
    {
        *("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "ORDER_MODIFIER", "LIMIT_MODIFIER"),
        *("DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING", "BASE_TABLE", "EMPTY"),
        *("EXPRESSION_LIST", "JOIN", "SUBQUERY", "TABLE_FUNCTION"),
    }
)
_CLASSES = frozenset(
    {
        *("BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION"),
        *("LAMBDA", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW"),
    }
)
_TYPES = frozenset(
    {
        *("BOOLEAN", "BOOL", "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT", "DOUBLE", "DECIMAL"),
        *("NUMERIC", "VARCHAR", "TEXT", "STRING", "DATE", "TIMESTAMP", "DATETIME", "JSON", "LIST"),
    }
)
_FRAMES = frozenset(
    {
        *("UNBOUNDED_PRECEDING", "UNBOUNDED_FOLLOWING", "CURRENT_ROW_RANGE", "EXPR_PRECEDING_RANGE"),
        *("EXPR_FOLLOWING_RANGE",),
    }
)
_WORDS = {
    "ref_type": frozenset({"REGULAR", "CROSS", "NATURAL", "DEPENDENT"}),
    "join_type": frozenset({"INNER", "LEFT", "RIGHT", "OUTER", "SEMI", "ANTI"}),
    "syntax_type": frozenset({"SINGLE_ARROW"}),
    "setop_type": frozenset({"UNION", "EXCEPT", "INTERSECT"}),
    "limit_type": frozenset({"ROW_COUNT"}),
    "with_ordinality": frozenset({"WITHOUT_ORDINALITY"}),
    "exclude_clause": frozenset({"NO_OTHER"}),
}
_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("sample", "at_clause", "ranking_expression")),
    **{member: [] for member in ("distinct_on_targets", "key_targets", "payload_aggregates")},
    **dict.fromkeys(("catalog", "schema", "catalog_name", "schema_name"), ""),
}
_NO_COLUMNS = frozenset(
    {
        *("current_catalog", "current_database", "current_date", "current_role", "current_schema"),
        *("current_time", "current_timestamp", "current_user", "localtime", "localtimestamp", "session_user"),
        *("today", "user"),
    }
)
_OF_THE_CATALOG = ("duckdb_", "pg_", "pragma_", "sqlite_")
_ORDERED = frozenset({"list", "array_agg", "string_agg", "first", "last"})
_COMPLETED = _ORDERED | {"sum", "avg"}

Node = dict[str, Any]


class RefusedError(ValueError):
    """The statement has something that is not allowed."""


def folded(name: str) -> str:
    """The name with ASCII letters in lower case and every other as it is."""
    return "".join(chr(ord(letter) | 32) if "A" <= letter <= "Z" else letter for letter in name)


class Tree:
    """What `json_serialize_sql` made of a text; `root` is that value and is changed by `complete`."""

    def __init__(self, root: Node) -> None:
        self.root = root
        statements = root["statements"]
        if len(statements) != 1:
            raise RefusedError(f"{len(statements)} statements, expected one")
        self._query: Node = statements[0]["node"]
        self._nodes = list(_objects(statements[0]))
        self._queries = {folded(entry["key"]) for node in self._nodes for entry in _entries(node)}

    @property
    def has_order(self) -> bool:
        """Whether the outermost query has an ORDER BY."""
        return "ORDER_MODIFIER" in _modifiers(self._query)

    def check(self, tables: set[str]) -> None:
        """Raise RefusedError for what is not allowed over tables of these names."""
        for name in self._queries:
            if name.startswith(_OF_THE_CATALOG):
                raise RefusedError(f"the name {name} of a query of WITH")
        known = self._queries | {folded(name) for name in tables}
        for node in self._nodes:
            _check_words(node)
            if "class" in node:
                _CHECKS.get(node["class"], _check_class)(node)
            elif node.get("type") == "BASE_TABLE" and folded(node["table_name"]) not in known:
                raise RefusedError(f"the table {node['table_name']!r}")

    def complete(self, width: int) -> None:
        """Make every order total; the outermost query has `width` columns. Raises RefusedError."""
        for node in self._nodes:
            if "modifiers" in node:
                self._complete_query(node, width)
            elif node.get("class") in ("FUNCTION", "WINDOW") and node["function_name"].lower() in _COMPLETED:
                _complete_aggregate(node)

    def _complete_query(self, node: Node, width: int) -> None:
        modifiers = _modifiers(node)
        is_cut = "LIMIT_MODIFIER" in modifiers
        if "ORDER_MODIFIER" not in modifiers:
            if is_cut:
                raise RefusedError("a LIMIT or OFFSET without ORDER BY")
            return
        keys = modifiers["ORDER_MODIFIER"]["orders"]
        is_all = len(keys) == 1 and _is_all(keys[0]["expression"])
        if is_all or not (is_cut or node is self._query):
            return
        count = width if node is self._query else _entries_of_select(node)
        for number in range(1, count + 1):
            literal = {"kind": "INTEGER", "text": str(number)}
            keys.append(_key({**_made("CONSTANT", "VALUE_CONSTANT"), "literal": literal}))


def _objects(root: Any) -> Iterator[Node]:
    level = [root]
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            if type(node) is dict:
                yield node
                below += node.values()
            else:
                below += node
        level = [value for value in below if type(value) in (dict, list)]
        if not level:
            return
    raise RefusedError(f"more than {_MAX_DEPTH} levels")


def _entries(node: Node) -> list[Node]:
    found: list[Node] = node["cte_map"]["map"] if "cte_map" in node else []
    return found


def _modifiers(query: Node) -> dict[str, Node]:
    return {item["type"]: item for item in query["modifiers"]}


def _check_words(node: Node) -> None:
    if "class" not in node and "type" in node and node["type"] not in _PLAIN:
        raise RefusedError(str(node["type"])[:60])
    for member, words in _WORDS.items():
        if member in node and node[member] not in words:
            raise RefusedError(f"{member} {node[member]!r}")
    for member, nothing in _NOTHING.items():
        if member in node and node[member] != nothing:
            raise RefusedError(f"a {member}")


def _check_class(node: Node) -> None:
    if node["class"] not in _CLASSES:
        raise RefusedError(str(node["class"])[:60])


def _check_function(node: Node) -> None:
    name = node["function_name"].lower()
    if name not in FUNCTIONS:
        raise RefusedError(f"the function {name!r}")
    if name in _ORDERED and not _own_orders(node):
        raise RefusedError(f"{name} without ORDER BY")


def _check_window(node: Node) -> None:
    _check_function(node)
    if not {node["start"], node["end"]} <= _FRAMES:
        raise RefusedError(f"a frame from {node['start']} to {node['end']}")


def _check_type(node: Node) -> None:
    if node["type_name"].upper() not in _TYPES:
        raise RefusedError(f"the type {node['type_name']!r}")


def _check_column(node: Node) -> None:
    names = node["column_names"]
    if len(names) == 1 and folded(names[0]) in _NO_COLUMNS:
        raise RefusedError(f"the name {names[0]!r}")


_CHECKS: dict[str, Callable[[Node], None]] = {
    "FUNCTION": _check_function,
    "WINDOW": _check_window,
    "TYPE": _check_type,
    "COLUMN_REF": _check_column,
}


def _is_all(key: Node) -> bool:
    lists = [name for name in key if name.endswith("_list")]
    plain = key["class"] == "STAR" and not key["expr"] and not key["relation_name"]
    return plain and key["columns"] is True and not any(key[name] for name in lists)


def _entries_of_select(query: Node) -> int:
    while query["type"] == "SET_OPERATION_NODE":
        query = query["children"][0]
    entries = query.get("select_list", [])
    if not entries or any(e["class"] == "STAR" or e.get("function_name") == "unnest" for e in entries):
        raise RefusedError("an inner LIMIT or OFFSET over columns without names")
    return len(entries)


def _own_orders(node: Node) -> list[Node]:
    orders: list[Node] = node["arg_orders"] if node["class"] == "WINDOW" else node["order_bys"]["orders"]
    return orders


def _complete_aggregate(node: Node) -> None:
    for argument in node["arguments"]:
        if node["function_name"].lower() == "avg":
            argument["expression"] = _double(argument["expression"])
        if argument["expression"]["class"] != "CONSTANT":
            _own_orders(node).append(_key(argument["expression"]))


def _double(child: Node) -> Node:
    name = {"type_name": "DOUBLE", "qualified_name": {"path": ["DOUBLE"]}, "schema": "", "catalog": "", "children": []}
    kind = {**_made("TYPE", "TYPE"), **name}
    return {**_made("CAST", "OPERATOR_CAST"), "child": child, "type_expr": kind, "try_cast": False}


def _key(expression: Node) -> Node:
    return {"type": "ORDER_DEFAULT", "null_order": "ORDER_DEFAULT", "expression": expression}


def _made(kind: str, name: str) -> Node:
    return {"class": kind, "type": name, "alias": "", "query_location": 0, "query_location_length": 0}
