"""What a statement may consist of, and how it is made to have one value (spec/execution.md, 3.1).

Works on the tree that the engine's own parser makes of the text. Whatever is not known to be allowed is refused. Where
an order decides about a value, the order is made total: then nothing hangs on the order in which the engine happens to
come across the rows.
"""

from __future__ import annotations

__all__ = ["is_ordered", "make_total", "require_allowed"]

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from runbooks.errors import ExpressionError
from runbooks.evaluator.sql_functions import ALLOWED_FUNCTIONS

_MAX_DEPTH = 600

_NODES = frozenset(
    {
        *("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "ORDER_MODIFIER", "LIMIT_MODIFIER"),
        *("DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING", "BASE_TABLE", "EMPTY", "EXPRESSION_LIST"),
        *("JOIN", "SUBQUERY", "TABLE_FUNCTION"),
    }
)
_CLASSES = frozenset(
    {
        *("BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA"),
        *("OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW"),
    }
)
_TYPES = frozenset(
    {
        *("BOOLEAN", "BOOL", "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT", "DOUBLE", "DECIMAL"),
        *("NUMERIC", "VARCHAR", "TEXT", "STRING", "DATE", "TIMESTAMP", "DATETIME", "JSON", "LIST"),
    }
)
# Member of a node → the values that it may have; a node without the member has none of them.
_VALUES: Mapping[str, tuple[Any, ...]] = {
    "sample": (None,),
    "at_clause": (None,),
    "ranking_expression": (None,),
    "ref_type": ("REGULAR", "CROSS", "NATURAL", "DEPENDENT"),
    "join_type": ("INNER", "LEFT", "RIGHT", "OUTER", "SEMI", "ANTI"),
    "setop_type": ("UNION", "EXCEPT", "INTERSECT"),
    "limit_type": ("ROW_COUNT",),
    "with_ordinality": ("WITHOUT_ORDINALITY",),
    "distinct_on_targets": ([],),
    "key_targets": ([],),
    "payload_aggregates": ([],),
    "exclude_clause": ("NO_OTHER",),
    # `json -> path` is read as a lambda; no function that is allowed takes one.
    "syntax_type": ("SINGLE_ARROW",),
    "catalog": ("",),
    "schema": ("",),
    "catalog_name": ("",),
    "schema_name": ("",),
}
_FRAMES = frozenset(
    {"UNBOUNDED_PRECEDING", "UNBOUNDED_FOLLOWING", "CURRENT_ROW_RANGE", "EXPR_PRECEDING_RANGE", "EXPR_FOLLOWING_RANGE"}
)
# Names that are a clock, a user or a catalog where no column has them.
_VALUE_NAMES = frozenset(
    {
        *("current_catalog", "current_database", "current_date", "current_role", "current_schema", "current_time"),
        *("current_timestamp", "current_user", "localtime", "localtimestamp", "session_user", "today", "user"),
    }
)
_STAR_LISTS = ("exclude_list", "qualified_exclude_list", "replace_list", "rename_list")
_CATALOG = ("duckdb_", "pg_", "pragma_", "sqlite_")
_SUMMING = frozenset({"sum", "avg"})
_LISTING = frozenset({"list", "array_agg", "string_agg", "first", "last"})


def require_allowed(tree: Mapping[str, Any], tables: Collection[str] | None) -> None:
    """Raise ExpressionError (`sql.refused`) for whatever is not allowed; `tables` of None lets every name pass."""
    statements = tree["statements"]
    if len(statements) != 1:
        raise _refused(f"expected one statement, got {len(statements)}")
    names = None if tables is None else {_folded(name) for name in tables} | _queries(statements[0])
    for node in _nodes(statements[0]):
        _require_node(node, names)


def is_ordered(tree: Mapping[str, Any]) -> bool:
    """Whether the outermost query has an ORDER BY of its own."""
    return _modifier(tree["statements"][0]["node"], "ORDER_MODIFIER") is not None


def make_total(tree: Mapping[str, Any], width: int) -> None:
    """Complete every order in place so that only equal rows tie; the outermost query has `width` columns.

    Raises ExpressionError (`sql.refused`) where that cannot be done.
    """
    outermost = tree["statements"][0]["node"]
    # All of them first: a completed order holds a part of the tree a second time.
    for node in list(_nodes(outermost)):
        if "modifiers" in node:
            _complete_query(node, width if node is outermost else None)
        if node.get("class") in ("FUNCTION", "WINDOW"):
            _complete_aggregate(node)


def _nodes(root: Any) -> Iterator[dict[str, Any]]:
    waiting: list[tuple[Any, int]] = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            raise _refused("it is nested too deeply; write it in parts, with WITH")
        if isinstance(node, dict):
            yield node
        inside = node.values() if isinstance(node, dict) else node
        waiting += [(value, depth + 1) for value in inside if isinstance(value, (dict, list))]


def _require_node(node: Mapping[str, Any], names: Collection[str] | None) -> None:
    kind, found = node.get("class"), node.get("type")
    if kind is not None and kind not in _CLASSES:
        raise _refused(f"{kind.lower()} is not allowed")
    if kind is None and found is not None and found not in _NODES:
        raise _refused(f"{str(found).lower()} is not allowed")
    for member, values in _VALUES.items():
        if member in node and node[member] not in values:
            value = node[member] if isinstance(node[member], str) else "of this kind"
            raise _refused(f"{member.replace('_', ' ')} {value} is not allowed")
    if kind in ("FUNCTION", "WINDOW"):
        _require_function(node)
    elif kind == "TYPE" and node["type_name"].upper() not in _TYPES:
        raise _refused(f"the type {node['type_name']} is not allowed")
    elif kind == "COLUMN_REF" and len(node["column_names"]) == 1 and _folded(node["column_names"][0]) in _VALUE_NAMES:
        name = node["column_names"][0]
        raise _refused(f"{name} is not a function of the recorded data; for a column, write table.{name}")
    elif kind is None and found == "BASE_TABLE" and names is not None and _folded(node["table_name"]) not in names:
        raise _refused(f"there is no table {node['table_name']}; the inputs are the only tables")


def _require_function(node: Mapping[str, Any]) -> None:
    name = node["function_name"].lower()
    if name not in ALLOWED_FUNCTIONS:
        raise _refused(f"the function {name} is not allowed; spec/sql-functions.txt has those that are")
    if node["class"] == "WINDOW":
        for end in (node["start"], node["end"]):
            if end not in _FRAMES:
                raise _refused(
                    f"the frame {end.lower()} is not allowed: use RANGE, whose frames do not part equal rows"
                )
    orders = node["arg_orders"] if node["class"] == "WINDOW" else node["order_bys"]["orders"]
    if name in _LISTING and not orders:
        raise _refused(f"{name} needs an ORDER BY of its own, such as {name}(x ORDER BY x)")


def _queries(node: Any) -> set[str]:
    """The folded names of all WITH queries."""
    entries = [entry for item in _nodes(node) for entry in item.get("cte_map", {}).get("map", ())]
    found = {_folded(entry["key"]) for entry in entries}
    for name in found:
        # Out of its WITH's sight such a name is a view of the engine's catalog.
        if name.startswith(_CATALOG):
            raise _refused(f"a WITH query cannot be called {name}")
    return found


def _complete_query(node: dict[str, Any], width: int | None) -> None:
    order, limit = _modifier(node, "ORDER_MODIFIER"), _modifier(node, "LIMIT_MODIFIER")
    if limit is not None and order is None:
        raise _refused("a LIMIT or OFFSET needs an ORDER BY beside it")
    if order is None or (limit is None and width is None):
        return
    keys = order["orders"]
    # It is total as it is.
    if len(keys) == 1 and _is_all(keys[0]["expression"]):
        return
    keys += [_key(_number(place)) for place in range(1, (width or _width(node)) + 1)]


def _is_all(key: Mapping[str, Any]) -> bool:
    """Whether a key of ORDER BY is ALL, which reads like `COLUMNS(*)`."""
    if key["class"] != "STAR" or not key["columns"]:
        return False
    return not any(key[member] for member in ("expr", "relation_name", *_STAR_LISTS))


def _width(node: Mapping[str, Any]) -> int:
    while node["type"] == "SET_OPERATION_NODE":
        node = node["children"][0]
    columns = node.get("select_list", [])
    several = any(item["class"] == "STAR" or item.get("function_name") == "unnest" for item in columns)
    if several or not columns:
        raise _refused("an inner query with LIMIT must name its columns: no *, no unnest, no VALUES")
    return len(columns)


def _complete_aggregate(node: dict[str, Any]) -> None:
    name = node["function_name"].lower()
    if name not in _SUMMING | _LISTING:
        return
    orders = node["arg_orders"] if node["class"] == "WINDOW" else node["order_bys"]["orders"]
    if name == "avg":
        for argument in node["arguments"]:
            argument["expression"] = _as_double(argument["expression"])
    values = [argument["expression"] for argument in node["arguments"]]
    orders += [_key(value) for value in values if value["class"] != "CONSTANT"]


def _modifier(node: Mapping[str, Any], kind: str) -> Any:
    return next((item for item in node["modifiers"] if item["type"] == kind), None)


def _key(expression: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "ORDER_DEFAULT", "null_order": "ORDER_DEFAULT", "expression": expression}


def _number(value: int) -> dict[str, Any]:
    return {**_node("CONSTANT", "VALUE_CONSTANT"), "literal": {"kind": "INTEGER", "text": str(value)}}


def _as_double(child: Mapping[str, Any]) -> dict[str, Any]:
    named = {"type_name": "DOUBLE", "schema": "", "catalog": "", "children": [], "qualified_name": {"path": ["DOUBLE"]}}
    kind = {**_node("TYPE", "TYPE"), **named}
    return {**_node("CAST", "OPERATOR_CAST"), "child": child, "type_expr": kind, "try_cast": False}


def _node(kind: str, name: str) -> dict[str, Any]:
    return {"class": kind, "type": name, "alias": "", "query_location": 0, "query_location_length": 0}


def _folded(name: str) -> str:
    # The engine compares names without the case of ASCII letters, and of no others.
    return name.encode().lower().decode()


def _refused(message: str) -> ExpressionError:
    return ExpressionError(f"the statement is refused: {message}", code="sql.refused")
