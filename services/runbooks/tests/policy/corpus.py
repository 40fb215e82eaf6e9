"""Policies and inputs from a seed: the constructs of Rego over a small world of numbers, texts, lists and objects.

Expressions are typed, so OPA's compiler takes every policy; inputs are not, so rules meet missing and wrong members.
"""

from __future__ import annotations

__all__ = ["DATA", "GeneratedPolicy", "make_input", "make_policy"]

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

DATA: dict[str, Any] = {
    "limits": {"low": 2, "high": 9, "share": 0.75},
    "roles": {"ann": ["reader", "writer"], "bob": ["reader"], "zoë": []},
    "tables": {"pair": {"a": 1, "zoë": 2}, "none": {}},
    "words": ["alpha", "beta", "Gamma", "δέλτα", ""],
}

_WORDS = ["", "a", "ann", "Ann", "bob", "zoë", "alpha,beta", "10", "2.5", "a.b.c", "日本", "x/y", "%d"]
_NUMBERS = ["0", "1", "2", "3", "7", "10", "-1", "-4", "0.5", "1.5", "2.25", "100"]
_PATTERNS = ["^a", "b$", "[a-z]+", "^[A-Z][a-z]*$", "a|b", "\\\\d+", "^$", "(ann|bob)", "."]
_OF_TEXT = ["trim_space", "strings.reverse", "base64.encode", "base64url.encode", "crypto.md5"]
_ASCII = ["data.words[2]", '"aBc-1"']
_TIMES = ["2026-01-02T03:04:05+00:00", "2026-06-30T23:59:59-05:00", "1999-12-31T00:00:00+01:00"]


@dataclass(frozen=True)
class GeneratedPolicy:
    """`conditions` and `values` are names of rules: the former are true, false or undefined, the latter anything."""

    package: str
    text: str
    conditions: list[str]
    values: list[str]


def make_input(random: Random) -> dict[str, Any]:
    """A document of the shape that the policies expect, now and then without a member."""
    document: dict[str, Any] = {
        "n": random.choice([0, 1, 2, 3, 5, 8, 9, 10, -3]),
        "m": random.choice([0.5, 1.5, 2, 2.25, -1.25, 7]),
        "s": random.choice(_WORDS),
        "t": random.choice(_WORDS),
        "flag": random.random() < 0.5,
        "names": random.sample(_WORDS, random.randint(0, 4)),
        "nums": [random.choice([0, 1, 2, 3, 4, 2.5, -1]) for _ in range(random.randint(0, 5))],
        "scores": {
            name: random.randint(0, 9) for name in random.sample(["a", "b", "ann", "zoë"], random.randint(0, 3))
        },
        "user": {"name": random.choice(["ann", "bob", "zoë", "eve"]), "age": random.randint(0, 90)},
        "when": random.choice(_TIMES),
        "any": random.choice([None, True, "a", 4, 2.5, [], ["a"], {}, {"a": None}]),
    }
    if random.random() < 0.2:
        del document[random.choice(sorted(document))]
    return document


def make_policy(random: Random, package: str) -> GeneratedPolicy:
    """One module."""
    return _Writer(random, package).write()


