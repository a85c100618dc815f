"""The first draft of a result: the shipped templates, and a sandbox that sees plain texts only."""

import csv
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from core.errors import RuleError
from documents import rendering
from documents.models import Document, DocumentType
from onecase import papers, result_drafts
from onecase.models import Case

DATA = Path(settings.BASE_DIR) / "onecase" / "data"
LAYOUTS = {
    row["procedure_code"]: row for row in csv.DictReader((DATA / "result_layouts.csv").open(encoding="utf-8"))
}
SAMPLES = {
    "date": "05/01/1990",
    "partial_date": "1958",
    "citizen_id": "031190912208",
    "phone": "0912345678",
    "email": "thu@example.vn",
    "address": "số 25 ngõ 193 Văn Cao, phường Ngô Quyền",
    "number": "3",
    "money": "100000000",
    "text": "Phạm Thị Thu Hà",
}


def sample(field: dict[str, Any]) -> Any:
    if field["type"] == "repeat":
        return [{part["name"]: sample(part) for part in field["fields"]}] * 2
    plain = [choice for choice in field["choices"] if not choice.startswith("@")]
    return plain[0] if plain else SAMPLES.get(field["type"], "Kinh")


def prepared(case: Case, code: str, *, answered: bool) -> Case:
    """The case as one of procedure `code`: its form, its template."""
    schema = json.loads((DATA / "eforms" / f"{code}.json").read_text(encoding="utf-8"))
    case.procedure.eform.schema = schema
    template = case.procedure.result_template
    template.body_template = (DATA / "result_bodies" / f"{code}.html").read_text(encoding="utf-8")
    template.paper = LAYOUTS[code]["paper"]
    case.answers = {field["name"]: sample(field) for field in papers.fields_of(schema)} if answered else {}
    case.version.legal_basis = "176/2025/NĐ-CP;76/2025/QH15"
    return case


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("code", sorted(LAYOUTS))
def test_every_shipped_template_makes_a_paper(case: Case, code: str, answered: bool) -> None:
    prepared(case, code, answered=answered)
    title, body = result_drafts.result_draft(case)
    assert title and "{{" not in body and "None" not in body and "<h1>" not in body
    assert rendering.printable(body).count("<p") == body.count("<p")
    document = Document(
        type=DocumentType(code="QĐ", name="Quyết định"),
        agency=case.agency,
        unit=case.handling_unit,
        title=title,
        body_html=body,
        paper=LAYOUTS[code]["paper"],
        notation=LAYOUTS[code]["notation"],
        check_code="H3LT8WZC5NQD",
    )
    paper = rendering.render_document(document, number_text="05/2026", dated_on=date(2026, 1, 5))
    assert paper.pages <= 2


def test_a_birth_is_written_in_figures_and_words(case: Case) -> None:
    title, body = result_drafts.result_draft(prepared(case, "1.001193", answered=True))
    assert title.startswith("Giấy khai sinh – Phạm Thị Thu Hà")
    assert "<strong>05/01/1990</strong>. Ghi bằng chữ: <strong>Ngày mồng năm tháng một năm" in body


def test_what_is_not_known_stays_a_gap(case: Case) -> None:
    _title, body = result_drafts.result_draft(prepared(case, "1.004873", answered=False))
    assert "Tình trạng hôn nhân: <strong>…………</strong>" in body


def test_answers_cannot_bring_markup_along(case: Case) -> None:
    prepared(case, "1.004873", answered=True)
    case.answers = {**case.answers, "subject_full_name": "<b>x</b>{{ owner }}"}
    title, body = result_drafts.result_draft(case)
    assert "&lt;B&gt;X&lt;/B&gt;{{ OWNER }}" in body
    assert title == "Giấy xác nhận tình trạng hôn nhân – <b>x</b>{{ Owner }}"


@pytest.mark.parametrize(
    "source",
    [
        "{% load static %}",
        "{% include 'base.html' %}",
        "{% extends 'papers/base.html' %}",
        "{% debug %}",
        "{% now 'Y' %}",
        "{{ owner|safe }}",
        "{{ owner|pprint }}",
        "{% if %}",
        "{{ owner.full_name",
        "{% for a in basis %}",
    ],
)
def test_templates_may_only_fill_in(source: str) -> None:
    if source == "{{ owner.full_name":
        assert result_drafts.fill(source, {}) == source  # no tag at all: plain text
        return
    with pytest.raises(RuleError):
        result_drafts.fill(source, {})


def test_no_model_reaches_a_template(case: Case) -> None:
    def plain(value: Any) -> bool:
        if isinstance(value, dict):
            return all(plain(part) for part in value.values())
        if isinstance(value, list):
            return all(plain(part) for part in value)
        return type(value).__name__ in {"str", "SafeString", "NoneType"}

    assert plain(result_drafts._context(case, case.procedure.result_template))


def test_a_template_that_grows_without_end_is_refused() -> None:
    with pytest.raises(RuleError):
        result_drafts.fill(
            "{% for a in x %}{% for b in x %}{{ b }}{% endfor %}{% endfor %}", {"x": ["x" * 100] * 100}
        )


def test_laws_come_first() -> None:
    assert result_drafts.basis_lines("03/2023/TT-BTP;123/2015/NĐ-CP; 60/2014/QH13") == [
        "Luật số 60/2014/QH13",
        "Nghị định số 123/2015/NĐ-CP",
        "Thông tư số 03/2023/TT-BTP",
    ]


def test_a_refusal_is_a_letter(case: Case, where: SimpleNamespace) -> None:
    layout = result_drafts.layout(case, refuses=True)
    assert layout["paper"] == rendering.LETTER and layout["notation"] == "{n}/UBND-VP"
    title, body = result_drafts.refusal_draft(case)
    assert case.code in title and "Kính gửi: Phạm Thị Thu Hà" in body
    text, recipients = rendering.split_recipients(rendering.printable(body))
    assert recipients == ["Như trên;", "Lưu: VT, VP."] and "Nơi nhận" not in text
