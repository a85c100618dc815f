"""What a form is made of, as plain records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from onecase.eforms.checking import Check

KINDS = frozenset(
    [
        "choice",
        "text",
        "address",
        "citizen_id",
        "file",
        "number",
        "date",
        "repeat",
        "partial_date",
        "phone",
        "email",
        "money",
    ]
)
# Facts about the case that no field asks for. A fact that nobody established does not hold.
FACTS = frozenset({"land_db_found"})
# Registers from which a field could be filled. Only the account is connected today.
SOURCES = frozenset(
    [
        "account",
        "population_db",
        "birth_certificate_data",
        "civil_status_db",
        "death_notice_data",
        "land_db",
        "poverty_db",
        "residence_db",
        "social_insurance_db",
        "computed",
    ]
)


class SchemaError(ValueError):
    """The schema says something that is not understood here. A bug of the catalogue, never of a user."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `rules` are the parsed rule texts, in the order of the schema."""

    name: str
    label: str
    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    help: str = ""
    prefill: str = ""
    rules: tuple["Rule", ...] = ()
    fields: tuple["Field", ...] = ()

    def rule(self, word: str) -> "Rule | None":
        return next((rule for rule in self.rules if rule.word == word), None)

    @property
    def is_multiple(self) -> bool:
        return self.rule("multiple") is not None

    @property
    def is_computed(self) -> bool:
        return self.rule("sum") is not None

    @property
    def is_consent(self) -> bool:
        """A single answer to tick: «Đồng ý», «Có»."""
        return self.kind == "choice" and len(self.choices) == 1

    @property
    def is_whole(self) -> bool:
        """Counts are whole numbers; measures may have a comma. The schema tells them apart by the label only."""
        return self.kind == "money" or self.label.startswith("Số ") or "lần thứ" in self.label

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings taken; the upload gate looks at the content itself."""
        return ("pdf",) if self.rule("pdf") else ("pdf", "jpg", "jpeg", "png")

    @property
    def max_mb(self) -> int | None:
        rule = self.rule("max_mb")
        return int(rule.args[0]) if rule else None

    @property
    def default(self) -> str:
        rule = self.rule("default")
        return rule.args[0] if rule else ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    fields: tuple[Field, ...]

    @property
    def clearing(self) -> Field | None:
        """The tick that empties the section («Chưa xác định được mẹ»)."""
        return next((item for item in self.fields if item.rule("clears")), None)


@dataclass(frozen=True, slots=True)
class Form:
    code: str
    title: str
    sections: tuple[Section, ...]

    def fields(self) -> Iterator[Field]:
        for section in self.sections:
            yield from section.fields

    def field(self, name: str) -> Field | None:
        return next((item for item in self.fields() if item.name == name), None)

    def file_fields(self) -> Iterator[Field]:
        return (item for item in self.fields() if item.kind == "file")


@dataclass(frozen=True, slots=True)
class Situation:
    """What the form cannot know by itself. `files`: form field → how many files are attached to it."""

    today: date
    files: Mapping[str, int] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    is_working_day: Callable[[date], bool] = lambda day: day.weekday() < 5


@dataclass(slots=True)
class Outcome:
    """`answers` are cleaned where they were understood and as typed where not."""

    answers: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return not self.errors


@dataclass(frozen=True, slots=True)
class Condition:
    """A question about other answers. `names` are the fields it reads; `words` says it to a person."""

    holds: Callable[["Check"], bool]
    names: tuple[str, ...]
    text: str
    parts: tuple[str, ...] = ()

    def in_words(self, label_of: Callable[[str], str]) -> str:
        """«Cách nhận kết quả» là «Bưu chính». Empty when it cannot be said shortly."""
        shape, name, value = self.parts or ("", "", "")
        words = {
            "=": _("«%(label)s» là «%(value)s»"),
            "!=": _("«%(label)s» không phải «%(value)s»"),
            "startswith": _("«%(label)s» là «%(value)s…»"),
        }.get(shape)
        return words % {"label": label_of(name), "value": value} if words else ""


Verdict = Callable[["Check", Field, Any, "Rule"], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule text. `word` names it; `verdict` gives a sentence when a filled-in value breaks it."""

    word: str
    text: str
    args: tuple[str, ...] = ()
    condition: Condition | None = None
    inner: "Rule | None" = None
    verdict: Verdict | None = None


# --- the shape of the walk -------------------------------------------------------------------------------


def _is_paper(item: Field) -> bool:
    return item.kind == "file" or (item.kind == "repeat" and any(part.kind == "file" for part in item.fields))


def asking(form: Form) -> list[Section]:
    """The sections that become steps of their own."""
    return [
        section for section in form.sections if section not in papers(form) and section not in closing(form)
    ]


def papers(form: Form) -> list[Section]:
    """Sections made of files only: they join the papers of the case in one step."""
    return [
        section
        for section in form.sections
        if section.fields and all(_is_paper(item) for item in section.fields)
    ]


def closing(form: Form) -> list[Section]:
    """How the result is received, and the pledges: the last step."""
    return [
        section
        for section in form.sections
        if any(item.name == "result_channel" for item in section.fields)
        or all(item.rule("must_be") for item in section.fields)
    ]
