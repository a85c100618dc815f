"""The verdict: what is good is valid, and nothing on the list of domain/signing §1.4 ever is."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from core import files, pdf
from signing import demo_pki, services, trust, validate
from signing.choices import VerdictKind as V
from signing.models import TrustAnchor
from tests.authority import in_place
from tests.signing import craft
from tests.signing.conftest import days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo_root(db: None) -> None:
    demo_pki.register_anchor()


@pytest.fixture(scope="module")
def paper() -> bytes:
    return pdf.render_html(
        "<html lang='vi'><title>Giấy</title><body><h1>GIẤY KHAI SINH</h1></body></html>"
    ).data


def said(data: bytes, **kwargs: Any) -> Any:
    return services.verify(data, **kwargs)


def reasons(verdict: Any) -> str:
    return " ".join([*verdict.reasons, *(reason for one in verdict.signatures for reason in one.reasons)])


def test_two_signatures_stand(issued, office):
    verdict = said(files.read(issued[1]))
    assert verdict.verdict == V.VALID
    personal, sealed = verdict.signatures
    assert (personal.signer, sealed.signer) == ("Nguyễn Văn Ký", office.ubnd.name)
    assert (personal.coverage, personal.modification) == ("entire_revision", "form_filling")
    assert (sealed.coverage, sealed.modification) == ("entire_file", "none")
    assert {one.level for one in verdict.signatures} == {"B-T"}
    assert all(one.intact and one.trusted and one.timestamp for one in verdict.signatures)


def test_without_a_timestamp_the_level_says_so(paper):
    verdict = said(craft.signed(paper, craft.demo_signer(), stamped=False))
    assert verdict.verdict == V.VALID
    assert verdict.signatures[0].level == "B-B"
    assert "tự khai" in reasons(verdict)


class TestChanged:
    def test_one_byte_in_the_first_revision(self, issued):
        data = bytearray(files.read(issued[1]))
        data[data.index(b"stream") + 40] ^= 1
        verdict = said(bytes(data))
        assert verdict.verdict == V.INVALID
        assert [one.intact for one in verdict.signatures] == [False, False]

    def test_one_digit_in_the_signature(self, issued):
        data = bytearray(files.read(issued[1]))
        place = data.index(b"/Contents <") + 400
        data[place] = ord("0") if data[place] != ord("0") else ord("1")
        verdict = said(bytes(data))
        assert verdict.verdict == V.INVALID
        assert len(verdict.signatures) == 2

    def test_text_added(self, issued):
        verdict = said(craft.with_text(files.read(issued[1])))
        assert verdict.verdict == V.INVALID
        assert "sau khi ký" in reasons(verdict)

    def test_annotation_added(self, issued):
        assert said(craft.with_annotation(files.read(issued[1]))).verdict == V.INVALID

    def test_appearance_of_the_seal_swapped(self, issued):
        other = pdf.render_html("<html lang='vi'><title>x</title><body>KHÁC</body></html>").data
        verdict = said(craft.with_other_appearance(files.read(issued[1]), "DauCoQuan", other))
        assert verdict.verdict == V.INVALID

    def test_text_added_between_two_signatures(self, paper):
        first = craft.signed(paper, craft.demo_signer("Người một"), field="A")
        both = craft.signed(craft.with_text(first), craft.demo_signer("Người hai"), field="B")
        verdict = said(both)
        assert verdict.verdict == V.INVALID
        assert [one.verdict for one in verdict.signatures] == [V.INVALID, V.VALID]

    @pytest.mark.parametrize("tail", [b"x", b"\n%%EOF\n", b"\0" * 500, b"%PDF-1.7 cai khac"])
    def test_bytes_after_the_end(self, issued, tail):
        verdict = said(files.read(issued[1]) + tail)
        assert verdict.verdict == V.INVALID
        assert "thừa" in reasons(verdict) or "đọc" in reasons(verdict) or "thêm nội dung" in reasons(verdict)

    def test_bytes_before_the_beginning(self, issued):
        assert said(b"MZ" + files.read(issued[1])).verdict == V.INVALID

    def test_cut_off(self, issued):
        data = files.read(issued[1])
        assert said(data[: len(data) - 400]).verdict == V.INVALID

    def test_form_removed(self, issued):
        verdict = said(craft.without_form(files.read(issued[1])))
        assert verdict.verdict == V.INVALID

    def test_range_that_leaves_bytes_out(self, paper):
        """The hole in the byte range is wider than the signature: what stands in it is nobody's."""
        data = craft.signed(paper, craft.demo_signer(), stamped=False)
        start = data.index(b"/ByteRange") + len("/ByteRange ")
        end = data.index(b"]", start) + 1
        zero, first, second, length = (int(number) for number in data[start + 1 : end - 1].split())
        forged = b"[%d %d %d %d]" % (zero, first, second + 10, length - 10)
        changed = data[:start] + forged.ljust(end - start) + data[end:]
        verdict = said(changed)
        assert verdict.verdict == V.INVALID


