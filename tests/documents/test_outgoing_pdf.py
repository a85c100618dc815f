"""A PDF as the text itself, appendices signed one by one, certified copies, DOCX into the editor."""

import io
import zipfile
from datetime import date
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import files, pdf
from core.errors import RuleError
from core.models import StoredFile
from documents import docx_text, form_check, pdf_text, secrecy, stamping
from documents.actions import approvals, copies, drafts
from documents.choices import AttachmentRole, DocumentStatus
from documents.models import CertifiedCopy, Document
from signing import services as signing
from tests.documents import outgoing_world as out
from tests.documents.conftest import PIN

HOME = "/lam-viec/van-ban/"
S = DocumentStatus
CSS = (
    "@page{size:A4;margin:22mm 18mm 22mm 32mm}.t{display:grid;grid-template-columns:1fr 1fr}p{text-align:left}"
    ".d{font-style:italic}.s{margin-top:30mm}"
)
LETTER = """<html lang="vi"><head><title>x</title></head><body><div class="t">
<p>ỦY BAN NHÂN DÂN<br>PHƯỜNG A</p><p>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</p>
<p>Số:          /UBND-VP</p><p class="d">Hải Phòng, ngày      tháng      năm 2026</p></div>
<p>V/v phối hợp kiểm tra an toàn thực phẩm</p><p>Kính gửi: Sở Thử Nghiệm thành phố Hải Phòng</p><p>Đề nghị quý cơ quan phối hợp.</p>
<div class="t"><p>Nơi nhận:<br>- Như trên;<br>- Lưu: VT, VP.</p><div><p>PHÓ CHỦ TỊCH</p><p class="s">Đặng Thu Phương</p></div></div></body></html>"""


def paper(html: str = LETTER, css: str = CSS) -> bytes:
    return pdf.render_html(html, profile=None, css=css).data


def upload(data: bytes, name: str = "cong-van.pdf", kind: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, kind)


def brought(where: Any, *to: Any, data: bytes | None = None) -> Document:
    document = out.begun(where, *to, body="")
    drafts.attach(
        document.pk,
        actor=out.fresh(where.case_officer),
        upload=upload(data or paper()),
        role=AttachmentRole.MAIN,
    )
    document.refresh_from_db()
    return document


class TestStamping:
    def stamped(self, data: bytes, signer: str = "Đặng Thu Phương") -> stamping.Stamped:
        return stamping.stamped(data, number="05/UBND-VP", day=date(2026, 1, 5), signer=signer)

    def test_number_day_and_the_place_above_the_name(self) -> None:
        made = self.stamped(paper())
        page = pdf_text.pages_of(made.data)[0]
        text = " ".join(page.text.split())
        assert "05/UBND-VP" in text and "ngày 05 tháng 01 năm 2026" in text
        number = page.box(page.text.index("05/UBND-VP"), page.text.index("05/UBND-VP") + 10)
        anchor = page.box(page.text.index("Số:"), page.text.index("Số:") + 3)
        assert number and anchor and abs(number[1] - anchor[1]) < 4 and number[0] > anchor[2]
        name = page.box(page.text.index("Đặng Thu Phương"), page.text.index("Đặng Thu Phương") + 15)
        assert name and made.signature_box[0] == 0 and name[3] < made.signature_box[2] < name[3] + 12
        assert made.seal_box[1] < made.signature_box[1] < made.seal_box[3]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (("Số:", "So"), "chỗ đóng số"),
            (("Số:          /UBND-VP", "Số: 12/UBND-VP"), "gõ sẵn số"),
            (("ngày      tháng      năm 2026", "2026"), "chỗ đóng ngày"),
            (("Đặng Thu Phương", "Ai Đó"), "Đặng Thu Phương"),
        ],
    )
    def test_a_place_that_is_missing_is_named(self, change: tuple[str, str], why: str) -> None:
        with pytest.raises(RuleError, match=why):
            self.stamped(paper(LETTER.replace(*change)))

    def test_never_after_a_signature(self, keys: Any, work: Any) -> None:
        signed = self.signed(keys, work)
        with pytest.raises(RuleError, match="đã có chữ ký số"):
            self.stamped(files.read(signed))
        document = out.begun(keys.a, keys.b.agency)
        with pytest.raises(RuleError, match="đã có chữ ký số"):
            drafts.attach(
                document.pk,
                actor=out.fresh(keys.a.case_officer),
                upload=upload(files.read(signed)),
                role=AttachmentRole.MAIN,
            )

    def signed(self, keys: Any, work: Any) -> Any:
        """The whole way of an uploaded text, with an appendix of its own file."""
        document = brought(keys.a, keys.b.agency)
        appendix = paper(
            "<html lang='vi'><head><title>x</title></head><body><p>Phụ lục kèm theo</p></body></html>"
        )
        actor = out.fresh(keys.a.case_officer)
        drafts.attach(
            document.pk, actor=actor, upload=upload(appendix, "phu-luc.pdf"), role=AttachmentRole.APPENDIX
        )
        document.refresh_from_db()
        out.checked(keys.a, document, {"appendix_unmentioned": "Nhắc trong công văn trước"})
        work(out.sign, keys.a, document)
        work(out.seal, keys.a, document)
        document.refresh_from_db()
        assert document.status == S.ISSUED and document.current_file is not None
        verdict = signing.verify_stored(document.current_file)
        assert verdict.verdict == "valid" and len(verdict.signatures) == 2
        assert "01/UBND-VP" in pdf_text.first_page(document.current_file)
        beside = document.attachments.get(role=AttachmentRole.APPENDIX)
        assert beside.signed is not None and signing.verify_stored(beside.signed).verdict == "valid"
        assert not Document.objects.filter(status=S.SEALING).exists()
        return document.current_file


