"""Statements over one pair of tables, and makers of rows for them."""

# ruff: noqa: E501 (a statement a line)

from __future__ import annotations

__all__ = ["REFUSED", "STATEMENTS", "TOO_MUCH", "make_tables"]

from random import Random
from typing import Any

STATEMENTS = [
    "SELECT * FROM items",
    "SELECT id, size FROM items ORDER BY size DESC",
    "SELECT kind FROM items ORDER BY kind LIMIT 7 OFFSET 2",
    "SELECT *, size * 2 AS twice FROM items ORDER BY kind NULLS FIRST LIMIT 9",
    "SELECT DISTINCT kind, level FROM items ORDER BY level DESC LIMIT 3",
    "SELECT kind, count(*) AS n, sum(size) AS s, avg(size) AS m, avg(level) AS l FROM items GROUP BY kind",
    "SELECT kind, level, sum(size) AS s FROM items GROUP BY ROLLUP (kind, level) ORDER BY ALL",
    "SELECT sum(DISTINCT size) AS s, count(DISTINCT kind) AS k, median(size) AS m, quantile_disc(size, 0.25) AS q FROM items",
    "SELECT kind, list(size ORDER BY level) AS l, string_agg(id, ',' ORDER BY kind) AS g FROM items GROUP BY ALL",
    "SELECT kind, first(id ORDER BY level) AS a, last(size ORDER BY level DESC) AS b FROM items GROUP BY kind",
    "SELECT sum(size) FILTER (WHERE level > 1) AS s, bool_or(size > 0.9) AS any_large FROM items",
    "SELECT id, rank() OVER (PARTITION BY kind ORDER BY size) AS r, sum(size) OVER (PARTITION BY kind) AS s FROM items",
    "SELECT id, sum(size) OVER (ORDER BY level) AS running, max(size) OVER () - size AS less FROM items",
    "SELECT kind, size FROM items QUALIFY rank() OVER (PARTITION BY kind ORDER BY size DESC) = 1",
    "SELECT i.id, count(l.source) AS links FROM items i LEFT JOIN links l ON l.source = i.id GROUP BY i.id ORDER BY links DESC LIMIT 5",
    "SELECT a.kind AS k, sum(b.size) AS s FROM items a JOIN links ON source = a.id JOIN items b ON b.id = target GROUP BY k",
    "SELECT id FROM items WHERE id IN (SELECT source FROM links) OR EXISTS (SELECT 1 FROM links WHERE target = id)",
    "SELECT id FROM items ANTI JOIN links ON source = id",
    "WITH top AS (SELECT kind AS k, count(*) AS n FROM items GROUP BY k ORDER BY n DESC LIMIT 2) SELECT * FROM items JOIN top ON k = kind",
    "WITH RECURSIVE r(n, f) AS (SELECT 1, 1 UNION ALL SELECT n + 1, f * (n + 1) FROM r WHERE n < 12) SELECT * FROM r ORDER BY n",
    "WITH RECURSIVE r(x) AS (SELECT 'i0' UNION SELECT target FROM links JOIN r ON source = x) SELECT x FROM r",
    "SELECT kind FROM items UNION SELECT source FROM links EXCEPT SELECT target FROM links ORDER BY 1 DESC LIMIT 4",
    "SELECT id, tags->'$[0]' AS a, json_array_length(tags) AS n, tags->>'$[1].k' AS k FROM items",
    "SELECT unnest([level, level + 1]) AS l, {'id': id, 'half': size / 2} AS s FROM items WHERE level IS NOT NULL",
    "SELECT CASE WHEN size > 0.5 THEN 'large' ELSE 'small' END AS c, count(*) AS n FROM items GROUP BY ALL HAVING n > 1",
    "SELECT CAST(day AS DATE) + INTERVAL 1 MONTH AS d, strftime(CAST(day AS DATE), '%d.%m.%Y') AS t, upper(kind) AS u FROM items",
    "SELECT date_trunc('month', CAST(day AS DATE)) AS m, count_if(level BETWEEN 1 AND 2) AS n FROM items GROUP BY 1",
    "SELECT round(sum(size), 3) AS r, floor(max(size) * 10) AS f, greatest(min(size), 0.25) AS g, sqrt(2) AS q FROM items",
    "SELECT regexp_replace(id, '[0-9]+', '#') AS p, count(*) AS n, kind LIKE '%e%' AS e FROM items GROUP BY ALL",
    "SELECT 1.10 AS d, 1e300 / 1e299 AS x, CAST(7 AS HUGEINT) % 4 AS h, 7 // 2 AS i, 7 / 2 AS f, -7 % 3 AS m, NULL AS n",
    "FROM items SELECT max(level) AS l, min(kind) AS k, count(tags) AS t",
    "SELECT r.range AS r, i.id FROM range(3) r, items i WHERE i.level = r.range",
    "VALUES (1, 'b'), (1, 'a'), (0, NULL)",
    "SELECT id, kind, level FROM items ORDER BY COLUMNS('l.*') LIMIT 5",
    "SELECT sum(size) AS s FROM (SELECT * FROM items ORDER BY ALL LIMIT 5)",
    "SELECT sum(COLUMNS(['size', 'level'])) FROM items",
    "SELECT id, (SELECT target FROM links WHERE source = id ORDER BY length(target) LIMIT 1) AS t FROM items",
    "SELECT count(*) AS n, min(k) AS k FROM (SELECT kind AS k FROM items INTERSECT SELECT kind FROM items ORDER BY length(k) LIMIT 2)",
]

