"""Numbers of official documents: no gap, no double, the right year, the agency's own scheme, nothing lost by a killed worker."""

import threading
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from core.errors import NotAllowed, RuleError
from core.models import IssuedNumber, NumberSeries
from documents import actions, layout, loading
from documents.actions import approvals, drafts
from documents.choices import DocumentStatus, Numbering
from documents.models import AgencyPractice, Document, DocumentType
from org.choices import DelegationKind, Role
from org.models import Delegation
from signing import services as signing
from tests import factories as make
from tests.documents import outgoing_world as out
from tests.documents.conftest import PIN, department

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
S = DocumentStatus


def submitted(where: Any, count: int = 1, **more: Any) -> list[Document]:
    """Ready for the leader, without the long way there."""
    made = [out.begun(where, **{"title": f"việc thứ {n}", **more}) for n in range(count)]
    for document in made:
        for kind, who in (("head", where.unit_head), ("form", where.clerk)):
            document.approvals.create(kind=kind, revision=1, by=who, name_printed=who.full_name)
    Document.objects.filter(pk__in=[one.pk for one in made]).update(status=S.SUBMITTED)
    return made


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_leave_no_gap_and_no_double(authority: Any) -> None:
    """Eight signatures on real connections, in real threads; two of them are refused and give their number back."""
    from signing import demo_pki

    loading.load()
    where = make.commune("phường Tám")
    demo_pki.issue_demo_key(owner_user=where.leader, kind="personal", pin=PIN)
    documents = submitted(where, 8)
    given = {
        one.pk: actions.authorise(actions.personal_key(where.leader), PIN, actor=where.leader)
        for one in documents
    }
    barrier, trouble = threading.Barrier(8), []

    def sign(document: Document, place: int) -> None:
        try:
            leader = out.fresh(where.leader)
            barrier.wait(timeout=20)
            actions.sign(
                document.pk, actor=leader, authorisation=given[document.pk], revision=1 if place > 1 else 99
            )
        except RuleError:
            trouble.append(place)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(one, n)) for n, one in enumerate(documents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(trouble) == [0, 1]
    numbers = Document.objects.filter(number__isnull=False).values_list("number__value", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert NumberSeries.objects.get(key__startswith=f"doc:{where.ubnd.pk}:CV:").last == 6


class TestTheTurnOfTheYear:
    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
        now = SimpleNamespace(at=datetime(2026, 12, 31, 23, 59, 59, tzinfo=VIETNAM))
        monkeypatch.setattr(
            timezone, "localdate", lambda value=None, tz=None: (value or now.at).astimezone(VIETNAM).date()
        )
        return now

    def taken(self, where: Any, document: Document) -> Any:
        document.type, document.agency, document.unit = document.type, where.ubnd, where.office
        return actions.papers._number(document)

    def test_a_second_before_midnight_belongs_to_the_old_year(self, world: Any, clock: Any) -> None:
        """In UTC it is still 16:59; both clerks get numbers of 2026, dated 31/12."""
        first, second = submitted(world.a, 2)
        (one, day), (two, same_day) = self.taken(world.a, first), self.taken(world.a, second)
        assert (one.value, two.value) == (1, 2)
        assert f"{day:%d/%m/%Y}" == f"{same_day:%d/%m/%Y}" == "31/12/2026"
        clock.at += timedelta(seconds=1)
        third, new_day = self.taken(world.a, first)
        assert (third.value, f"{new_day:%d/%m/%Y}") == (1, "01/01/2027")

    def test_who_waited_over_midnight_gives_the_number_back(
        self, world: Any, clock: Any, monkeypatch: Any
    ) -> None:
        """The lock of the series came after twelve: the old year keeps no gap, the new one begins with 01."""
        (document,) = submitted(world.a)
        take = actions.papers.numbering.take

        def slow(key: str, **more: Any) -> Any:
            number = take(key, **more)
            clock.at = datetime(2027, 1, 1, 0, 0, 2, tzinfo=VIETNAM)
            return number

        monkeypatch.setattr(actions.papers.numbering, "take", slow)
        number, day = self.taken(world.a, document)
        assert (number.value, number.series.key.endswith(":2027"), day.year) == (1, True, 2027)
        assert not IssuedNumber.objects.filter(series__key__endswith=":2026").exists()


class TestTheKilledWorker:
    def test_between_number_and_seal_nothing_is_lost_and_nothing_taken_twice(
        self, keys: Any, work: Any
    ) -> None:
        (document,) = submitted(keys.a)
        out.sign(keys.a, document)  # committed; the worker dies before it begins
        document.refresh_from_db()
        assert document.status == S.SIGNING and document.number is not None
        number = document.number.value
        work(actions.retry_signing, document.pk, actor=out.fresh(keys.a.leader))
        document.refresh_from_db()
        assert document.status == S.SIGNED and document.number is not None and document.number.value == number
        work(out.seal, keys.a, document)
        document.refresh_from_db()
        assert document.status == S.ISSUED
        assert IssuedNumber.objects.filter(subject_type="documents.document").count() == 1

    def test_a_signature_given_up_keeps_the_number_as_cancelled_with_its_reason(
        self, keys: Any, client: Any
    ) -> None:
        (document,) = submitted(keys.a)
        out.sign(keys.a, document)
        document.refresh_from_db()
        assert document.signature_request_id is not None
        signing.cancel(document.signature_request_id, "Mất kết nối máy chủ ký số.")
        document.refresh_from_db()
        assert (document.status, document.number, document.number_printed) == (S.SUBMITTED, None, "")
        out.sign(keys.a, document)
        document.refresh_from_db()
        assert document.number_printed == "02/UBND-VP"
        client.force_login(keys.a.clerk)
        page = client.get(f"/lam-viec/van-ban/di/{document.pk}/").content.decode()
        assert "Số đã cấp rồi hủy" in page and "Mất kết nối máy chủ ký số." in page


class TestTheScheme:
    @pytest.mark.parametrize(
        ("code", "printed"),
        [("CV", "05/STN-NV"), ("QĐ", "05/QĐ-STN"), ("QyĐ", "05/QyĐ-STN"), ("CTr", "05/CTr-STN"), ("ĐA", "05/ĐA-STN"), ("DA", "05/DA-STN"), ("ThC", "05/STN-NV")],
    )  # fmt: skip
    def test_notation(self, db: Any, code: str, printed: str) -> None:
        loading.load()
        kind = DocumentType.objects.get(code=code)
        assert layout.notation(kind.abbreviation, "STN", "NV").format(n="05") == printed

    def test_all_29_types_have_a_frame_and_a_notation(self, world: Any) -> None:
        kinds = DocumentType.objects.filter(is_specialised=False)
        assert kinds.count() == 29
        for kind in kinds:
            document = out.begun(
                world.a, world.b.agency, code=kind.code, body=layout.layout_of(kind.code).skeleton
            )
            assert document.notation.startswith("{n}/")

    def test_per_type_or_one_common_series_as_the_head_decides(self, world: Any) -> None:
        letter, decision = submitted(world.a), submitted(world.a, code="QĐ", body=out.DECISION)
        assert [actions.papers.numbering_scheme.scheme_of(one).series for one in (*letter, *decision)] == [
            "CV",
            "QĐ",
        ]
        AgencyPractice.objects.create(agency=world.a.ubnd, numbering=Numbering.COMMON)
        assert {actions.papers.numbering_scheme.scheme_of(one).series for one in (*letter, *decision)} == {
            "CHUNG"
        }

    def test_another_scheme_begins_with_the_new_year(self, world: Any) -> None:
        """Else «01/QĐ-UBND» would stand twice in one year."""
        (decision,) = submitted(world.a, code="QĐ", body=out.DECISION)
        assert actions.papers._number(decision)[0].value == 1
        AgencyPractice.objects.create(agency=world.a.ubnd, numbering=Numbering.COMMON)
        assert actions.papers._number(decision)[0].value == 2
        next_year = timezone.localdate().year + 1
        assert actions.papers.numbering_scheme.numbering_of(world.a.ubnd, next_year) == Numbering.COMMON

    def test_a_result_of_a_case_counts_in_the_same_book(self, world: Any) -> None:
        AgencyPractice.objects.create(agency=world.a.ubnd, numbering=Numbering.COMMON)
        letter, decision = submitted(world.a)[0], submitted(world.a, code="QĐ", body=out.DECISION)[0]
        decision.kind = "result"
        assert [actions.papers._number(one)[0].value for one in (letter, decision)] == [1, 2]

    def test_a_board_with_the_agencys_seal_has_its_own_series_and_head(self, world: Any) -> None:
        board = "Ban Chỉ đạo Chuyển đổi số"
        document = out.begun(world.a, world.b.agency, code="QĐ", body=out.DECISION, for_organ=board)
        assert document.notation == "{n}/QĐ-BCĐCĐS"
        assert document.series != out.begun(world.a, world.b.agency, code="QĐ").series


class TestDelegation:
    def given(self, world: Any, **dates: Any) -> Any:
        """The leader of A hands signing to the head of the office, in writing, for a while."""
        giver = world.a.leader.hat
        taker = world.a.unit_head.hat
        today = timezone.localdate()
        return Delegation.objects.create(
            **{
                "giver": giver, "taker": taker, "kind": DelegationKind.MANDATE, "roles": [Role.LEADER],
                "valid_from": today - timedelta(days=3), "valid_to": today + timedelta(days=3), "document_no": "12/GUQ-UBND", "created_by": world.a.leader, **dates,
            }
        )  # fmt: skip

    def test_an_expired_delegation_does_not_sign(self, keys: Any) -> None:
        from signing import demo_pki

        demo_pki.issue_demo_key(owner_user=keys.a.unit_head, kind="personal", pin=PIN)
        held, late = submitted(keys.a, 2)
        delegation = self.given(keys)
        signed = out.sign(keys.a, held, by=keys.a.unit_head)
        assert signed.signer_lines_printed[0] == "TUQ. CHỦ TỊCH" and signed.signed_for_printed
        Delegation.objects.filter(pk=delegation.pk).update(valid_to=timezone.localdate())
        with pytest.raises(NotAllowed):
            out.sign(keys.a, late, by=keys.a.unit_head)
        assert IssuedNumber.objects.filter(subject_type="documents.document").count() == 1


def test_nobody_reserves_or_backdates(keys: Any) -> None:
    """Number and day come from the act of signing alone: no action takes them as an argument."""
    import inspect

    for act in (actions.sign, drafts.begin, drafts.edit, approvals.pass_form):
        assert not {"number", "dated_on", "day", "value"} & set(inspect.signature(act).parameters)


def test_other_agencies_count_for_themselves(db: Any) -> None:
    loading.load()
    one, two = department("Sở Một thành phố Hải Phòng", "SM"), department("Sở Hai thành phố Hải Phòng", "SH")
    made = [drafts.begin(actor=out.fresh(place.officer), words=out.words()) for place in (one, two)]
    assert [actions.papers._number(document)[0].value for document in made] == [1, 1]
