"""What the external API of the demo knows, and what it does not claim to know."""

from __future__ import annotations

import pytest
from runbooks.demo.attack import attack_countries, attack_software, country_of
from runbooks.demo.galaxies import DemoData


def test_attack_names_the_country_of_11_more_actors(data: DemoData) -> None:
    lacking = {row["id"]: row["name"] for row in data.entities if row["kind"] == "actor" and "country" not in row}
    answers = attack_countries([{"id": uuid} for uuid in lacking])
    assert {lacking[answer["id"]]: answer["country"] for answer in answers} == {
        "APT38": "KP",
        "Aquatic Panda": "CN",
        "Axiom": "CN",
        "Chimera": "CN",
        "Deep Panda": "CN",
        "Gorgon Group": "PK",
        "Leafminer": "IR",
        "Moonstone Sleet": "KP",
        "Operation Wocao": "CN",
        "RedEcho": "CN",
        "TEMP.Veles": "RU",
    }
    assert round((392 + len(answers)) / 868, 3) == 0.464


def test_where_the_community_names_a_country_too_attack_never_names_another(data: DemoData) -> None:
    known = {row["id"]: row["country"] for row in data.entities if "country" in row}
    answers = attack_countries([{"id": uuid} for uuid in known])
    assert len(answers) == 42
    assert all(answer["country"] == known[answer["id"]] for answer in answers)


@pytest.mark.parametrize(
    ("description", "country"),
    [
        ("[X](https://attack.mitre.org/groups/G1) is a suspected China-based threat group.", "CN"),
        ("X is a North Korean state-sponsored threat group.", "KP"),
        ("X is an Iranian threat group that attacked Russian cyber threat groups.", "IR"),
        ("X is a Chinese-speaking cyber espionage group.", None),
        ("X is a group that targets banks in Russia.", None),
        ("X is a group. It is a Russia-based threat group.", None),
        ("", None),
    ],
)
def test_a_country_counts_only_where_the_first_sentence_attributes_the_group_to_it(
    description: str, country: str | None
) -> None:
    assert country_of(description) == country


def test_answers_are_sorted_and_hold_only_what_attack_knows() -> None:
    rows = [{"id": "b", "attackId": "S0154"}, {"id": "a", "attackId": "S0002"}, {"id": "c", "attackId": "S9999"}]
    answers = attack_software([*rows, {"id": "d"}, {"id": "e", "attackId": ["S0154"]}])
    assert [answer["id"] for answer in answers] == ["a", "b"]
    assert all(list(answer) == ["id", "description", "platforms", "documents"] for answer in answers)


def test_a_field_that_attack_leaves_open_is_null() -> None:
    [answer] = attack_software([{"id": "x", "attackId": "S0255"}])
    assert answer["platforms"] is None
    assert answer["description"]
