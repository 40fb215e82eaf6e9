"""Bearer tokens: hashed, listed without what opens, ended by time or by hand, several hands at once."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from runbooks.adapters.tokens import TokenFile, hash_secret
from runbooks.callers import Caller
from runbooks.errors import KeyFileError


def test_a_token_is_found_until_it_expires(tmp_path: Path) -> None:
    now = [1_000.0]
    file = TokenFile(tmp_path / "tokens.json", lambda: now[0])
    lasting, brief = file.add("ann"), file.add("ben", days=1)
    assert file.find(lasting) == Caller("ann", "token")
    assert file.find(brief) == Caller("ben", "token", 87_400)
    now[0] += 86_400 - 1
    assert file.find(brief) is not None
    now[0] += 1
    assert (file.find(brief), file.find(lasting)) == (None, Caller("ann", "token"))
    assert (file.find("x"), file.find("")) == (None, None)


def test_the_list_names_tokens_by_what_opens_nothing(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    tokens = {file.add(subject): subject for subject in ("ben", "ann", "ann")}
    listed = file.all()
    assert [token.subject for token in listed] == ["ann", "ann", "ben"]
    text = (tmp_path / "tokens.json").read_text()
    for token in tokens:
        assert token not in text
        assert file.find(next(item.token_id for item in listed)) is None
    assert file.revoke(listed[-1].token_id).subject == "ben"
    assert [file.find(token) is None for token in tokens] == [True, False, False]
    with pytest.raises(KeyFileError, match="no token"):
        file.revoke(listed[-1].token_id)


def test_tokens_of_the_first_form_still_open(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps({hash_secret("old"): "ann"}))
    file = TokenFile(path)
    assert file.find("old") == Caller("ann", "token")
    new = file.add("ben")
    assert [file.find("old"), file.find(new)] == [Caller("ann", "token"), Caller("ben", "token")]


def test_many_who_add_at_once_lose_none(tmp_path: Path) -> None:
    names = [f"agent-{number}" for number in range(8)]
    threads = [threading.Thread(target=TokenFile(tmp_path / "tokens.json").add, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [token.subject for token in TokenFile(tmp_path / "tokens.json").all()] == names


@pytest.mark.parametrize("subject", ["", "x" * 257])
def test_a_subject_has_a_name_of_some_length(subject: str, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="1 to 256"):
        TokenFile(tmp_path / "tokens.json").add(subject)