def test_the_appendix_bears_number_and_time_at_the_top_right(keys: Any, work: Any) -> None:
    document = out.begun(keys.a, keys.b.agency, body=out.BODY.replace("Trân trọng", "Gửi kèm theo danh sách"))
    appendix = paper("<html lang='vi'><head><title>x</title></head><body><p>Danh sách</p></body></html>")
    actor = out.fresh(keys.a.case_officer)
    made = drafts.attach(
        document.pk, actor=actor, upload=upload(appendix, "ds.pdf"), role=AttachmentRole.APPENDIX
    )
    document.refresh_from_db()
    out.checked(keys.a, document)
    work(out.sign, keys.a, document)
    out.seal(keys.a, document)
    made.refresh_from_db()
    request = made.signature_request
    assert request is not None and request.box is not None
    (line,) = request.appearance["lines"]
    assert (
        line.startswith("01/UBND-VP; 20") and line.endswith("+07:00") and request.appearance["image"] is False
    )
    assert request.box[3] > 500 and request.box[4] > 780


def test_an_appendix_that_fails_lets_the_document_wait_for_its_seal(keys: Any, work: Any) -> None:
    document = out.begun(keys.a, keys.b.agency, body=out.BODY.replace("Trân trọng", "Gửi kèm theo danh sách"))
    actor = out.fresh(keys.a.case_officer)
    page = "<html lang='vi'><head><title>x</title></head><body><p>Danh sách</p></body></html>"
    made = drafts.attach(
        document.pk, actor=actor, upload=upload(paper(page), "ds.pdf"), role=AttachmentRole.APPENDIX
    )
    document.refresh_from_db()
    out.checked(keys.a, document)
    work(out.sign, keys.a, document)
    out.seal(keys.a, document)
    made.refresh_from_db()
    assert made.signature_request_id is not None
    signing.cancel(made.signature_request_id, "Máy chủ ký số từ chối.")
    document.refresh_from_db()
    assert document.status == S.SIGNED and document.number_printed == "01/UBND-VP"


class TestUploads:
    def test_a_secret_dragged_in(self, world: Any, client: Any) -> None:
        document = out.begun(world.a, world.b.agency)
        secret = paper(
            "<html lang='vi'><head><title>x</title></head><body><p>TỐI MẬT</p><p>Nội dung</p></body></html>"
        )
        client.force_login(world.a.case_officer)
        answer = client.post(
            f"{HOME}di/{document.pk}/tep/", {"role": "appendix", "file": upload(secret)}, follow=True
        )
        assert "Tối mật".upper() in answer.content.decode().upper() and not document.attachments.exists()
        with pytest.raises(secrecy.SecretRefused):
            copies.take_scan(upload(secret))

    def test_a_name_with_slashes_marks_and_300_characters(self, world: Any) -> None:
        document = out.begun(world.a, world.b.agency)
        name = "../../a\u202etxt.fdp" + "x" * 300 + ".pdf"
        made = drafts.attach(
            document.pk,
            actor=out.fresh(world.a.case_officer),
            upload=upload(paper(), name),
            role=AttachmentRole.APPENDIX,
        )
        assert len(made.name) <= 120 and not {"/", "\u202e"} & set(made.name)

    def test_a_file_taken_away_is_a_version_too(self, world: Any) -> None:
        document = brought(world.a, world.b.agency)
        assert (document.revision, document.source) == (2, "uploaded")
        made = document.attachments.get()
        drafts.detach(document.pk, actor=out.fresh(world.a.case_officer), attachment_id=made.pk)
        document.refresh_from_db()
        assert (document.revision, document.source) == (3, "typed")
        assert document.versions.get(number=2).files[0]["name"] == "cong-van.pdf"
        with pytest.raises(RuleError, match="chưa có nội dung"):
            approvals.propose(document.pk, actor=out.fresh(world.a.case_officer), revision=3)