REFUSED = [
    *("", "-- nothing", "SELECT", "SELECT 1 AS a; SELECT 2 AS a", "SELECT $1 AS a", "SELECT ? AS a"),
    *("COPY items TO '/tmp/x'", "COPY (SELECT 1) TO '/tmp/x'", "ATTACH '/tmp/x' AS x", "INSTALL httpfs", "LOAD httpfs"),
    *("PRAGMA version", "PRAGMA database_list", "SET threads = 4", "RESET threads", "SHOW TABLES", "DESCRIBE items"),
    *("SUMMARIZE items", "EXPLAIN SELECT 1", "CALL pragma_version()", "CREATE TABLE x AS SELECT 1", "DROP TABLE items"),
    *(
        "INSERT INTO items VALUES (1)",
        "UPDATE items SET id = 1",
        "DELETE FROM items",
        "BEGIN",
        "EXPORT DATABASE '/tmp/x'",
    ),
    *("CREATE MACRO m() AS 1", "PREPARE p AS SELECT 1", "EXECUTE p", "USE memory", "CHECKPOINT", "VACUUM"),
    *("FROM read_csv('/etc/passwd')", "FROM read_text('/etc/passwd')", "FROM read_blob('/etc/passwd')"),
    *("FROM read_parquet('http://example.com/x')", "FROM read_json('/etc/passwd')", "FROM glob('/*')"),
    *(
        "FROM '/etc/passwd'",
        "FROM 'https://example.com/x.csv'",
        'FROM "s3://x/y.parquet"',
        "FROM sniff_csv('/etc/passwd')",
    ),
    *(
        "FROM duckdb_settings()",
        "FROM duckdb_secrets()",
        "FROM duckdb_settings",
        "FROM duckdb_tables",
        "FROM sqlite_master",
    ),
    *("FROM information_schema.tables", "FROM pg_catalog.pg_class", "FROM pg_class", "FROM pragma_database_list"),
    "WITH duckdb_tables AS (FROM duckdb_tables) FROM duckdb_tables",
    "FROM (WITH pg_class AS (SELECT 1) SELECT 1), pg_class",
    *(
        "FROM memory.main.items",
        "FROM main.items",
        "FROM nobody",
        "FROM query('SELECT 1')",
        "FROM query_table('items')",
    ),
    *("FROM json_execute_serialized_sql('{}')", "SELECT json_serialize_sql('SELECT 1') AS a", "FROM pandas_scan(1)"),
    *("SELECT getenv('HOME') AS a", "SELECT current_setting('threads') AS a", "SELECT getvariable('x') AS a"),
    *("SELECT random() AS a", "SELECT uuid() AS a", "SELECT gen_random_uuid() AS a", "SELECT setseed(0.5) AS a"),
    *("SELECT now() AS a", "SELECT current_date AS a", 'SELECT "CURRENT_TIMESTAMP" AS a', "SELECT today() AS a"),
    *("SELECT get_current_timestamp() AS a", "SELECT localtime AS a", "SELECT age(DATE '2020-01-01') AS a"),
    *("SELECT current_user AS a", "SELECT user AS a", "SELECT version() AS a", "SELECT txid_current() AS a"),
    *("SELECT nextval('s') AS a", "SELECT currval('s') AS a", "SELECT pg_sleep(1) AS a", "SELECT sleep_ms(1) AS a"),
    *(
        "SELECT ln(2) AS a",
        "SELECT exp(1) AS a",
        "SELECT pow(2, 0.5) AS a",
        "SELECT 2 ** 0.5 AS a",
        "SELECT sin(1) AS a",
    ),
    *("SELECT stddev(size) AS a FROM items", "SELECT corr(size, level) AS a FROM items", "SELECT hash(1) AS a"),
    *(
        "SELECT any_value(id) AS a FROM items",
        "SELECT mode(id) AS a FROM items",
        "SELECT arg_max(id, level) AS a FROM items",
    ),
    *(
        "SELECT approx_count_distinct(id) AS a FROM items",
        "SELECT first(id) AS a FROM items",
        "SELECT list(id) AS a FROM items",
    ),
    *("SELECT row_number() OVER () AS a FROM items", "SELECT lag(id) OVER (ORDER BY level) AS a FROM items"),
    "SELECT sum(size) OVER (ORDER BY level ROWS 1 PRECEDING) AS a FROM items",
    "SELECT sum(size) OVER (ORDER BY level RANGE 1 PRECEDING EXCLUDE CURRENT ROW) AS a FROM items",
    *("SELECT id FROM items LIMIT 1", "SELECT id FROM items OFFSET 1", "SELECT id FROM items ORDER BY id LIMIT 10%"),
    "SELECT count(*) AS a FROM (SELECT id FROM items LIMIT 1)",
    "SELECT id AS a FROM items UNION BY NAME SELECT source AS b FROM links",
    "SELECT max(id) AS a FROM (SELECT * FROM items ORDER BY COLUMNS('l.*') LIMIT 1)",
    "SELECT count(*) AS a FROM (SELECT * FROM items ORDER BY level LIMIT 1)",
    *("SELECT DISTINCT ON (kind) id FROM items", "FROM items USING SAMPLE 1", "FROM items TABLESAMPLE 10%"),
    *(
        "FROM items POSITIONAL JOIN links",
        "FROM items a ASOF JOIN items b ON a.level >= b.level",
        "FROM items AT (VERSION => 1)",
    ),
    *(
        "FROM unnest([1]) WITH ORDINALITY",
        "SELECT 'a' COLLATE NOCASE AS a",
        "SELECT list_transform([1], lambda x: x) AS a",
    ),
    *(
        "PIVOT items ON kind USING sum(size)",
        "FROM items UNPIVOT (a FOR b IN (id, kind))",
        "SELECT now::TIMESTAMPTZ AS a",
    ),
    *(
        "SELECT 'x'::BLOB AS a",
        "SELECT '1'::UUID AS a",
        "SELECT {'a': 1}::STRUCT(a INTEGER) AS a",
        "SELECT 1::INTEGER[2] AS a",
    ),
    "WITH RECURSIVE r(a) USING KEY (a) AS (SELECT 1 UNION SELECT a FROM r) FROM r",
    "SELECT " + "(" * 1200 + "1" + ")" * 1200 + " AS a",
    "SELECT " + "abs(" * 300 + "1" + ")" * 300 + " AS a",
]

