"""The broker is down: citizens and officers notice nothing, and afterwards all work is done, once."""

import re
import time

import pytest

from haiphong_egov import processes
from notices.models import Notice
from onecase.choices import BusinessStatus as S
from onecase.models import LegalForm
from tests.faults.conftest import CLOSED_PORT, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def pressed(visitor, address, **fields):
    """Open the page and press its button, as a browser without JavaScript would."""
    page = visitor.get(address, timeout=30)
    assert page.ok, f"{address}: {page.status_code}"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token, f"{address} has no form"
    began = time.monotonic()
    answer = visitor.post(
        address, {**fields, "csrfmiddlewaretoken": token[1]}, timeout=30, allow_redirects=True
    )
    return answer, time.monotonic() - began


def test_submitting_and_accepting_go_on_and_the_sweep_does_the_rest_once(
    world, draft, open_site, start, rings, tmp_path, looked_at
):
    site = open_site(REDIS_URL=CLOSED_PORT)
    citizen = site.visit(draft.applicant)
    form = f"{site.address}/ho-so/nhap/{draft.submission_key}"
    citizen.get(f"{form}/1/", timeout=30)  # the first page of a fresh process compiles its templates

    receipt, seconds = pressed(citizen, f"{form}/4/", do="submit", return_way="online")
    draft.refresh_from_db()
    assert draft.business_status == S.SUBMITTED, receipt.text[:3000]
    assert draft.code in receipt.text
    assert seconds < 2, f"the receipt took {seconds:.1f} s"

    officer = site.visit(world.counter_officer)
    desk_page = f"{site.address}/lam-viec/ho-so/{draft.code}"
    looked_at(draft)
    accepted, _seconds = pressed(officer, f"{desk_page}/accept/")
    draft.refresh_from_db()
    assert draft.business_status == S.ACCEPTED, accepted.text[:3000]
    form01 = LegalForm.objects.get(case=draft)
    assert form01.stored is None

    worker = start(processes.WORKER)
    for _bell in range(3):  # more rings than work: still once
        rings.ring("onecase.sweep")
        rings.ring("notices.sweep")

    def sealed():
        rings.ring("signing.sweep")
        time.sleep(0.5)
        return LegalForm.objects.filter(pk=form01.pk, stored__isnull=False).exists()

    wait_until(sealed, "Form 01 is sealed", log=worker.log)
    told = Notice.objects.filter(recipient=draft.applicant)
    wait_until(lambda: not told.filter(done_at__isnull=True).exists(), "all mails are out", log=worker.log)
    assert LegalForm.objects.filter(case=draft).count() == 1
    assert sorted(told.values_list("kind", flat=True)) == ["case.accept", "case.submit"]
    mails = [
        mail for mail in (tmp_path / "mail").iterdir() if f"To: {draft.applicant.email}" in mail.read_text()
    ]
    assert len(mails) == 2
