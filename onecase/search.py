"""Find a procedure by the words people use: without marks, in any order, mistyped.

The catalogue has some two thousand procedures at most, so the ranking happens here, over one light query.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.loading import read_csv
from core.search import fold
from onecase.models import ElectronicForm, Procedure

# Words of every question; they tell nothing about which procedure is meant.
EMPTY_WORDS = frozenset(
    [
        "thu",
        "tuc",
        "lam",
        "xin",
        "cho",
        "toi",
        "muon",
        "can",
        "cap",
        "dang",
        "ky",
        "giay",
        "to",
        "o",
        "dau",
        "the",
        "nao",
        "nhu",
        "gi",
        "la",
        "va",
        "cua",
        "con",
        "ve",
        "di",
        "khi",
        "bi",
        "hoi",
        "viec",
    ]
)
TYPO_CUTOFF = 0.75


@dataclass(frozen=True)
class LifeEvent:
    """A moment of life that gathers procedures; `names` are the catalogue's own words for it."""

    slug: str
    title: Any
    text: Any
    icon: str
    names: tuple[str, ...]


LIFE_EVENTS = (
    LifeEvent("sinh-con", _("Sinh con, nuôi con"), _("Khai sinh, nhận cha mẹ con, nuôi con nuôi"), "balloon", ("sinh con",)),
    LifeEvent("ket-hon", _("Kết hôn, gia đình"), _("Đăng ký kết hôn, tình trạng hôn nhân"), "heart", ("kết hôn",)),
    LifeEvent("nha-va-dat", _("Nhà và đất"), _("Sổ đỏ, cấp đổi, cấp phép xây dựng"), "house", ("đất đai", "xây nhà")),
    LifeEvent("kinh-doanh", _("Mở cửa hàng, kinh doanh"), _("Hộ kinh doanh, doanh nghiệp, bán gas"), "shop", ("kinh doanh",)),
    LifeEvent("di-hoc", _("Đi học"), _("Chuyển trường trung học cơ sở"), "backpack", ("đi học",)),
    LifeEvent(
        "tro-cap",
        _("Người có công, trợ cấp"),
        _("Hưu trí xã hội, khuyết tật, hộ nghèo, giám hộ"),
        "award",
        ("người có công", "bảo trợ xã hội"),
    ),
    LifeEvent("viec-lam", _("Việc làm"), _("Phiếu lý lịch tư pháp"), "briefcase", ("việc làm",)),
    LifeEvent("qua-doi", _("Người thân qua đời"), _("Khai tử, chi phí mai táng"), "flower1", ("mất người thân",)),
    LifeEvent("cu-tru", _("Nơi ở, cư trú"), _("Thường trú, tạm trú, tách hộ"), "geo-alt", ("cư trú",)),
    LifeEvent("giay-to", _("Giấy tờ tùy thân"), _("Trích lục, khai sinh lại, cải chính, căn cước"), "person-badge", ("giấy tờ tuỳ thân",)),
    LifeEvent("chung-thuc", _("Chứng thực"), _("Bản sao, chữ ký, di chúc, giao dịch"), "shield-check", ("chứng thực",)),
    LifeEvent("khac", _("Việc khác"), _("Lễ hội, hội, tiếp công dân, khiếu nại"), "journal-text", ("khác",)),
)  # fmt: skip
ON_HOME = LIFE_EVENTS[:8]


def life_event(slug: str) -> LifeEvent | None:
    return next((event for event in LIFE_EVENTS if event.slug == slug), None)


def field_slug(name: str) -> str:
    return fold(name).replace(" ", "-")


@dataclass
class Found:
    """Procedures in order of fitness. `instead`: what was searched when the words typed gave nothing."""

    procedures: list[Procedure]
    typed: str = ""
    instead: str = ""
    fields: list[tuple[str, str, int]] = field(default_factory=list)  # slug, name, count
    events: list[tuple[LifeEvent, int]] = field(default_factory=list)

    @cached_property
    def count(self) -> int:
        return len(self.procedures)