TOO_MUCH = [
    "SELECT count(*) AS n FROM range(1000000000000)",
    "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) AS n FROM x",
    "SELECT list(r ORDER BY r) AS n FROM range(500000000) t(r)",
    "SELECT range AS n FROM range(20000000)",
    "SELECT repeat('ab', 2000000000) AS n",
    "SELECT count(DISTINCT a.range * 1000 + b.range) AS n FROM range(1000000) a, range(1000000) b",
]


def make_tables(random: Random, size: int) -> dict[str, list[dict[str, Any]]]:
    """`items` and `links` with ties, gaps and doubles whose sum depends on the order."""
    items: list[dict[str, Any]] = []
    for number in range(size):
        row: dict[str, Any] = {
            "id": f"i{number}",
            "kind": random.choice(["server", "person", "Ärger", "", "x'y"]),
            "size": random.choice([0.1, 0.2, 0.3, 1e12, -1e12, random.random()]),
            "level": random.choice([0, 1, 2, None]),
            "day": f"2026-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}",
        }
        if random.random() < 0.5:
            row["tags"] = random.choice([["a"], ["b", {"k": 1.5}], [], {"k": None}])
        items.append({name: value for name, value in row.items() if random.random() < 0.95 or name == "id"})
    ends = [f"i{number}" for number in range(size + 2)]
    links = [{"source": random.choice(ends), "target": random.choice(ends)} for _ in range(size)]
    return {"items": items, "links": links}
