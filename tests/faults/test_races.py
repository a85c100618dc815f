"""Two people, or two hundred presses, at the same moment."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from core.models import AuditEvent, IssuedNumber
from onecase.choices import BusinessStatus as S
from onecase.models import Case, LegalForm
from org.choices import Role
from signing import services as signing
from tests import factories as make
from tests.faults.conftest import PIN

pytestmark = pytest.mark.django_db(transaction=True)
REPLAYS = 100


def at_once(*acts):
    """Let every act begin at the same moment, each in a thread with a connection of its own; their answers in order."""
    gate = threading.Barrier(len(acts))

    def run(act):
        try:
            gate.wait(20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_officers_who_accept_at_once_one_is_told(world, submitted, at_desk, looked_at):
    looked_at(submitted)
    colleague = make.hat("Lê Thị Hoa", world.counter, "Công chức tiếp nhận", Role.COUNTER_OFFICER)
    address = reverse("onecase:move", args=[submitted.code, "accept"])
    pages = [at_desk(officer) for officer in (world.counter_officer, colleague)]
    answers = at_once(*[lambda page=page: page.post(address, follow=True).content.decode() for page in pages])
    submitted.refresh_from_db()
    assert submitted.business_status == S.ACCEPTED
    assert AuditEvent.objects.filter(event="case.accept").count() == 1
    assert LegalForm.objects.filter(case=submitted).count() == 1
    won = ["Đã tiếp nhận. Giấy hẹn" in answer for answer in answers]
    told = ["hiện ở trạng thái «Đã tiếp nhận»" in answer for answer in answers]
    assert sorted(won) == [False, True]
    assert told == [not one for one in won]


def test_a_hundred_replays_of_one_submission_make_one_case(world, draft, at_desk):
    address = reverse("onecase:draft", args=[draft.submission_key, 4])
    browsers = [at_desk(draft.applicant) for _browser in range(4)]

    def replay(browser):
        return {
            browser.post(address, {"do": "submit", "return_way": "online"})["Location"]
            for _press in range(REPLAYS // 4)
        }

    places = set().union(*at_once(*[lambda browser=browser: replay(browser) for browser in browsers]))
    draft.refresh_from_db()
    assert places == {reverse("onecase:own_case", args=[draft.code])}
    assert Case.objects.filter(applicant=draft.applicant).count() == 1
    assert IssuedNumber.objects.filter(series__key__startswith="case:").count() == 1
    assert AuditEvent.objects.filter(event="case.submit").count() == 1
    assert draft.parties.count() == 2


def test_starting_twice_at_once_makes_one_draft(world, at_desk):
    citizen, procedure = make.citizen(), make.procedure()
    browsers = [at_desk(citizen) for _browser in range(3)]
    address = reverse("onecase:start", args=[procedure.slug])
    places = {
        answer["Location"] for answer in at_once(*[lambda b=browser: b.post(address) for browser in browsers])
    }
    assert len(places) == 1
    assert Case.objects.filter(applicant=citizen).count() == 1


def test_a_paper_case_that_is_keyed_twice_at_once_is_one_case(world, at_desk):
    """The form of the counter carries a key; a double press, or a retry after a lost answer, gives the same case."""
    officer = at_desk(world.counter_officer)
    procedure = make.procedure(online=False)
    address = reverse("onecase:intake_form", args=[procedure.slug])
    page = officer.get(address).content.decode()
    filled = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    filled |= {
        "channel": "1",
        "return_way": "counter",
        "agency": str(world.ubnd.pk),
        "full_name": "Bùi Thị Nga",
    }
    filled |= {
        "number": "031168001234",
        "birth_on": "04/05/1968",
        "phone": "0912345678",
        "address": "số 1 Máy Tơ",
    }
    browsers = [at_desk(world.counter_officer) for _browser in range(2)]
    answers = at_once(*[lambda b=browser: b.post(address, filled) for browser in browsers])
    assert [answer.status_code for answer in answers] == [302, 302], answers[0].content.decode()[:4000]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Case.objects.get(channel="1").owner_name == "Bùi Thị Nga"


def test_guessing_pins_in_parallel_does_not_outrun_the_lock(world, awaiting, at_desk):
    address = reverse("onecase:confirm_signing")
    mark = f"{awaiting.result_document.pk}:{awaiting.result_document.revision}"
    browsers = [at_desk(world.leader) for _browser in range(6)]
    at_once(
        *[
            lambda b=b, n=n: b.post(address, {"chon": mark, "pin": f"00000{n}"})
            for n, b in enumerate(browsers)
        ]
    )
    assert signing.is_locked(signing.keys_of(world.leader)[0], world.leader)
    browsers[0].post(address, {"chon": mark, "pin": PIN})
    awaiting.refresh_from_db()
    assert awaiting.business_status == S.AWAITING_APPROVAL