def find(text: str = "", *, field_of: str = "", event: str = "") -> Found:
    """Published procedures that fit; facets count what the words alone gave."""
    rows = list(
        Procedure.objects.published()
        .only(
            "code",
            "name",
            "slug",
            "field",
            "life_event",
            "keywords",
            "folded",
            "summary",
            "decided_by",
            "agency_text",
        )
        .annotate(is_online=Exists(ElectronicForm.objects.filter(procedure=OuterRef("pk"))))
        .order_by("name")
    )
    typed = " ".join(text.split())[:200]
    instead, matched = "", list[Procedure](rows)
    if typed:  # signs without a letter or a figure find nothing; an empty question shows everything
        matched = _asked(rows, typed) if fold(typed) else []
    if fold(typed) and not matched and (instead := suggestion(rows, typed)):
        matched = _ranked(rows, instead)
    fields = Counter(row.field for row in matched)
    events = [(known, sum(row.life_event in known.names for row in matched)) for known in LIFE_EVENTS]
    wanted = life_event(event)
    shown = [
        row
        for row in matched
        if (not field_of or field_slug(row.field) == field_of)
        and (wanted is None or row.life_event in wanted.names)
    ]
    return Found(
        shown,
        typed,
        instead,
        [(field_slug(name), name, count) for name, count in sorted(fields.items())],
        [(known, count) for known, count in events if count],
    )


@cache
def _spoken() -> list[tuple[str, str]]:
    """How people say it → the law's words, the longest saying first (onecase/data/spoken_words.csv)."""
    rows = read_csv(Path(__file__).parent / "data" / "spoken_words.csv")
    return sorted(((fold(row["said"]), row["means"]) for row in rows), key=lambda pair: -len(pair[0]))


def _asked(rows: Iterable[Procedure], typed: str) -> list[Procedure]:
    """What the law's words for the saying find, then what was typed finds by itself."""
    query = f" {fold(typed)} "
    means = next((means for said, means in _spoken() if f" {said} " in query), "")
    found = _ranked(rows, means) if means else []
    return found + [row for row in _ranked(rows, typed) if row not in found]


def _ranked(rows: Iterable[Procedure], text: str) -> list[Procedure]:
    """All words first, then the phrase as such, then a keyword of that wording; of equals the shorter name."""
    query = fold(text)
    if query in {fold(row.code) for row in rows} or text.strip().upper().startswith(("1.", "2.", "3.")):
        return [row for row in rows if row.code.startswith(text.strip())]
    scored = [(score, row) for row in rows if (score := _score(row, query))]
    best = max((score for score, _row in scored), default=0)
    # Weak hits only where there is nothing better.
    kept = [(score, row) for score, row in scored if score >= 100 or best < 100]
    return [
        row for _score_of, row in sorted(kept, key=lambda pair: (-pair[0], len(pair[1].name), pair[1].name))
    ]


def _score(row: Procedure, query: str) -> float:
    name, keywords = fold(row.name), [fold(word) for word in row.keywords.split("|")]
    words = query.split()
    telling = [word for word in words if word not in EMPTY_WORDS] or words
    own = set(row.folded.split())
    hits = sum(
        word in own or (len(word) > 3 and any(other.startswith(word) for other in own)) for word in telling
    )
    if hits < len(telling):
        return 40 * hits / len(telling) if len(telling) > 2 and hits >= 2 else 0
    score = 100.0
    score += 30 * all(word in own for word in words)
    score += (
        40 * (query in name) + 25 * any(query in keyword for keyword in keywords) + 30 * (query in keywords)
    )
    phrase = " ".join(telling)
    score += 20 * (phrase in name) + 15 * any(phrase == keyword for keyword in keywords)
    name_words = name.removeprefix("thu tuc ").split()
    return score + 20 * sum(word in name_words for word in telling) / max(len(name_words), 1)


def suggestion(rows: Iterable[Procedure], text: str) -> str:
    """The nearest words of the catalogue, with their marks: «khai sin» → «khai sinh». Empty when nothing is near."""
    spelled: dict[str, str] = {}
    for row in rows:
        for phrase in [row.name, *row.keywords.split("|")]:
            for word in re.findall(r"\w+", phrase.lower()):
                folded = fold(word)
                if (
                    folded.isalpha() and spelled.get(folded, folded) == folded
                ):  # a spelling with marks is kept
                    spelled[folded] = word
    mended = []
    for word in fold(text).split():
        near = (
            [word] if word in spelled else difflib.get_close_matches(word, spelled, n=1, cutoff=TYPO_CUTOFF)
        )
        if near:
            mended.append(near[0])
    if not any(word not in EMPTY_WORDS for word in mended):
        return ""
    phrase = " ".join(mended)
    for row in rows:
        for keyword in row.keywords.split("|"):
            if fold(keyword) == phrase and keyword != phrase:
                return keyword
    return " ".join(spelled.get(word, word) for word in mended)