class _Writer:
    """Writes one module; `depth` bounds how far an expression nests."""

    def __init__(self, random: Random, package: str) -> None:
        self._random = random
        self._package = package
        self._names = 0
        self._named: list[str] = []

    def write(self) -> GeneratedPolicy:
        rules = self._rules()
        parts = [f"package {self._package}", "import data.limits", *_HELPERS, *rules, *self._named]
        conditions = [f"c{n}" for n in range(5)] + ["member", "chosen", "fails"]
        values = [f"v{n}" for n in range(4)] + ["listed", "table"]
        return GeneratedPolicy(self._package, "\n\n".join(parts) + "\n", conditions, values)

    def _rules(self) -> list[str]:
        kinds = [self.number, self.text, self.texts, self.numbers, self.table]
        rules = [f"default c0 := {self._pick(['false', 'true'])}"]
        rules += [f"c{n} if {self._body(3)}" for n in range(4) for _ in range(self._random.randint(1, 2))]
        rules.append(f"c4 := {self._pick(['true', 'false'])} if {self._body(2)} else := false if {self._body(1)}")
        rules += [f"v{n} := {self._pick(kinds)(3)} if {self._body(1)}" for n in range(4)]
        return [*rules, *self._partial_rules()]

    def _partial_rules(self) -> list[str]:
        name, key = self._name(), self._name()
        return [
            f"seen contains {name} if {{ some {name} in {self.texts(2)} }}",
            f"seen contains {self.text(2)} if {self._body(1)}",
            "listed := count(seen) if count(seen) > 0",
            f"by_name[{key}] := {self.number(1)} if {{ some {key} in {self.texts(1)} }}",
            f"table := {{{key}: v | some {key}, v in by_name}}",
            f"member if {self.text(2)} in seen",
            f"fails if {self._pick(['to_number(input.s) > 2', '10 / input.n > 2', 'input.age % input.n == 1'])}",
            f"chosen if {{ {self.condition(1)} with input.n as {self._pick(_NUMBERS)} with input.s as `a` }}",
        ]

    def _body(self, statements: int) -> str:
        lines = [self.condition(2) for _ in range(self._random.randint(1, statements))]
        return "{ " + "; ".join(lines) + " }"

    def condition(self, depth: int) -> str:
        makers: list[Callable[[int], str]] = [
            self._compared_numbers,
            self._compared_texts,
            self._predicate,
            lambda d: f"{self.text(d)} in {self.texts(d)}",
            lambda d: f"{self._pick(['input.flag', 'is_even(input.n)', 'known(input.user.name)'])}",
            self._compared_lists,
        ]
        if depth > 0:
            makers += [self._negated, self._some, self._every, self._sets, self._destructured, self._walked]
        return self._pick(makers)(depth - 1)

    def _compared_numbers(self, depth: int) -> str:
        return f"{self.number(depth)} {self._pick(['==', '!=', '<', '<=', '>', '>='])} {self.number(depth)}"

    def _compared_texts(self, depth: int) -> str:
        return f"{self.text(depth)} {self._pick(['==', '!=', '<', '>='])} {self.text(depth)}"

    def _compared_lists(self, depth: int) -> str:
        kind = self._pick([self.texts, self.numbers, self.table])
        return f"{kind(depth)} {self._pick(['==', '!='])} {kind(depth)}"

    def _predicate(self, depth: int) -> str:
        one, two = self.text(depth), self.text(depth)
        return self._pick(
            [
                f"startswith({one}, {two})",
                f"endswith({one}, {two})",
                f"contains({one}, {two})",
                f'regex.match("{self._pick(_PATTERNS)}", {one})',
                f'glob.match("{self._pick(["a*", "*", "a.*", "**", "{ann,bob}", "?"])}", ["."], {one})',
                f"strings.any_prefix_match({one}, {self.texts(depth)})",
                f"is_{self._pick(['number', 'string', 'array', 'object', 'boolean', 'null'])}(input.any)",
                f"type_name(input.any) == {self._quoted(self._pick(['string', 'number', 'null']))}",
                f"time.parse_rfc3339_ns(input.when) {self._pick(['<', '>'])} {self._instant()}",
                f"object.subset({self.table(depth)}, {self.table(depth)})",
                f'semver.compare("1.{self._random.randint(0, 3)}.0", "1.2.0") == {self._pick(["-1", "0", "1"])}',
                f"json.is_valid({one})",
            ]
        )

    def _negated(self, depth: int) -> str:
        # By name: what OPA makes of a call with an undefined argument after `not` is a difference of its own.
        name = self._name()
        self._named.append(f"{name} if {{ {self.condition(min(depth, 0))} }}")
        return f"not {name}"

    def _some(self, depth: int) -> str:
        name = self._name()
        return f"some {name} in {self.numbers(depth)}; {name} {self._pick(['>', '==', '<='])} {self.number(depth)}"

    def _every(self, depth: int) -> str:
        name = self._name()
        inner = self._pick([f"{name} != {self.text(0)}", f"count({name}) > {self._random.randint(0, 2)}"])
        return f"every {name} in {self.texts(depth)} {{ {inner} }}"

    def _sets(self, depth: int) -> str:
        one, two = self.name_set(depth), self.name_set(depth)
        joined = self._pick([f"{one} & {two}", f"{one} | {two}", f"{one} - {two}"])
        compared = self._pick([f"== {self.name_set(depth)}", "!= set()"])
        return self._pick([f"({joined}) {compared}", f"count({joined}) > {self._random.randint(0, 2)}"])

    def _destructured(self, depth: int) -> str:
        one, two = self._name(), self._name()
        return f"[{one}, {two}] := [{self.number(depth)}, {self.number(depth)}]; {one} < {two}"

    def _walked(self, depth: int) -> str:
        path, value = self._name(), self._name()
        looked = self._pick([f"{value} == {self.text(0)}", f"count({path}) == {self._random.randint(0, 2)}"])
        return f"walk(input.{self._pick(['user', 'scores', 'names'])}, [{path}, {value}]); {looked}"

    def name_set(self, depth: int) -> str:
        name = self._name()
        return self._pick(
            [
                f"{{{name} | some {name} in {self.texts(depth)}}}",
                f"{{{self.text(0)}, {self.text(0)}}}",
                "object.keys(input.scores)",
                f"intersection({{{{{self.text(0)}}}, {{{self.text(0)}}}}})",
            ]
        )

    def number(self, depth: int) -> str:
        simple = [self._pick(_NUMBERS), "input.n", "input.m", "input.user.age", "limits.low", "data.limits.share"]
        if depth <= 0:
            return self._pick(simple)
        one, two = self.number(depth - 1), self.number(depth - 1)
        return self._pick(
            [
                *simple[:2],
                f"({one} {self._pick(['+', '-', '*'])} {two})",
                f"({one} / {self._pick(['2', '4', '0.5', 'limits.low'])})",
                f"(floor({one}) % {self._pick(['2', '3', '7'])})",
                f"{self._pick(['abs', 'ceil', 'floor', 'round', 'step', 'halved'])}({one})",
                f"count({self.numbers(depth - 1)})",
                f"count({self.text(depth - 1)})",
                f"indexof({self.text(depth - 1)}, {self._quoted(self._pick(['a', 'b', 'ë', '.']))})",
                f"to_number({self._quoted(self._pick(['10', '2.5', '-3']))})",
                f"object.get({self.table(depth - 1)}, {self.text(0)}, {one})",
                f"bits.{self._pick(['and', 'or', 'xor'])}(floor({one}), 6)",
                f"strings.count({self.text(depth - 1)}, {self._quoted(self._pick(['a', 'b', ',']))})",
            ]
        )

    def text(self, depth: int) -> str:
        simple = [self._quoted(self._pick(_WORDS)), "input.s", "input.t", "input.user.name", "data.words[1]"]
        if depth <= 0:
            return self._pick(simple)
        one, two = self.text(depth - 1), self.text(depth - 1)
        cut = f"{self._random.randint(0, 3)}, {self._random.randint(-1, 3)}"
        return self._pick(
            [
                *simple[:2],
                f"{self._pick(_OF_TEXT)}({one})",
                f"{self._pick(['trim', 'trim_left', 'trim_right', 'trim_prefix', 'trim_suffix'])}({one}, {two})",
                f"concat({self._quoted(self._pick([',', '', '-']))}, {self.texts(depth - 1)})",
                f"substring({one}, {cut})",
                f"replace({one}, {self._quoted(self._pick(['a', ',', '.']))}, {two})",
                # Of ASCII alone: the engines' tables of other letters are of different Unicode versions.
                f"{self._pick(['upper', 'lower'])}({self._pick(_ASCII)})",
                f"crypto.sha256({one})",
                f"urlquery.encode({one})",
                f"named(floor({self.number(depth - 1)}))",
            ]
        )

    def texts(self, depth: int) -> str:
        # Never made of a set or of an object's names: the engines go through these in different orders (docs/adr/0007).
        simple = ["input.names", "data.words", f"[{self.text(0)}, {self.text(0)}]", "data.roles[input.user.name]"]
        if depth <= 0:
            return self._pick(simple)
        name, inner = self._name(), self.texts(depth - 1)
        return self._pick(
            [
                *simple,
                f"split({self.text(depth - 1)}, {self._quoted(self._pick([',', '.', 'a']))})",
                f"array.{self._pick(['reverse(' + inner + ')', f'concat({inner}, {self.texts(depth - 1)})'])}",
                f"array.slice({inner}, {self._random.randint(0, 2)}, {self._random.randint(0, 4)})",
                f"[lower(type_name({name})) | some {name} in {inner}]",
                f"[{name} | some {name} in {inner}; {name} != {self.text(0)}]",
                f'regex.find_n("{self._pick(_PATTERNS[2:5])}", {self.text(depth - 1)}, {self._pick(["-1", "1"])})',
            ]
        )

    def numbers(self, depth: int) -> str:
        simple = ["input.nums", f"[{self.number(0)}, {self.number(0)}]", "[1, 2, 3]"]
        if depth <= 0:
            return self._pick(simple)
        name, inner = self._name(), self.numbers(depth - 1)
        low = self._random.randint(-2, 3)
        return self._pick(
            [
                *simple,
                f"[y{name} | some {name} in {inner}; {name} > {self.number(0)}; y{name} := {name} * 2]",
                f"numbers.range({low}, {low + self._random.randint(-2, 4)})",
                f"array.concat({inner}, {self.numbers(depth - 1)})",
                f"[count({name}) | some {name} in {self.texts(depth - 1)}]",
            ]
        )

    def table(self, depth: int) -> str:
        # Not as literals: OPA's compiler refuses to compare objects whose names it knows to differ.
        simple = [
            "input.scores",
            "data.tables.pair",
            "data.tables.none",
            f'object.union({{}}, {{"k": {self.number(0)}}})',
        ]
        if depth <= 0:
            return self._pick(simple)
        key, value, inner = self._name(), self._name(), self.table(depth - 1)
        keys = self._pick(['["a"]', '{"ann", "b"}', '["zoë", "k"]'])
        return self._pick(
            [
                *simple,
                f"{{{key}: {value} | some {key}, {value} in {inner}; {value} > {self.number(0)}}}",
                f"object.union({inner}, {self.table(depth - 1)})",
                f"object.{self._pick(['remove', 'filter'])}({inner}, {keys})",
                'json.unmarshal("{\\"a\\": 2}")',
                f"{{strings.reverse({key}): count({key}) | some {key} in {self.texts(depth - 1)}}}",
            ]
        )

    def _instant(self) -> str:
        return f"time.parse_rfc3339_ns({self._quoted(self._pick(_TIMES))})"

    def _name(self) -> str:
        self._names += 1
        return f"x{self._names}"

    def _quoted(self, text: str) -> str:
        return f'"{text}"'

    def _pick(self, options: list[T]) -> T:
        return self._random.choice(options)


_HELPERS = [
    "default halved(_) := 0\n\nhalved(x) := x / 2 if x > 3",
    "step(x) := 0 if x == 100\n\nelse := x + 1 if x > 2\n\nelse := x - 1",
    "is_even(x) if x % 2 == 0",
    "known(name) if data.roles[name]",
    'named(0) := "zero"\n\nnamed(x) := "some" if x > 0\n\nnamed(x) := concat("", ["minus", "!"]) if x < 0',
]
