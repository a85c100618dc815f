"""The code on the paper, and what we know of our own files beyond what their bytes prove."""

import pytest

from core import files
from signing import actions, services
from signing.choices import VerdictKind as V
from signing.models import PublicPaper, Verification

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(issued, office):
    return services.publish_paper(
        code=services.new_code(),
        stored_file=issued[1],
        title="Giấy khai sinh",
        number="01/GKS",
        unit_name=office.ubnd.name,
        subject=office.ubnd,
    )


def test_a_code_is_found_however_it_is_typed(published):
    printed = services.printed_code(published.code)
    assert len(printed) == 11
    for typed in (printed, printed.lower(), f" {published.code[:4]} {published.code[4:]} "):
        assert services.find_paper(typed) == published


def test_a_mistyped_code_is_noticed_by_its_check_sign(published):
    for place in range(10):
        for sign in actions.ALPHABET:
            if sign != published.code[place]:
                assert not actions.plain_code(published.code[:place] + sign + published.code[place + 1 :])
    swapped = published.code[1] + published.code[0] + published.code[2:]
    assert swapped == published.code or not actions.plain_code(swapped)


def test_unknown_or_senseless_codes_find_nothing(published):
    for typed in ("", "abc", services.new_code(), "' OR 1=1 --", "Ạ" * 10):
        assert services.find_paper(typed) is None


def test_the_paper_names_its_signers(published, office):
    assert published.signature_count == 2
    assert [one["name"] for one in published.signers] == ["Nguyễn Văn Ký", office.ubnd.name]
    assert [one["kind"] for one in published.signers] == ["personal", "seal"]


def test_the_published_file_is_recognised(published, issued):
    verdict = services.verify(files.read(issued[1]))
    assert verdict.verdict == V.VALID
    assert verdict.paper["code"] == services.printed_code(published.code)


def test_a_cut_off_seal_is_noticed(published, issued):
    """The file before the seal is itself perfectly signed: only our record tells (domain/signing §1.4)."""
    verdict = services.verify(files.read(issued[0]))
    assert verdict.verdict == V.INVALID
    assert "con dấu đã bị gỡ" in verdict.reasons[0]


def test_before_publication_the_file_with_one_signature_is_fine(issued):
    assert services.verify(files.read(issued[0])).verdict == V.VALID


def test_a_withdrawn_paper_says_so(published, issued, office):
    services.withdraw_paper(published, actor=office.clerk, note="Cấp sai họ tên")
    verdict = services.verify(files.read(issued[1]))
    assert "Cấp sai họ tên" in verdict.reasons[0]
    assert verdict.paper["status"] == "revoked"
    assert services.find_paper(published.code).status == "revoked"


def test_a_replaced_paper_points_to_the_new_one(published, issued, office):
    other = PublicPaper.objects.get(pk=published.pk)
    other.pk, other.code = None, actions.plain_code(services.new_code())
    other.save()
    services.withdraw_paper(published, actor=office.clerk, note="Cải chính", replaced_by=other)
    assert services.find_paper(published.code).replaced_by == other


def test_a_stored_file_is_checked_once_an_hour(issued, django_assert_max_num_queries):
    first = services.verify_stored(issued[1])
    assert Verification.objects.count() == 1
    with django_assert_max_num_queries(12):
        assert services.verify_stored(issued[1]).verdict == first.verdict
    assert Verification.objects.count() == 1