class TestCertificates:
    def test_unknown_authority(self, paper):
        signer, _root = craft.stranger()
        verdict = said(craft.signed(paper, signer, stamped=False))
        assert verdict.verdict == V.UNKNOWN
        assert "chưa được tin cậy" in reasons(verdict)
        assert verdict.signatures[0].intact

    def test_unknown_authority_beside_a_good_signature(self, issued):
        signer, _root = craft.stranger()
        assert (
            said(craft.signed(files.read(issued[1]), signer, field="La", stamped=False)).verdict == V.UNKNOWN
        )

    def test_an_authority_that_only_borrows_the_name(self, paper):
        name = trust.x509.Certificate.load(demo_pki.authority("issuing").der).subject.native["common_name"]
        signer, _root = craft.stranger(name)
        signer.chain.append(demo_pki.authority("issuing").der)
        assert said(craft.signed(paper, signer, stamped=False)).verdict in {V.UNKNOWN, V.INVALID}

    def test_trusted_when_the_root_is_given(self, paper):
        signer, root = craft.stranger()
        pem = root.public_bytes(serialization.Encoding.PEM).decode()
        verdict = said(craft.signed(paper, signer, stamped=False), trust_pems=[pem])
        assert verdict.verdict == V.VALID
        assert "không công bố nơi kiểm tra thu hồi" in reasons(verdict)

    def test_only_the_given_root_counts(self, issued):
        _signer, root = craft.stranger()
        pem = root.public_bytes(serialization.Encoding.PEM).decode()
        assert said(files.read(issued[1]), trust_pems=[pem]).verdict == V.UNKNOWN

    @pytest.mark.parametrize("stamped", [True, False])
    def test_signed_after_expiry(self, paper, stamped):
        now = datetime.now(UTC)
        signer = craft.demo_signer(not_before=now - days(400), not_after=now - days(40))
        verdict = said(craft.signed(paper, signer, stamped=stamped))
        assert verdict.verdict == V.INVALID
        assert "hết hạn" in reasons(verdict)

    def test_a_claimed_time_before_expiry_proves_nothing(self, paper):
        now = datetime.now(UTC)
        signer = craft.demo_signer(not_before=now - days(400), not_after=now - days(40))
        verdict = said(craft.signed(paper, signer, stamped=False, at=now - days(100)))
        assert verdict.verdict == V.UNKNOWN

    def test_signed_before_the_certificate_is_valid(self, paper):
        now = datetime.now(UTC)
        signer = craft.demo_signer(not_before=now + days(5), not_after=now + days(40))
        assert said(craft.signed(paper, signer)).verdict == V.INVALID

    @pytest.mark.parametrize("stamped", [True, False])
    def test_revoked_before_signing(self, paper, stamped):
        signer = craft.demo_signer()
        demo_pki.revoke(signer.certificate, at=datetime.now(UTC) - days(1))
        verdict = said(craft.signed(paper, signer, stamped=stamped))
        assert verdict.verdict == V.INVALID
        assert "thu hồi" in reasons(verdict)

    def test_revoked_after_a_stamped_signature(self, paper):
        """The timestamp proves that it was signed while the certificate stood (ETSI EN 319 102-1, past validation)."""
        signer = craft.demo_signer()
        data = craft.signed(paper, signer)
        demo_pki.revoke(signer.certificate, at=datetime.now(UTC) + days(0.001), reason="superseded")
        verdict = said(data)
        assert verdict.verdict == V.VALID
        assert "sau khi đã ký" in reasons(verdict)

    def test_revoked_after_a_signature_without_timestamp(self, paper):
        signer = craft.demo_signer()
        data = craft.signed(paper, signer, stamped=False)
        demo_pki.revoke(signer.certificate)
        assert said(data).verdict == V.INVALID

    def test_revocation_not_to_be_learned(self, paper, settings, tmp_path):
        data = craft.signed(paper, craft.demo_signer())
        settings.PKI_DIR = tmp_path
        verdict = said(data, online=False)
        assert verdict.verdict == V.UNKNOWN
        assert "Chưa kiểm tra được tình trạng thu hồi" in reasons(verdict)

    def test_the_list_on_disk_is_enough_offline(self, paper):
        assert said(craft.signed(paper, craft.demo_signer()), online=False).verdict == V.VALID

    def test_not_for_signing(self, paper):
        signer = craft.demo_signer(usage=("key_encipherment",))
        verdict = said(craft.signed(paper, signer))
        assert verdict.verdict == V.INVALID
        assert "không được phép dùng để ký" in reasons(verdict)

    def test_the_demo_root_is_refused_outside_debug(self, paper, settings):
        data = craft.signed(paper, craft.demo_signer())
        pem = demo_pki.authority("root").pem
        settings.DEBUG = False
        assert said(data).verdict == V.UNKNOWN
        assert said(data, trust_pems=[pem]).verdict == V.UNKNOWN

    def test_a_timestamp_by_a_stranger_is_not_believed(self, paper):
        data = craft.signed(paper, craft.demo_signer())
        TrustAnchor.objects.update(purpose="signing")
        assert said(data).verdict == V.UNKNOWN

    def test_a_timestamp_taken_from_another_signature(self, paper, monkeypatch):
        foreign = craft.gateways.timestamp(bytes(32))
        monkeypatch.setattr(craft.gateways, "timestamp", lambda digest: foreign)
        verdict = said(craft.signed(paper, craft.demo_signer()))
        assert verdict.verdict == V.INVALID


