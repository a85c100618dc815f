"""The ten electronic forms: every rule is understood, and every refusal is a sentence with the person's own value."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict

from onecase import eforms

FORMS = sorted((Path(eforms.__file__).parent.parent / "data" / "eforms").glob("*.json"))
TODAY = date(2026, 11, 23)


def schema(code: str) -> dict[str, Any]:
    return json.loads(next(path for path in FORMS if path.stem == code).read_text("utf-8"))


def form_of(code: str) -> eforms.Form:
    return eforms.load(schema(code), components=["Giấy tờ thừa kế quyền sử dụng đất"])


def at(**known: Any) -> eforms.Situation:
    return eforms.Situation(today=TODAY, **known)


def birth(**changes: Any) -> dict[str, Any]:
    return {
        "applicant_full_name": "Phạm Thị Thu Hà",
        "applicant_citizen_id": "031190001234",
        "applicant_birth_date": "5/9/1990",
        "applicant_residence": "Phường Gia Viên, Hải Phòng",
        "applicant_phone": "0912 345 678",
        "applicant_relation": "Mẹ",
        "child_family_name": "Vũ",
        "child_given_name": "Khôi",
        "child_birth_date": "01/11/2026",
        "child_gender": "Nam",
        "child_ethnic_group": "Kinh",
        "child_nationality": "Việt Nam",
        "child_birth_place": "Bệnh viện Phụ sản Hải Phòng",
        "child_home_town": "Hải Phòng",
        "birth_proof_type": "Giấy chứng sinh bản giấy",
        "mother_full_name": "Phạm Thị Thu Hà",
        "mother_citizen_id": "031190001234",
        "parents_married": "Không",
        "wants_copies": "Không",
        "result_channel": "Bản điện tử",
        "pledge": "Đồng ý",
        **changes,
    }


def whole(code: str, answers: dict[str, Any], **known: Any) -> eforms.Outcome:
    return eforms.check(form_of(code), answers, at(**known))


# --- loading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_shipped_form_is_understood(path: Path) -> None:
    form = form_of(path.stem)
    assert list(form.fields())
    assert eforms.asking(form)
    assert eforms.closing(form)
    assert form.code == path.stem


def test_there_are_ten_forms() -> None:
    assert len(FORMS) == 10


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "must_rhyme"},
        {"rule": "required_if(nobody=Có)"},
        {"rule": "required_if(what now)"},
        {"rule": "sum(child_given_name: open('x'))"},
        {"type": "colour"},
        {"choices": ["@planets"]},
        {"prefill_from": "Thần giao cách cảm"},
        {"name": "Tên"},
    ],
)
def test_unknown_words_are_refused_when_loading(change: dict[str, Any]) -> None:
    raw = schema("1.001193")
    raw["sections"][1]["fields"][2].update(change)
    with pytest.raises(eforms.SchemaError):
        eforms.load(raw)


# --- the whole form ---------------------------------------------------------------------------------------


def test_a_complete_birth_registration_passes_and_is_cleaned() -> None:
    outcome = whole("1.001193", birth(), files={"birth_proof_file": 1})
    assert outcome.errors == {}
    assert outcome.answers["applicant_birth_date"] == "05/09/1990"
    assert outcome.answers["applicant_phone"] == "0912345678"
    assert json.loads(json.dumps(outcome.answers)) == outcome.answers


def test_an_empty_form_says_what_is_missing() -> None:
    errors = whole("1.001193", {}).errors
    assert errors["applicant_full_name"] == "Nhập họ, chữ đệm, tên người yêu cầu."
    assert errors["child_gender"] == "Chọn giới tính."
    assert "Đồng ý" in errors["pledge"]
    assert "mother_full_name" not in errors
    assert "mother_id_paper" not in errors


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("applicant_citizen_id", "0311900012", "12 chữ số; bạn đã nhập 10: «0311900012»"),
        ("applicant_citizen_id", "03119000123x", "«03119000123X»"),
        ("applicant_birth_date", "31/02/1990", "«31/02/1990»"),
        ("child_birth_date", "24/11/2026", "ở sau hôm nay (23/11/2026)"),
        ("applicant_phone", "12345", "«12345»"),
        ("applicant_email", "ha@", "«ha@»"),
        ("child_gender", "Khác", "«Khác» không có trong danh sách"),
        ("child_birth_time", "25:00", "«25:00»"),
        ("mother_birth_date", "1990/13", "chỉ năm"),
        ("child_given_name", "x" * 501, "rút gọn"),
    ],
)
def test_what_is_wrong_is_told_with_the_persons_own_value(name: str, value: str, words: str) -> None:
    outcome = whole("1.001193", birth(**{name: value}), files={"birth_proof_file": 1})
    assert words in outcome.errors[name]
    assert list(outcome.errors) == [name]


def test_typed_words_survive_an_error() -> None:
    assert whole("1.001193", birth(child_birth_date="hôm qua")).answers["child_birth_date"] == "hôm qua"


def test_required_if_and_required_unless() -> None:
    errors = whole(
        "1.001193", birth(parents_married="Có", wants_copies="Có", result_channel="Bưu chính")
    ).errors
    assert {"marriage_certificate_no", "copy_count", "delivery_address", "birth_proof_file"} == set(errors)
    electronic = birth(birth_proof_type="Giấy chứng sinh điện tử")
    assert set(whole("1.001193", electronic).errors) == {"birth_proof_no"}


def test_required_by_authority_and_by_another_field() -> None:
    answers = birth(applicant_relation="Người được ủy quyền", mother_citizen_id="", mother_id_paper="")
    errors = whole("1.001193", answers, files={"birth_proof_file": 1}).errors
    assert set(errors) == {"authorization_file", "mother_id_paper"}
    answers["mother_id_paper"] = "Hộ chiếu"
    assert "mother_id_paper_no" in whole("1.001193", answers).errors


def test_an_unknown_parent_clears_the_section() -> None:
    outcome = whole(
        "1.001193", birth(mother_unknown="Có", mother_birth_date="sai"), files={"birth_proof_file": 1}
    )
    assert outcome.errors == {}
    assert outcome.answers["mother_full_name"] == ""


def test_a_parent_not_declared_has_no_nationality() -> None:
    outcome = whole("1.001193", birth(father_nationality="Việt Nam"), files={"birth_proof_file": 1})
    assert outcome.answers["father_nationality"] == ""
    declared = birth(
        father_nationality="Việt Nam", father_full_name="Vũ Văn An", father_citizen_id="031090001234"
    )
    assert whole("1.001193", declared).answers["father_nationality"] == "Việt Nam"


def test_a_late_birth_warns_but_passes() -> None:
    outcome = whole("1.001193", birth(child_birth_date="01/06/2026"), files={"birth_proof_file": 1})
    assert outcome.errors == {}
    assert "60 ngày" in outcome.warnings["child_birth_date"]


def test_the_child_follows_one_of_the_parents() -> None:
    both = birth(mother_ethnic_group="Kinh", father_full_name="Vũ Văn A", father_citizen_id="031090001234")
    both |= {"father_ethnic_group": "Tày", "child_ethnic_group": "Mường"}
    assert "«Mường»" in whole("1.001193", both, files={"birth_proof_file": 1}).errors["child_ethnic_group"]
    both["child_ethnic_group"] = "Tày"
    assert whole("1.001193", both, files={"birth_proof_file": 1}).errors == {}


def test_one_step_is_judged_alone_but_sees_the_others() -> None:
    form = form_of("1.001193")
    step = eforms.asking(form)[2]
    outcome = eforms.check(form, {"birth_proof_type": "Giấy chứng sinh điện tử"}, at(), fields=step.fields)
    assert set(outcome.errors) == {"birth_proof_no"}


def marriage(**changes: Any) -> dict[str, Any]:
    person = {
        "full_name": "Nguyễn Văn A", "citizen_id": "031200001234", "birth_date": "01/01/2000", "ethnic_group": "Kinh",
        "nationality": "Việt Nam", "residence": "Hải Phòng", "marital_status": "Chưa kết hôn lần nào",
        "marriage_count": "1", "phone": "0912345678",
    }  # fmt: skip
    both = {f"{side}_{key}": value for side in ("bride", "groom") for key, value in person.items()}
    rest = {
        "not_prohibited": "Đồng ý", "registry_commune": "Nơi cư trú bên nam", "ceremony_date": "25/11/2026",
        "wants_copies": "Không", "result_channel": "Bản điện tử", "pledge": "Đồng ý",
    }  # fmt: skip
    return {**both, **rest, **changes}


def test_ages_and_working_days_of_a_marriage() -> None:
    closed = at(is_working_day=lambda day: day != date(2026, 11, 24) and day.weekday() < 5)
    form = form_of("1.000894")
    assert eforms.check(form, marriage(), closed).errors == {}
    young = eforms.check(form, marriage(groom_birth_date="24/11/2006"), closed).errors["not_prohibited"]
    assert "Chưa đủ 20 tuổi" in young
    assert "mới 19 tuổi" in young
    assert eforms.check(form, marriage(groom_birth_date="23/11/2006"), closed).errors == {}
    assert (
        "ngày nghỉ"
        in eforms.check(form, marriage(ceremony_date="24/11/2026"), closed).errors["ceremony_date"]
    )
    assert (
        "sau hôm nay"
        in eforms.check(form, marriage(ceremony_date="20/11/2026"), closed).errors["ceremony_date"]
    )
    divorced = eforms.check(form, marriage(bride_marital_status="Đã ly hôn"), closed).errors
    assert set(divorced) == {"bride_ended_marriage_ref"}


def test_a_pension_needs_the_age_or_a_poor_household() -> None:
    def errors(born: str, household: str) -> dict[str, str]:
        answers = {"elder_birth_date": born, "poor_household": household}
        form = form_of("1.014027")
        item = form.field("poor_household")
        return eforms.check(form, answers, at(), fields=[item]).errors if item else {}

    assert errors("01/01/1950", "Không") == {}
    assert "chưa" not in errors("01/01/1954", "Hộ nghèo")
    assert "đã đủ 75 tuổi" in errors("01/01/1954", "Không")["poor_household"]
    assert errors("01/01/1954", "Hộ nghèo") == {}


def test_groups_have_counts_and_one_main_line() -> None:
    form = form_of("1.001612")
    items = [
        form.field(name) for name in ("industries", "members", "founder_type", "business_name", "head_office")
    ]

    def errors(**answers: Any) -> dict[str, str]:
        return eforms.check(form, answers, at(), fields=[item for item in items if item]).errors

    line = {"_id": "aaaaaaaa", "industry_code": "4711", "industry_detail": "", "is_main": "Có"}
    good = {
        "founder_type": "Cá nhân",
        "business_name": "Hộ kinh doanh Lan",
        "head_office": "Phường An Biên, Hải Phòng",
    }
    assert "ít nhất 1" in errors(**good)["industries"]
    assert errors(**good, industries=[line]) == {}
    assert "đúng một" in errors(**good, industries=[line, {**line, "_id": "bbbbbbbb"}])["industries"]
    wrong = errors(**good, industries=[{**line, "industry_code": "47"}])
    assert "«47»" in wrong["industries.aaaaaaaa.industry_code"]
    family = {**good, "founder_type": "Các thành viên hộ gia đình", "industries": [line]}
    assert "ít nhất 2" in errors(**family)["members"]
    assert (
        "bắt đầu bằng «Hộ kinh doanh»"
        in errors(**{**good, "business_name": "Lan"}, industries=[line])["business_name"]
    )
    assert "Hải Phòng" in errors(**{**good, "head_office": "Hà Nội"}, industries=[line])["head_office"]
    blank = {"_id": "cccccccc", "industry_code": "", "industry_detail": "", "is_main": ""}
    assert errors(**good, industries=[line, blank]) == {}


def test_the_fee_of_certified_copies_is_computed() -> None:
    rows = [
        {"_id": "aaaaaaaa", "page_count": "2", "copies_count": "1"},
        {"_id": "bbbbbbbb", "page_count": "5", "copies_count": "3"},
        {"_id": "cccccccc", "page_count": "1000", "copies_count": "1"},
    ]
    outcome = whole("2.000815", {"documents": rows})
    assert outcome.answers["fee_preview"] == 4000 + 3 * (4000 + 3000) + 200000


def test_measures_are_compared() -> None:
    form = form_of("1.013225")
    names = ("plot_area", "ground_floor_area", "total_floor_area", "floors")
    items = [item for name in names if (item := form.field(name))]

    def errors(plot: str, ground: str, total: str, floors: str = "2") -> dict[str, str]:
        answers = dict(zip(names, (plot, ground, total, floors), strict=True))
        return eforms.check(form, answers, at(), fields=items).errors

    assert errors("1.200,5", "100", "250,25") == {}
    assert "(120)" in errors("100", "120", "250")["ground_floor_area"]
    assert "total_floor_area" in errors("200", "120", "100")
    assert "«hai»" in errors("200", "120", "200", "hai")["floors"]
    assert "số nguyên" in errors("200", "120", "200", "1,5")["floors"]


def test_a_limit_under_a_condition() -> None:
    form = form_of("1.004873")
    item = form.field("copies_requested")
    assert item

    def message(purpose: str, copies: str) -> str:
        answers = {"purpose": purpose, "copies_requested": copies}
        return eforms.check(form, answers, at(), fields=[item]).errors.get(item.name, "")

    assert message("Vay vốn", "3") == ""
    assert "nhiều nhất là 1" in message("Kết hôn trong nước", "3")


# --- typed, prefilled, shown --------------------------------------------------------------------------------


def test_posted_groups_and_ticks_are_read() -> None:
    form = form_of("1.013978")
    post = QueryDict(
        "requests=Đăng ký đất đai&requests=Lạ&co_users.row=1a2b3c4d&co_users.row=../etc"
        "&co_users.1a2b3c4d.co_user_name=  Vũ   An %0A&land_user_full_name=Vũ%00 Lan"
    )
    answers = eforms.typed(form.fields(), post)
    assert answers["requests"] == ["Đăng ký đất đai", "Lạ"]
    assert answers["co_users"] == [
        {"_id": "1a2b3c4d", "co_user_name": "Vũ An", "co_user_citizen_id": "", "co_user_relation": ""}
    ]
    assert answers["land_user_full_name"] == "Vũ Lan"
    assert "«Lạ»" in eforms.check(form, answers, at()).errors["requests"]


def test_gaps_are_filled_from_the_account_and_typed_words_are_not_touched() -> None:
    form = form_of("1.001193")
    account = {
        "full_name": "Phạm Thị Thu Hà",
        "phone": "0912345678",
        "address": "Hải Phòng",
        "birth_on": "05/09/1990",
    }
    filled = eforms.prefilled(form.fields(), {"applicant_phone": ""}, account)
    assert filled["applicant_full_name"] == "Phạm Thị Thu Hà"
    assert filled["applicant_phone"] == ""
    assert filled["applicant_residence"] == "Hải Phòng"
    assert filled["delivery_address"] == "Hải Phòng"
    assert filled["child_nationality"] == "Việt Nam"
    assert "mother_full_name" not in filled


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234", 1234),
        ("1.234,5", 1234.5),
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("10 000", 10000),
        ("1e5", None),
        ("-1", None),
    ],
)
def test_vietnamese_figures(text: str, value: float | None) -> None:
    assert eforms.read_number(text) == value


def test_answers_are_shown_as_people_write_them() -> None:
    form = form_of("1.001612")
    name, capital = form.field("owner_full_name"), form.field("capital")
    assert name and capital
    assert eforms.show(name, "Vũ An") == "VŨ AN"
    assert eforms.show(capital, 10094700) == "10.094.700\u00a0đ"


def test_steps_papers_and_the_last_step_share_the_sections() -> None:
    form = form_of("1.001193")
    assert [section.title for section in eforms.papers(form)] == ["Giấy tờ đính kèm"]
    assert [section.title for section in eforms.closing(form)] == ["Nhận kết quả", "Cam đoan"]
    assert len(eforms.asking(form)) == 6
