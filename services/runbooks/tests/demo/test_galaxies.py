"""The figures of the demo graph, exactly; docs/adr/0005-demo-data.md says how they came about."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

from runbooks.canonical import digest_of
from runbooks.demo.attack import attack_software
from runbooks.demo.galaxies import DemoData, Row, demo_data

REQUIRED = ("description", "platforms", "documents")


def enrichable(data: DemoData) -> list[Row]:
    return [row for row in data.entities if row["kind"] == "software" and "attackId" in row and "communityId" in row]


def test_there_are_868_actors_and_3304_software() -> None:
    assert Counter(row["kind"] for row in demo_data().entities) == {"actor": 868, "software": 3304}


def test_nodes_and_relationships_are_13603_and_27269(data: DemoData) -> None:
    assert (len(data.documents), len(data.techniques)) == (8742, 689)
    assert (len(data.mentions), len(data.uses), len(data.employs)) == (10759, 1063, 15447)
    assert len(data.entities) + len(data.documents) + len(data.techniques) == 13603
    assert len(data.mentions) + len(data.uses) + len(data.employs) == 27269


def test_evidence_are_6892_documents_with_8793_mentions_and_442_name_an_actor_and_a_software(data: DemoData) -> None:
    kinds = {row["id"]: row["kind"] for row in data.entities}
    evidence = {row["id"] for row in data.documents if row["evidence"]}
    named = defaultdict(set)
    mentions = [row for row in data.mentions if row["target"] in evidence]
    for row in mentions:
        named[row["target"]].add(kinds[row["source"]])
    assert (len(evidence), len(mentions)) == (6892, 8793)
    assert sum(len(kinds) == 2 for kinds in named.values()) == 442


def test_958_pieces_of_evidence_have_a_day_and_1100_only_a_month(data: DemoData) -> None:
    evidence = [row for row in data.documents if row["evidence"]]
    assert sum("publishedOn" in row for row in evidence) == 958
    assert sum("publishedIn" in row and "publishedOn" not in row for row in evidence) == 1100


def test_the_first_week_of_march_2021_has_nine_documents_about_hafnium_and_new_software(data: DemoData) -> None:
    week = {row["id"] for row in data.documents if row["evidence"] and _in_the_week(row)}
    names = {row["id"]: row["name"] for row in data.entities}
    mentioned = {names[row["source"]] for row in data.mentions if row["target"] in week}
    assert len(week) == 9
    assert mentioned >= {"HAFNIUM", "GoldFinder", "GoldMax", "Gootloader", "Sibot"}


def _in_the_week(row: Row) -> bool:
    return "2021-03-01" <= row.get("publishedOn", "") <= "2021-03-07"


def test_r1_starts_from_208_software_with_373_of_624_fields_and_none_complete(data: DemoData) -> None:
    rows = enrichable(data)
    filled = [sum(field in row for field in REQUIRED) for row in rows]
    assert (len(rows), sum(filled), filled.count(3)) == (208, 373, 0)
    assert round(sum(filled) / (3 * len(rows)), 3) == 0.598


def test_attack_fills_r1_up_to_619_of_624_fields_and_203_of_208_entities(data: DemoData) -> None:
    rows = enrichable(data)
    answers = {answer["id"]: answer for answer in attack_software(rows)}
    held = [{field: row.get(field) or answers[row["id"]][field] for field in REQUIRED} for row in rows]
    filled = [sum(value is not None for value in fields.values()) for fields in held]
    assert (sum(filled), filled.count(3)) == (619, 203)
    holes = [row["name"] for row, count in zip(rows, filled, strict=True) if count < 3]
    assert sorted(holes) == ["DDKONG", "HALFBAKED", "HAPPYWORK", "SHUTTERSPEED", "WINERACK"]


def test_392_of_868_actors_have_a_country(data: DemoData) -> None:
    actors = [row for row in data.entities if row["kind"] == "actor"]
    assert sum("country" in row for row in actors) == 392


def test_a_described_software_holds_nothing_of_attack_before_it_is_enriched(data: DemoData) -> None:
    rows = enrichable(data)
    assert not [row["name"] for row in rows if "platforms" in row]
    copied = {answer["id"]: answer["description"] for answer in attack_software(rows)}
    assert not [row["name"] for row in rows if row.get("description") == copied[row["id"]]]


def test_ends_of_relationships_and_ids_are_consistent(data: DemoData) -> None:
    entities, documents, techniques = (
        {row["id"] for row in rows} for rows in (data.entities, data.documents, data.techniques)
    )
    assert len(entities) + len(documents) + len(techniques) == 13603
    assert {row["source"] for row in itertools.chain(data.mentions, data.uses, data.employs)} <= entities
    assert {row["target"] for row in data.mentions} == documents
    assert {row["target"] for row in data.employs} == techniques
    assert {row["target"] for row in data.uses} <= entities
    assert {document for row in data.entities for document in row.get("documents", ())} <= documents


def test_building_again_gives_the_same_data_in_the_same_order(data: DemoData) -> None:
    assert digest_of(vars(demo_data())) == digest_of(vars(data))