@pytest.fixture(scope="module")
def lta(pki_place: Any) -> bytes:
    with in_place(pki_place):
        return by_pyhanko(craft.demo_signer("Người ký lâu dài"), lta=True)


class TestLongTerm:
    """Files made by pyHanko itself, up to B-LTA, with our authority's OCSP, lists and timestamps."""

    def test_b_lta(self, lta):
        verdict = said(lta)
        assert verdict.verdict == V.VALID, reasons(verdict)
        assert [one.kind for one in verdict.signatures] == ["signature", "timestamp"]
        assert verdict.signatures[0].level == "B-LTA"

    def test_b_lt_ends_with_validation_data(self, pki):
        verdict = said(by_pyhanko(craft.demo_signer("Người ký"), lta=False))
        assert verdict.verdict == V.VALID, reasons(verdict)
        assert verdict.signatures[0].level == "B-LT"

    def test_b_lt_with_something_after_the_validation_data(self, pki):
        assert said(by_pyhanko(craft.demo_signer("Người ký"), lta=False) + b"them").verdict == V.INVALID

    def test_the_embedded_answers_suffice_when_nobody_can_be_asked(self, lta, settings, tmp_path):
        settings.PKI_DIR = tmp_path
        verdict = said(lta, online=False)
        assert verdict.verdict != V.INVALID, reasons(verdict)
        assert verdict.signatures[0].trusted

    def test_years_later_the_signer_has_expired_and_the_timestamps_prove_it_was_earlier(self, lta):
        anchors = trust.given_anchors([demo_pki.authority("root").pem])
        verdict = validate.judge(lta, anchors, online=False, now=datetime.now(UTC) + days(1000))
        assert verdict.signatures[0].trusted
        assert verdict.verdict != V.INVALID, reasons(verdict)


