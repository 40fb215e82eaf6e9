"""What the adapter refuses by the text alone, before a server sees it."""

from __future__ import annotations

import pytest
from runbooks.adapters.graph.statements import refuse_unsafe
from runbooks.errors import PermanentPortError


@pytest.mark.parametrize(
    "statement",
    [
        "LOAD CSV FROM 'x' AS line RETURN line",
        "MATCH (n) load\n  csv WITH HEADERS FROM 'x' AS line RETURN line",
        "LOAD /* a comment */ CSV FROM 'x' AS line RETURN line",
        "LOAD // a comment\n CSV FROM 'x' AS line RETURN line",
        "RETURN 'it\\'s' AS a LOAD CSV FROM \"x\" AS line RETURN line",
        "LOAD \\u0043SV FROM 'x' AS line RETURN line",
        "RETURN '\\u0027 LOAD CSV FROM \\u0027x' AS line",
        "UNWIND [1] AS n CALL { WITH n CREATE (:X) } IN TRANSACTIONS",
        "UNWIND [1] AS n CALL (n) { CREATE (:X) } in 4 concurrent\ttransactions of 2 rows",
        "UNWIND [1] AS n CALL (n) { CREATE (:X) } IN CONCURRENT TRANSACTIONS",
        "CREATE INDEX FOR (n:X) ON (n.y)",
        "  /* first */ create or replace user eve SET PASSWORD 'x'",
        "CREATE CONSTRAINT c FOR (n:X) REQUIRE n.y IS UNIQUE",
        "CREATE DATABASE other",
        "DROP INDEX i",
        "ALTER USER neo4j SET PASSWORD 'x'",
        "SHOW USERS",
        "USE system MATCH (n) RETURN n",
        "EXPLAIN MATCH (n) RETURN n",
        "PROFILE MATCH (n) DELETE n",
        "CYPHER 25 CREATE INDEX FOR (n:X) ON (n.y)",
        "GRANT ROLE admin TO eve",
        "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
    ],
)
def test_a_statement_that_could_act_outside_its_transaction_is_refused(statement: str) -> None:
    with pytest.raises(PermanentPortError) as caught:
        refuse_unsafe(statement)
    assert caught.value.code == "graph.refused"


@pytest.mark.parametrize(
    "statement",
    [
        "MATCH (n) RETURN n",
        "CREATE (n:Entity {id: 1})",
        "CREATE path = (a)-[:R]->(b) RETURN path",
        "CREATE p=(a) RETURN 1 AS one",
        "MERGE (n:Entity {id: $id}) ON CREATE SET n.new = true ON MATCH SET n.new = false",
        "MATCH (show:Show) WHERE show.use = 'LOAD CSV' RETURN show",
        'MATCH (n) WHERE n.text = "x IN TRANSACTIONS" RETURN n',
        "MATCH (n) RETURN n.`LOAD CSV` AS `DROP INDEX` // IN TRANSACTIONS",
        "MATCH (transactions) WHERE transactions.id IN [1] RETURN transactions",
        "RETURN 'caf\\u00e9' AS text",
        "UNWIND $rows AS row MATCH (e:Entity {id: row.id}) SET e += row",
        "CALL { CREATE (n) RETURN n } RETURN n",
    ],
)
def test_a_statement_about_data_passes(statement: str) -> None:
    refuse_unsafe(statement)


@pytest.mark.parametrize("statement", ["", "  \n", ";", "// only a comment", "/* nothing */"])
def test_an_empty_statement_is_a_syntax_error(statement: str) -> None:
    with pytest.raises(PermanentPortError, match="empty") as caught:
        refuse_unsafe(statement)
    assert caught.value.code == "graph.syntax"
