"""A unit dissolved while somebody works in its page: the save tells who took over, nothing is lost."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onecase.choices import BusinessStatus as S
from onecase.choices import CheckState
from onecase.models import Case
from org.actions import restructuring
from org.choices import Role, StepKind
from org.models import Organization, RoleGrant
from tests import factories as make
from tests.org import restructuring_world as worlds

pytestmark = pytest.mark.django_db
TYPED = "Thiếu bản sao trích lục; đề nghị nộp trước thứ Sáu"
HEADS = {"roles": [Role.CASE_OFFICER, Role.COUNTER_OFFICER, Role.UNIT_HEAD]}


@pytest.fixture
def town() -> SimpleNamespace:
    return worlds.city()


@pytest.fixture
def pair(town: SimpleNamespace) -> list[SimpleNamespace]:
    return [worlds.commune(town, "phường Cầu Tre"), worlds.commune(town, "phường Vạn Mỹ")]


def opened(client: Client, user: Any, case: Case, verb: str) -> str:
    client.force_login(user)
    address = f"/lam-viec/ho-so/{case.code}/{verb}/"
    assert client.get(address).status_code == 200
    return address


def supplement() -> dict[str, str]:
    return {"other_text": "Trích lục hộ tịch", "note": TYPED, "reply_by": ""}


def test_with_a_hat_in_the_successor_the_act_is_done_there(client: Client, town: Any, pair: Any) -> None:
    case = make.case(pair[0], S.APPRAISING)
    address = opened(client, pair[0].unit_head, case, "assign")
    worlds.applied(town, worlds.merge(town, pair, rules=HEADS))
    answer = client.post(address, {"officer": pair[0].case_officer.pk, "note": TYPED}, follow=True)
    case.refresh_from_db()
    office = Organization.objects.get(slug="vp-11999")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "chuyển vào Văn phòng HĐND và UBND phường Hợp Nhất theo NQ thử nghiệm 01" in text
    assert "Từ 01/01/2026" in text and "Đã phân công" in text
    from core.models import AuditEvent

    event = AuditEvent.objects.get(event="case.assign", subject_id=case.pk)
    assert event.unit_name == office.name and event.note == TYPED


def test_without_the_right_in_the_successor_the_text_is_shown_again(
    client: Client, town: Any, pair: Any
) -> None:
    case = make.case(pair[0], S.APPRAISING)
    address = opened(client, pair[0].unit_head, case, "request_supplement")
    worlds.applied(town, worlds.merge(town, pair))  # heads are appointed anew
    answer = client.post(address, supplement(), follow=True)
    text = answer.content.decode()
    assert answer.status_code in {403, 404, 409}
    assert (TYPED in text and "UBND phường Hợp Nhất" in text) or "phường Hợp Nhất" in text
    assert "NQ thử nghiệm 01" in text
    case.refresh_from_db()
    assert case.business_status == S.APPRAISING


def test_a_case_that_went_elsewhere_tells_where(client: Client, town: Any, pair: Any) -> None:
    one, two = pair
    third = worlds.commune(town, "phường Lạch Tray")
    case = make.case(one, S.APPRAISING)
    case.parties.update(address="tổ dân phố 7, phường Cầu Tre")
    address = opened(client, one.case_officer, case, "propose_supplement")
    batch = restructuring.create(actor=town.planner, title="Chia phường", effective_on=date(2026, 1, 1))
    restructuring.put_step(
        batch.pk,
        actor=town.planner,
        kind=StepKind.DISSOLVE,
        old=[{"unit": one.ubnd.slug, "share": "part"}],
        new=[{"unit": two.ubnd.slug, "exists": True}, {"unit": third.ubnd.slug, "exists": True}],
        rules={
            "people": [two.ubnd.slug],
            "cases": [{"by": "address", "value": "tổ dân phố 7", "to": third.ubnd.slug}],
        },
    )
    worlds.applied(town, batch)
    answer = client.post(address, supplement(), follow=True)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "phường Lạch Tray" in text and TYPED in text and "01/01/2026" in text


def test_somebody_whose_post_ended_gets_his_text_back(client: Client, town: Any, pair: Any) -> None:
    case = make.case(pair[0], S.APPRAISING)
    address = opened(client, pair[0].case_officer, case, "propose_supplement")
    hat = pair[0].case_officer.person.assignments.get()
    worlds.applied(town, worlds.merge(town, pair))
    new_hat = pair[0].case_officer.person.assignments.exclude(pk=hat.pk).get()
    RoleGrant.objects.filter(assignment=new_hat).delete()
    new_hat.delete()
    answer = client.post(address, supplement())
    assert answer.status_code == 403
    assert TYPED in answer.content.decode()


def test_verdicts_come_back_with_the_papers_they_are_about(client: Client, town: Any, pair: Any) -> None:
    case = make.case(pair[0], S.SUBMITTED)
    paper = case.version.components.filter(is_note=False).first()
    assert paper is not None
    client.force_login(pair[0].counter_officer)
    worlds.applied(town, worlds.merge(town, pair, rules={"roles": ["case_officer"]}))
    said = {f"state-{paper.pk}": "wrong", f"note-{paper.pk}": "Thiếu dấu giáp lai"}
    answer = client.post(reverse("onecase:check_components", args=[case.code]), said)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert paper.name in text and str(CheckState("wrong").label) in text and "Thiếu dấu giáp lai" in text


def test_a_stranger_learns_nothing(client: Client, town: Any, pair: Any) -> None:
    case = make.case(pair[0], S.APPRAISING)
    stranger = make.hat("Người Lạ", town.ubnd, "Chuyên viên", Role.CASE_OFFICER)
    worlds.applied(town, worlds.merge(town, pair))
    client.force_login(stranger)
    answer = client.post(f"/lam-viec/ho-so/{case.code}/assign/", {"note": TYPED})
    assert answer.status_code == 404
    assert "Hợp Nhất" not in answer.content.decode()
