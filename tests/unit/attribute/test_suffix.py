"""Public suffixes: the answers of the package whose list is used are the oracle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from waakzaam.attribute.suffix import registrable, rules

ORACLE = PublicSuffixList(accept_unknown=True)
RULES = sorted(rule.strip() for rule in rules() if rule and not rule.startswith("//"))


def test_every_rule_is_answered_as_by_the_package() -> None:
    assert len(RULES) > 5_000
    for rule in RULES:
        name = rule.lstrip("!").replace("*", "any").encode("idna").decode()
        for host in (name, f"one.{name}", f"two.one.{name}", f"three.two.one.{name}"):
            assert registrable(host) == ORACLE.privatesuffix(host), host


LABEL = st.sampled_from(
    ["a", "www", "co", "uk", "com", "github", "io", "kawasaki", "jp", "ck", "xn--p1ai", "xn--zz"]
)


@given(st.lists(LABEL, min_size=1, max_size=6))
def test_any_name_is_answered_as_by_the_package(labels: list[str]) -> None:
    host = ".".join(labels)
    assert registrable(host) == ORACLE.privatesuffix(host)
