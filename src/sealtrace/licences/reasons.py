"""The rules of classification by name, and the sentence each one speaks, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from sealtrace.catalogue.lists import load_yaml


def _read() -> dict[str, tuple[str, str]]:
    text = (resources.files("sealtrace.licences") / "data" / "reasons.yaml").read_bytes()
    return {rule: (said["zh"], said["en"]) for rule, said in load_yaml(text).items()}


RULES = _read()


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that was applied, with what it was applied to."""

    rule: str
    zh: str
    en: str
    entry: str | None = None
    element: str | None = None

    def as_dict(self) -> dict[str, str]:
        """Give it as an object, leaving out what does not apply."""
        pairs = {
            "rule": self.rule,
            "entry": self.entry,
            "element": self.element,
            "zh": self.zh,
            "en": self.en,
        }
        return {k: v for k, v in pairs.items() if v is not None}


def reason(
    rule: str,
    *,
    entry: str | None = None,
    element: str | None = None,
    title: tuple[str, str] = ("", ""),
    values: Mapping[str, object] | None = None,
    **more: object,
) -> Reason:
    """Speak a rule. `title` is the Chinese and the English name of what it is about."""
    zh, en = RULES[rule]
    given = {**(values or {}), **more, "entry": entry, "element": element}
    return Reason(
        rule, zh.format(**given, title=title[0]), en.format(**given, title=title[1]), entry, element
    )
