"""Every wrong draft is told which rule it breaks (Phụ lục I of NĐ 30/2020/NĐ-CP); a right one is told nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core import files
from core.errors import RuleError
from documents import form_check
from documents.actions import approvals, drafts
from documents.choices import AttachmentRole, RecipientPurpose
from documents.models import Attachment, Document
from org.models import RoleGrant
from tests.documents import outgoing_world as out
from tests.documents.test_outgoing_pdf import CSS, LETTER, brought, paper

GOOD = out.BODY
BAD_TYPED = [
    # the broken rule, type, title, body
    ("title_long", "CV", "về việc " + "rất dài " * 40, GOOD),
    ("title_repeats_type", "CV", "V/v phối hợp kiểm tra", GOOD),
    ("title_repeats_type", "QĐ", "Quyết định thành lập Tổ công tác", out.DECISION),
    ("title_capitals", "CV", "PHỐI HỢP KIỂM TRA", GOOD),
    ("body_missing", "CV", "phối hợp", "<p>…</p>"),
    ("body_unfinished", "CV", "phối hợp", "<p>Đề nghị … phối hợp.</p>"),
    ("legacy_letters", "CV", "phối hợp", "<p>Céng hßa x· héi chñ nghÜa ViÖt Nam ®Ò nghÞ</p>"),
    ("motto_typed", "CV", "phối hợp", "<p>Độc lập - Tự do - Hạnh phúc</p><p>Đề nghị</p>"),
    ("number_typed", "CV", "phối hợp", "<p>Số: 12/UBND-VP</p><p>Đề nghị</p>"),
    ("recipients_typed", "CV", "phối hợp", "<p>Đề nghị</p><p>Nơi nhận: như trên</p>"),
    ("to_typed", "CV", "phối hợp", "<p>Kính gửi: Sở Tài chính</p><p>Đề nghị</p>"),
    ("signer_typed", "CV", "phối hợp", "<p>Đề nghị</p><p>KT. CHỦ TỊCH</p>"),
    ("grounds_missing", "QĐ", "Về việc thành lập Tổ", "<p><b>Điều 1.</b> Thành lập Tổ.</p>"),
    ("grounds_upright", "QĐ", "Về việc thành lập Tổ", out.DECISION.replace("<i>", "").replace("</i>", "")),
    ("grounds_ends", "QĐ", "Về việc thành lập Tổ", out.DECISION.replace("phương;", "phương.")),
    ("articles_out_of_step", "QĐ", "Về việc thành lập Tổ", out.DECISION.replace("Điều 2.", "Điều 3.")),
    ("article_not_bold", "QĐ", "Về việc thành lập Tổ", out.DECISION.replace("<b>Điều 2.</b>", "Điều 2.")),
    ("parts_out_of_step", "KH", "Về công tác năm 2026", "<h3>I. Mục tiêu</h3><p>A.</p><h3>III. Giải pháp</h3><p>B.</p>"),
    ("to_not_used", "QĐ", "Về việc thành lập Tổ", out.DECISION),
    ("short_day", "CV", "phối hợp", "<p>Gửi trước ngày 5 tháng 11 năm 2026.</p>"),
    ("short_day", "CV", "phối hợp", "<p>Gửi trước ngày 15 tháng 1 năm 2026.</p>"),
    ("appendix_promised", "CV", "phối hợp", "<p>Theo Phụ lục kèm theo Công văn này.</p>"),
]  # fmt: skip


def codes(document: Document) -> set[str]:
    document.refresh_from_db()
    return {one.code for one in form_check.check(document)}


@pytest.mark.parametrize(("code", "kind", "title", "body"), BAD_TYPED)
def test_a_wrong_text_breaks_the_rule_by_name(
    world: Any, code: str, kind: str, title: str, body: str
) -> None:
    assert code in codes(out.begun(world.a, world.b.agency, code=kind, title=title, body=body))


@pytest.mark.parametrize(
    ("kind", "body"), [("CV", GOOD), ("QĐ", out.DECISION), ("KH", "<h3>I. Mục tiêu</h3><p>A.</p>")]
)
def test_a_right_one_breaks_none(world: Any, kind: str, body: str) -> None:
    purpose = RecipientPurpose.COPY if kind == "QĐ" else RecipientPurpose.TO
    lines = [drafts.Line(purpose, unit=world.b.agency.pk)]
    title = "công tác hoàn thành, thuê khoán của huyện"
    made = out.begun(world.a, code=kind, title=title, body=body, lines=lines)
    assert codes(made) == set()


class TestWhoIsNamed:
    def test_a_letter_to_nobody(self, world: Any) -> None:
        assert {"to_missing", "copies_missing"} <= codes(out.begun(world.a))

    def test_somebody_dissolved_after_he_was_named(self, world: Any) -> None:
        document = out.begun(world.a, world.b.agency)
        type(world.b.agency).objects.filter(pk=world.b.agency.pk).update(valid_to=timezone.localdate())
        assert "recipient_ended" in codes(document)

    def test_internal_but_sent_out(self, world: Any) -> None:
        document = out.begun(world.a, world.b.agency)
        Document.objects.filter(pk=document.pk).update(circulation="internal")
        assert "internal_goes_out" in codes(document)

    def test_an_answer_asked_for_yesterday(self, world: Any) -> None:
        late = timezone.localdate() - timedelta(days=1)
        assert "reply_by_past" in codes(out.begun(world.a, world.b.agency, reply_by=late))

    def test_nobody_who_may_sign(self, world: Any) -> None:
        RoleGrant.objects.filter(role="leader", organization=world.a.ubnd).delete()
        assert "no_signer" in codes(out.begun(world.a, world.b.agency))

    def test_an_agency_without_symbol_and_a_letter_without_a_unit(self, world: Any) -> None:
        type(world.a.ubnd).objects.filter(pk=world.a.ubnd.pk).update(symbol="")
        assert "agency_without_symbol" in codes(out.begun(world.a, world.b.agency))
        type(world.a.ubnd).objects.filter(pk=world.a.ubnd.pk).update(symbol="UBND")
        type(world.a.office).objects.filter(pk=world.a.office.pk).update(symbol="")
        assert "letter_without_unit" in codes(out.begun(world.a, world.b.agency))


class TestAppendices:
    def with_one(self, world: Any, media_type: str = "application/pdf") -> Document:
        document = out.begun(world.a, world.b.agency)
        stored = files.store_bytes(media_type.encode(), media_type)
        Attachment.objects.create(
            document=document,
            stored=stored,
            name="x",
            role=AttachmentRole.APPENDIX,
            added_by=world.a.case_officer,
        )
        return document

    def test_one_that_the_text_forgets_and_one_that_cannot_be_signed(self, world: Any) -> None:
        assert "appendix_unmentioned" in codes(self.with_one(world))
        found = codes(
            self.with_one(world, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )
        assert "appendix_not_pdf" in found


BAD_PDF = [
    ("pdf_nation", ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "X")),
    ("pdf_motto", ("Độc lập - Tự do - Hạnh phúc", "X")),
    ("pdf_agency", ("ỦY BAN NHÂN DÂN<br>PHƯỜNG A", "X")),
    ("pdf_number_place", ("Số:          /UBND-VP", "X")),
    ("pdf_numbered", ("Số:          /UBND-VP", "Số: 12/UBND-VP")),
    ("pdf_date_place", ("ngày      tháng      năm 2026", "X")),
    ("pdf_subject", ("an toàn thực phẩm", "việc khác")),
    ("pdf_recipients", ("Nơi nhận:", "X")),
    ("pdf_signer", ("Đặng Thu Phương", "X")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "change"), BAD_PDF)
def test_a_wrong_pdf_breaks_the_rule_by_name(world: Any, code: str, change: tuple[str, str]) -> None:
    assert code in codes(brought(world.a, world.b.agency, data=paper(LETTER.replace(*change))))


def test_paper_margins_and_letters_of_a_pdf(world: Any) -> None:
    wrong = CSS.replace("size:A4;margin:22mm 18mm 22mm 32mm", "size:A5;margin:5mm")
    found = codes(brought(world.a, world.b.agency, data=paper(css=wrong)))
    assert {"pdf_not_a4", "pdf_margins"} <= found


def test_another_font_is_named(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_check.pdf_text, "fonts_of", lambda data: {"Arial-BoldMT": False})
    assert {"pdf_font", "pdf_font_outside"} <= codes(brought(world.a, world.b.agency))


def test_the_right_name_of_a_type_stands_in_the_pdf(world: Any) -> None:
    document = out.begun(world.a, world.b.agency, code="TB", body="")
    upload = SimpleUploadedFile("a.pdf", paper(), "application/pdf")
    drafts.attach(document.pk, actor=out.fresh(world.a.case_officer), upload=upload, role=AttachmentRole.MAIN)
    assert "pdf_type" in codes(document)


class TestTheClerk:
    def lying_there(self, world: Any, **more: Any) -> Document:
        document = out.begun(world.a, world.b.agency, **more)
        approvals.propose(document.pk, actor=out.fresh(world.a.case_officer), revision=1)
        approvals.initial(document.pk, actor=out.fresh(world.a.unit_head), revision=1)
        return document

    def test_an_error_stops_it_whatever_the_reason(self, world: Any) -> None:
        document = self.lying_there(world, body="<p>Đề nghị</p><p>Kính gửi: Sở A</p>")
        with pytest.raises(RuleError, match="Kính gửi"):
            approvals.pass_form(
                document.pk, actor=out.fresh(world.a.clerk), revision=1, reasons={"to_typed": "thôi"}
            )

    def test_a_warning_is_passed_over_with_a_reason_that_stays(self, world: Any, client: Any) -> None:
        document = self.lying_there(world, body="<p>Gửi trước ngày 5 tháng 11 năm 2026.</p>")
        there = f"/lam-viec/van-ban/di/{document.pk}/buoc/pass_form/"
        client.force_login(world.a.clerk)
        assert "Nêu lý do bỏ qua" in client.post(there, {"ban": "1"}).content.decode()
        client.post(there, {"ban": "1", "ly-do-short_day": "Trích nguyên văn"})
        document.refresh_from_db()
        assert document.status == "submitted"
        assert document.approvals.get(kind="form").passed_over[0]["reason"] == "Trích nguyên văn"


def test_each_rule_has_words_a_source_and_a_name_of_its_own() -> None:
    names = [rule.code for rule in form_check.RULES]
    assert len(names) == len(set(names)) >= 40
    assert all(str(rule.words).endswith(".") and rule.source for rule in form_check.RULES)


def test_several_recipients_stand_below_one_another(world: Any) -> None:
    from documents import pdf_text, rendering

    lines = [
        drafts.Line(RecipientPurpose.TO, unit=world.b.agency.pk),
        drafts.Line(RecipientPurpose.TO, text="Hội Nông dân"),
    ]
    document = drafts.begin(actor=out.fresh(world.a.case_officer), words=out.words(code="TTr", lines=lines))
    text = pdf_text.pages_of(rendering.render_document(document).data)[0].text
    assert (
        "TỜ TRÌNH" in text
        and "- Hội Nông dân." in text
        and f"{world.b.agency.name};" in " ".join(text.split())
    )