def by_pyhanko(signer: craft.Signer, *, lta: bool) -> bytes:
    from asn1crypto import keys, x509
    from django.conf import settings
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.timestamps import HTTPTimeStamper
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(one) for one in signer.chain])
    der = signer.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    base = f"http://127.0.0.1:{settings.PKI_PORT}"
    root = x509.Certificate.load(demo_pki.authority("root").der)
    paper = pdf.render_html("<html lang='vi'><title>x</title><body>Giấy</body></html>").data
    out = sign_pdf(
        IncrementalPdfFileWriter(BytesIO(paper)),
        PdfSignatureMetadata(
            field_name="A",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            embed_validation_info=True,
            use_pades_lta=lta,
            validation_context=ValidationContext(
                trust_roots=[root],
                other_certs=[x509.Certificate.load(one) for one in signer.chain],
                allow_fetching=True,
                revocation_mode="require",
            ),
        ),
        signer=SimpleSigner(
            signing_cert=x509.Certificate.load(signer.der),
            signing_key=keys.PrivateKeyInfo.load(der),
            cert_registry=store,
        ),
        timestamper=HTTPTimeStamper(f"{base}/tsa"),
    )
    return bytes(out.getvalue())


class TestHostile:
    """Whatever comes in, a verdict comes out, and it is not «valid»."""

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"%PDF-",
            b"%PDF-1.7\n%%EOF",
            b"PK\x03\x04 mot tep ZIP",
            b"%PDF-1.7\nstartxref\n9999999999\n%%EOF",
            b"%PDF-1.7\n" + b"[" * 100_000,
            b"%PDF-1.7\n1 0 obj<</Type/Catalog/AcroForm 1 0 R/Fields[1 0 R]>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
        ],
        ids=range(7),
    )
    def test_no_pdf_at_all(self, data):
        assert said(data).verdict == V.NONE

    def test_an_unsigned_pdf(self, paper):
        verdict = said(paper)
        assert (verdict.verdict, verdict.signatures) == (V.NONE, [])

    def test_a_long_vietnamese_name_stays_whole(self, paper):
        name = "Trung tâm Phục vụ hành chính công phường Lê Thanh Nghị"
        assert said(craft.signed(paper, craft.demo_signer(name))).signatures[0].signer == name

    def test_every_truncation(self, issued):
        data = files.read(issued[1])
        anchors = trust.stored_anchors()
        for cut in range(1, len(data) - 1, len(data) // 25):
            assert validate.judge(data[:cut], anchors, online=False).verdict != V.VALID

    def test_many_flipped_bytes(self, issued):
        """Every byte is under a signature, but for the unused zeros after the message in the hole."""
        data = files.read(issued[1])
        anchors = trust.stored_anchors()
        for place in range(7, len(data), len(data) // 60):
            changed = bytearray(data)
            changed[place] ^= 0x15
            verdict = validate.judge(bytes(changed), anchors, online=False)
            assert verdict.verdict != V.VALID, place

    def test_a_circle_in_the_fields(self, issued):
        data = files.read(issued[1]).replace(b"/Fields", b"/Fielts")
        assert said(data).verdict != V.VALID

    def test_too_slow_is_unknown(self, issued, monkeypatch):
        import time

        from signing import guard

        monkeypatch.setattr(validate, "judge", lambda *args, **kwargs: time.sleep(30))
        monkeypatch.setattr(guard, "WALL_SECONDS", 0.3)
        monkeypatch.setattr(guard.limited, "__kwdefaults__", {"wall_seconds": 0.3})
        verdict = said(files.read(issued[1]))
        assert verdict.verdict == V.UNKNOWN
        assert "thời gian" in reasons(verdict)

    def test_too_hungry_is_unknown(self, issued, monkeypatch):
        monkeypatch.setattr(validate, "judge", lambda *args, **kwargs: bytearray(3_000_000_000))
        assert said(files.read(issued[1])).verdict == V.UNKNOWN
