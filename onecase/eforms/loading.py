"""A JSON schema becomes a form. SchemaError for any word that is not understood."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from onecase.eforms.rules import formula, rule_of
from onecase.eforms.schema import KINDS, SOURCES, Field, Form, SchemaError, Section

LISTS = Path(__file__).parent.parent / "data" / "lists"
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")


@cache
def shipped_lists() -> dict[str, tuple[str, ...]]:
    """The long lists of answers that forms name with @."""
    return {
        f"@{path.stem}": tuple(line for line in path.read_text("utf-8").splitlines() if line)
        for path in sorted(LISTS.glob("*.txt"))
    }


def load(schema: Mapping[str, Any], *, components: Iterable[str] = ()) -> Form:
    """Read a schema; `components` answers `@components(…)`. SchemaError for any word that is not understood."""
    lists = {**shipped_lists(), "@components": tuple(components)}
    form = Form(
        code=schema["procedure_code"],
        title=schema["title"],
        sections=tuple(
            Section(part["title"], tuple(_field(raw, lists) for raw in part["fields"]))
            for part in schema["sections"]
        ),
    )
    names = [item.name for item in form.fields()]
    if len(names) != len(set(names)):
        raise SchemaError(f"{form.code}: a field name occurs twice")
    for item in form.fields():
        _check_names(form, item)
    return form


def _field(raw: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]) -> Field:
    name, kind = raw["name"], raw["type"]
    if kind not in KINDS:
        raise SchemaError(f"unknown type: {kind!r}")
    if not FIELD_NAME.fullmatch(name):
        raise SchemaError(f"not a field name: {name!r}")
    choices: list[str] = []
    for choice in raw.get("choices", ()):
        if not choice.startswith("@"):
            choices.append(choice)
        elif choice == "@vsic_level4":  # hundreds of codes: typed in, four digits
            kind = "text"
        elif (found := lists.get(choice.partition("(")[0])) is not None:
            choices.extend(found)
        else:
            raise SchemaError(f"unknown list: {choice!r}")
    texts = [text.strip() for text in raw.get("rule", "").split(";") if text.strip()]
    is_vsic = "@vsic_level4" in raw.get("choices", ())
    if is_vsic:
        texts.append("digits(4)")
    if kind == "choice" and not choices:
        kind = "text"
    prefill = raw.get("prefill_from", "")
    if prefill and prefill not in SOURCES and not FIELD_NAME.fullmatch(prefill):
        raise SchemaError(f"unknown source: {prefill!r}")
    return Field(
        name=name,
        label=raw["label"],
        kind=kind,
        required=bool(raw.get("required")),
        choices=tuple(choices),
        help=raw.get("help", "") or (_("Bốn chữ số theo Hệ thống ngành kinh tế Việt Nam") if is_vsic else ""),
        prefill=prefill,
        rules=tuple(rule_of(text) for text in texts),
        fields=tuple(_field(part, lists) for part in raw.get("fields", ())),
    )


def _check_names(form: Form, item: Field) -> None:
    """Every field that a rule reads exists."""
    for rule in item.rules:
        read = list(rule.condition.names) if rule.condition else []
        if rule.word in {"required_if_filled", "required_if_empty", "sum"}:
            read.append(rule.args[0])
        if rule.word == "compare":
            read.append(rule.args[1])
        if rule.word == "one_of":
            read += [name.strip() for name in rule.args[0].split(",")]
        if rule.word == "sum":
            formula(rule.args[1])
        for name in read:
            if form.field(name) is None:
                raise SchemaError(f"{form.code}: {item.name} reads {name!r}, which no field is called")