class TestCopies:
    def make(self, keys: Any, source: Any, kind: str = "SY", **more: Any) -> CertifiedCopy:
        from documents import actions

        clerk = out.fresh(keys.a.clerk)
        given = actions.authorise(actions.agency_key(keys.a.ubnd), PIN, actor=clerk)
        return copies.make(
            actor=clerk, agency=keys.a.ubnd, kind=kind, source=source, authorisation=given, **more
        )

    def test_one_series_for_all_kinds_signed_without_a_picture(self, keys: Any, work: Any) -> None:
        scan = copies.take_scan(upload(paper(), "ban-quet.pdf"))
        first = work(self.make, keys, scan)
        second = work(
            self.make,
            keys,
            files.store_bytes(paper(LETTER.replace("/UBND", "/X")), "application/pdf", pages=1),
            "TrS",
        )
        assert (first.number_printed, second.number_printed) == ("01/SY-UBND", "02/TrS-UBND")
        first.refresh_from_db()
        assert first.file is not None and signing.verify_stored(first.file).verdict == "valid"
        look = first.signature_request.appearance
        assert (
            look["image"] is False
            and look["lines"][0] == "SAO Y số 01/SY-UBND"
            and "+07:00" in look["lines"][1]
        )

    def test_no_certified_copy_of_an_electronic_original(self, keys: Any, work: Any) -> None:
        scan = copies.take_scan(upload(paper()))
        made = work(self.make, keys, scan)
        made.refresh_from_db()
        with pytest.raises(RuleError, match="chuyển tiếp chính bản gốc"):
            self.make(keys, made.file)

    def test_the_clerk_makes_one_in_the_browser_and_others_see_none(
        self, keys: Any, client: Any, work: Any
    ) -> None:
        client.force_login(keys.a.clerk)
        assert client.get(f"{HOME}ban-sao/lap/").status_code == 200
        wrong = client.post(f"{HOME}ban-sao/lap/", {"kind": "SY", "scan": upload(paper()), "pin": "000000"})
        assert wrong.status_code == 200 and not CertifiedCopy.objects.exists()
        work(client.post, f"{HOME}ban-sao/lap/", {"kind": "SY", "scan": upload(paper()), "pin": PIN})
        made = CertifiedCopy.objects.get()
        assert "01/SY-UBND" in client.get(f"{HOME}ban-sao/").content.decode()
        assert client.get(f"{HOME}ban-sao/{made.pk}/").status_code == 200
        client.force_login(keys.b.clerk)
        assert client.get(f"{HOME}ban-sao/{made.pk}/").status_code == 404
        client.force_login(keys.a.case_officer)
        assert client.get(f"{HOME}ban-sao/lap/").status_code == 302


# --- DOCX -----------------------------------------------------------------------------------------------------

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
WORDS = (
    f"<w:document {W}><w:body><w:p><w:r><w:t>Độc lập - Tự do - Hạnh phúc</w:t></w:r></w:p>"
    "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Điều 1.</w:t></w:r><w:r><w:t xml:space='preserve'> Thành lập &lt;Tổ&gt;</w:t></w:r></w:p>"
    "<w:p><w:r><w:rPr><w:i/></w:rPr><w:t>Căn cứ</w:t></w:r></w:p>"
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Ô 1</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"
)


def docx(xml: str) -> bytes:
    out_ = io.BytesIO()
    with zipfile.ZipFile(out_, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", xml)
    return out_.getvalue()


@pytest.mark.django_db
class TestDocx:
    def test_paragraphs_dress_and_tables(self) -> None:
        assert docx_text.body_html(docx(WORDS)) == (
            "<p><b>Điều 1.</b> Thành lập &lt;Tổ&gt;</p><p><i>Căn cứ</i></p><table><tbody><tr><td>Ô 1</td></tr></tbody></table>"
        )

    def test_a_secret_in_a_word_file_is_seen(self) -> None:
        upload = SimpleUploadedFile("giay.docx", docx(WORDS.replace("Căn cứ", "TUYỆT MẬT")))
        with pytest.raises(secrecy.SecretRefused):
            secrecy.refuse_secret_upload(upload)
        assert not StoredFile.objects.exists()

    def test_entities_are_not_read(self) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + WORDS.replace("Căn cứ", "&a;")
        with pytest.raises(RuleError):
            docx_text.body_html(docx(bomb))

    def test_no_docx_at_all(self) -> None:
        with pytest.raises(RuleError):
            docx_text.body_html(b"PK nothing")


def test_a_pdf_is_checked_by_the_rules(world: Any) -> None:
    document = brought(world.a, world.b.agency)
    assert [one.code for one in form_check.check(document) if one.is_error] == []


def test_pictures_only(world: Any) -> None:
    blank = pikepdf.new()
    blank.add_blank_page(page_size=(595, 842))
    made = io.BytesIO()
    blank.save(made)
    found = {one.code for one in form_check.check(brought(world.a, world.b.agency, data=made.getvalue()))}
    assert "pdf_scan" in found and not {"pdf_nation", "pdf_signer"} & found
