"""The layout rules that a draft breaks, each by name (NĐ 30/2020/NĐ-CP, Phụ lục I; D23). What the system itself prints
cannot be wrong; these are about what people type and about PDFs that they bring."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import pikepdf
import pypdfium2
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import html as lxml_html  # type: ignore[import-untyped]

from core import files, pdf
from core.gate import PDF
from core.search import fold
from documents import layout, pdf_text
from documents.choices import AttachmentRole, Circulation, RecipientPurpose, Source
from documents.models import Document
from org import services as org
from org.choices import Role

MM: Final = pdf_text.POINTS_PER_MM
A4: Final = (210 * MM, 297 * MM)
SHORT: Final = 250  # signs of a subject; the decree says «một câu ngắn gọn hoặc một cụm từ»
# Letters that old fonts of TCVN 5712 (.VnTime) leave behind where Unicode was expected; none of them is Vietnamese.
_OLD: Final = "\u00ae\u00b5\u00b8\u00b9\u00b6\u00b7\u00bb\u00be\u00bc\u00bd\u00c6\u00c7\u00cb\u00ce\u00cf\u00d1\u00d6\u00d7\u00d8\u00dc\u00de\u00df"
LEGACY: Final = re.compile(rf"[{_OLD}](?=[a-z{_OLD}])|(?<=[a-z])[{_OLD}]")
NUMBER_TYPED: Final = re.compile(r"^\s*Số\s*:\s*[\d…._]*\s*/", re.MULTILINE | re.IGNORECASE)
SHORT_DAY: Final = re.compile(
    r"\bngày\s+[1-9]\s+tháng\b|\bngày\s+\d{1,2}\s+tháng\s+[12]\s+năm\b", re.IGNORECASE
)
ARTICLE: Final = re.compile(r"^\s*Điều\s+(\d+)\b")
PART: Final = re.compile(r"^\s*([IVXL]+)\.\s")
ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50}


@dataclass(frozen=True)
class Finding:
    """One broken rule. `words` say what is wrong and what to do."""

    code: str
    words: Any
    source: str
    is_error: bool


@dataclass(frozen=True)
class Paragraph:
    text: str
    is_italic: bool
    is_bold_start: bool


@dataclass
class Draft:
    """What the rules look at. Built once; no rule asks the database by itself."""

    document: Document
    typed: bool
    title: str
    body: str
    to: list[Any] = field(default_factory=list)
    copies: list[Any] = field(default_factory=list)
    appendices: list[Any] = field(default_factory=list)
    signers: list[str] = field(default_factory=list)
    pdf: bytes = b""

    @cached_property
    def paragraphs(self) -> list[Paragraph]:
        return list(_paragraphs(self.body))

    @cached_property
    def text(self) -> str:
        return "\n".join(one.text for one in self.paragraphs)

    @property
    def form(self) -> layout.Layout:
        return layout.layout_of(self.document.type.code)

    @property
    def lines(self) -> list[Any]:
        return [*self.to, *self.copies]

    @cached_property
    def pages(self) -> list[pdf_text.Page]:
        try:
            return pdf_text.pages_of(self.pdf) if self.pdf else []
        except pypdfium2.PdfiumError:
            return []

    @cached_property
    def pdf_words(self) -> str:
        """Folded words of the whole PDF, so that line breaks and marks do not matter."""
        return fold(" ".join(page.text for page in self.pages))

    @cached_property
    def fonts(self) -> dict[str, bool]:
        try:
            return pdf_text.fonts_of(self.pdf) if self.pdf else {}
        except pikepdf.PdfError:
            return {}


@dataclass(frozen=True)
class Rule:
    """`broken` answers whether the draft breaks it. `on`: typed, pdf or both."""

    code: str
    words: Any
    source: str
    broken: Callable[[Draft], bool]
    is_error: bool = True
    on: str = "both"


def check(document: Document) -> list[Finding]:
    """Broken rules in the order of the table, errors and warnings."""
    draft = read(document)
    return [
        Finding(rule.code, rule.words, rule.source, rule.is_error)
        for rule in RULES
        if rule.on in ("both", "typed" if draft.typed else "pdf") and rule.broken(draft)
    ]


def read(document: Document) -> Draft:
    lines = list(document.recipients.select_related("unit", "group").order_by("ordinal", "id"))
    attached = list(document.attachments.select_related("stored"))
    main = next((one for one in attached if one.role == AttachmentRole.MAIN), None)
    leaders = org.people_to_tell(Role.LEADER, document.agency_id)
    return Draft(
        document=document,
        typed=document.source == Source.TYPED,
        title=document.title,
        body=document.body_html,
        to=[one for one in lines if one.purpose == RecipientPurpose.TO],
        copies=[one for one in lines if one.purpose == RecipientPurpose.COPY],
        appendices=[one for one in attached if one.role == AttachmentRole.APPENDIX],
        signers=list(leaders.values_list("full_name", flat=True)),
        pdf=files.read(main.stored) if main is not None else b"",
    )


def has_words(body: str) -> bool:
    return any(one.text.strip(" ….\n") for one in _paragraphs(body))


# --- what the rules ask ---------------------------------------------------------------------------------------


def _paragraphs(body: str) -> Iterator[Paragraph]:
    if not body.strip():
        return
    for node in lxml_html.fragment_fromstring(body, create_parent="div").iter(
        "p", "h2", "h3", "li", "td", "th"
    ):
        text = " ".join(node.text_content().split())
        if text:
            inside = [one for one in node.iter("i", "em")]
            slanted = sum(len("".join(one.itertext()).strip()) for one in inside) >= len(text) * 0.8
            bold = node.tag in ("h2", "h3") or (
                not (node.text or "").strip() and len(node) > 0 and node[0].tag in ("b", "strong")
            )
            yield Paragraph(text, slanted, bold)


def _grounds(draft: Draft) -> list[Paragraph]:
    return [one for one in draft.paragraphs if re.match(r"(Căn cứ|Theo đề nghị|Xét đề nghị)\b", one.text)]


def _grounds_ends(draft: Draft) -> bool:
    found = _grounds(draft)
    return bool(found) and (
        any(not one.text.endswith(";") for one in found[:-1]) or not found[-1].text.endswith(".")
    )


def _articles(draft: Draft) -> list[tuple[int, Paragraph]]:
    return [(int(hit[1]), one) for one in draft.paragraphs if (hit := ARTICLE.match(one.text))]


def _parts(draft: Draft) -> list[int]:
    return [_roman(hit[1]) for one in draft.paragraphs if (hit := PART.match(one.text))]


def _roman(text: str) -> int:
    values = [ROMAN[sign] for sign in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _out_of_step(numbers: list[int]) -> bool:
    return bool(numbers) and numbers != list(range(1, len(numbers) + 1))


def _type_words(draft: Draft) -> str:
    return fold(re.sub(r"\s*\(.*\)$", "", draft.document.type.name))


def _repeats_type(draft: Draft) -> bool:
    title = fold(draft.title)
    return (
        title.startswith(("v v ", "ve viec "))
        if draft.form.is_letter
        else title.startswith(_type_words(draft) + " ")
    )


def _ended(draft: Draft) -> bool:
    today = timezone.localdate()
    return any(one.unit and one.unit.valid_to and one.unit.valid_to <= today for one in draft.lines)


def _leaves_agency(draft: Draft) -> bool:
    if draft.document.circulation != Circulation.INTERNAL:
        return False
    return any(one.unit is None or one.unit.agency_id != draft.document.agency_id for one in draft.lines)


def _late_reply(draft: Draft) -> bool:
    return draft.document.reply_by is not None and draft.document.reply_by < timezone.localdate()


def _mentions_appendix(draft: Draft) -> bool:
    words = fold(draft.text) if draft.typed else draft.pdf_words
    return any(word in words for word in ("phu luc", "kem theo", "gui kem"))


def _left(page: pdf_text.Page) -> float:
    return min((one.left for one in page.letters if not one.sign.isspace()), default=page.width)


def _margins(draft: Draft) -> bool:
    """Left 30–35, right 15–20, top and bottom 20–25 mm; measured by the ink, so a little more is let through."""
    for page in draft.pages:
        inked = [one for one in page.letters if not one.sign.isspace() and one.right > one.left]
        if not inked:
            continue
        left, right = min(one.left for one in inked), page.width - max(one.right for one in inked)
        low, high = min(one.bottom for one in inked), page.height - max(one.top for one in inked)
        if left < 27 * MM or left > 40 * MM or right < 12 * MM or low < 14 * MM or high < 8 * MM:
            return True
    return False


def _is_a4(page: pdf_text.Page) -> bool:
    sides = sorted((page.width, page.height))
    return all(abs(one - wanted) < 3 * MM for one, wanted in zip(sides, A4, strict=True))


def _is_times(name: str) -> bool:
    plain = fold(name).replace(" ", "")
    return plain.startswith(("timesnewroman", "tinos", "times")) or plain.startswith(("symbol", "wingdings"))


def _lacks(*words: str) -> Callable[[Draft], bool]:
    return lambda draft: bool(draft.pages) and not any(fold(one) in draft.pdf_words for one in words)


def _has_text(draft: Draft) -> bool:
    return len(draft.pdf_words) > 40


def _numbered(draft: Draft) -> bool:
    return bool(draft.pages and re.search(r"Số\s*:\s*\d+\s*/", draft.pages[0].text))


def _on_text(rule: Callable[[Draft], bool]) -> Callable[[Draft], bool]:
    """A scan without words breaks one rule, not all of them."""
    return lambda draft: _has_text(draft) and rule(draft)


def _no_signer_name(draft: Draft) -> bool:
    return not any(fold(name) in draft.pdf_words for name in draft.signers)


# fmt: off
RULES: Final[tuple[Rule, ...]] = (
    # --- subject, number, who is named ---
    Rule("title_missing", gettext_lazy("Thiếu trích yếu nội dung."), "PL I.II.5", lambda d: not d.title.strip()),
    Rule("title_long", gettext_lazy("Trích yếu dài quá 250 ký tự; trích yếu là một câu ngắn gọn hoặc một cụm từ."), "PL I.II.5", lambda d: len(d.title) > SHORT, is_error=False),
    Rule("title_repeats_type", gettext_lazy("Trích yếu nhắc lại tên loại hoặc «V/v»: hệ thống đã in phần đó."), "PL I.II.5", _repeats_type, is_error=False),
    Rule("signs_not_printable", gettext_lazy("Có ký tự không in được trên giấy (biểu tượng cảm xúc, ký hiệu lạ): xóa đi."), "PL I.I", lambda d: d.typed and pdf.has_unprintable(f"{d.title}\n{d.text}")),
    Rule("title_capitals", gettext_lazy("Trích yếu viết toàn chữ in hoa; trích yếu viết chữ in thường."), "PL I.II.5", lambda d: len(d.title) > 8 and d.title.isupper()),
    Rule("agency_without_symbol", gettext_lazy("Cơ quan ban hành chưa có chữ viết tắt nên chưa lập được ký hiệu."), "PL I.II.3", lambda d: not d.document.agency.symbol and not d.document.for_organ),
    Rule("notation_spaces", gettext_lazy("Ký hiệu có dấu cách hoặc thiếu dấu «/», «-»."), "PL I.II.3", lambda d: not re.fullmatch(r"\{n\}/[^\s/]+", d.document.notation)),
    Rule("letter_without_unit", gettext_lazy("Công văn chưa có chữ viết tắt của đơn vị soạn trong ký hiệu."), "PL I.II.3", lambda d: d.form.is_letter and "-" not in d.document.notation, is_error=False),
    Rule("no_signer", gettext_lazy("Cơ quan chưa có người được giao ký: chưa lập được phần chức vụ, họ tên người ký."), "PL I.II.7", lambda d: not d.signers),
    Rule("to_missing", gettext_lazy("Thiếu «Kính gửi»: loại văn bản này phải ghi nơi nhận để thực hiện, giải quyết."), "PL I.II.9a", lambda d: d.form.needs_to and not d.to),
    Rule("to_not_used", gettext_lazy("Loại văn bản này không ghi «Kính gửi»: chuyển sang «Nơi nhận»."), "PL I.II.9a", lambda d: not d.form.addresses and bool(d.to), is_error=False),
    Rule("copies_missing", gettext_lazy("«Nơi nhận» chỉ có chỗ lưu: văn bản không gửi cho ai."), "PL I.II.9b", lambda d: not d.lines, is_error=False),
    Rule("recipient_ended", gettext_lazy("Có nơi nhận đã kết thúc hoạt động. Chọn đơn vị kế thừa."), "PL I.II.9", _ended),
    Rule("internal_goes_out", gettext_lazy("Lưu hành nội bộ nhưng có nơi nhận ngoài cơ quan."), "PL I.II.10", _leaves_agency),
    Rule("reply_by_past", gettext_lazy("Hạn trả lời đã qua."), "Điều 10", _late_reply),
    # --- appendices ---
    Rule("appendix_unmentioned", gettext_lazy("Có phụ lục kèm theo nhưng nội dung không nhắc tới."), "PL I.III.1", lambda d: bool(d.appendices) and not _mentions_appendix(d), is_error=False),
    Rule("appendix_promised", gettext_lazy("Nội dung nhắc «Phụ lục» hoặc «kèm theo Phụ lục» nhưng chưa có tệp phụ lục."), "PL I.III.1", lambda d: not d.appendices and "phu luc kem theo" in fold(d.text), is_error=False),
    Rule("appendix_not_pdf", gettext_lazy("Phụ lục không phải tệp PDF nên không ký số của cơ quan lên được. Chuyển sang PDF hoặc để là tài liệu tham khảo."), "PL I.II.8b", lambda d: any(one.stored.media_type != PDF for one in d.appendices)),
    # --- the typed text ---
    Rule("body_missing", gettext_lazy("Thiếu nội dung văn bản."), "PL I.II.6", lambda d: not has_words(d.body), on="typed"),
    Rule("body_unfinished", gettext_lazy("Nội dung còn chỗ «…» chưa điền."), "PL I.II.6", lambda d: has_words(d.body) and bool(re.search(r"(^|\s)…", d.text)), on="typed"),
    Rule("legacy_letters", gettext_lazy("Có chữ của bảng mã cũ (TCVN3, VNI); văn bản dùng Unicode theo TCVN 6909:2001."), "PL I.I.2", lambda d: bool(LEGACY.search(f"{d.title} {d.text}")), on="typed"),
    Rule("motto_typed", gettext_lazy("Nội dung nhắc lại Quốc hiệu, Tiêu ngữ: hệ thống đã in ở đầu trang."), "PL I.II.1", lambda d: "doc lap tu do hanh phuc" in fold(d.text), on="typed"),
    Rule("number_typed", gettext_lazy("Nội dung gõ sẵn «Số: …/…»: số do hệ thống cấp khi ký."), "PL I.II.3", lambda d: bool(NUMBER_TYPED.search(d.text)), on="typed"),
    Rule("recipients_typed", gettext_lazy("Nội dung gõ sẵn «Nơi nhận:»: chọn nơi nhận ở danh sách để hệ thống in và gửi."), "PL I.II.9b", lambda d: any(re.match(r"Nơi nhận\s*:", one.text) for one in d.paragraphs), on="typed"),
    Rule("to_typed", gettext_lazy("Nội dung gõ sẵn «Kính gửi:»: chọn ở danh sách nơi nhận."), "PL I.II.9a", lambda d: any(re.match(r"Kính gửi\s*:", one.text) for one in d.paragraphs), on="typed"),
    Rule("signer_typed", gettext_lazy("Nội dung gõ sẵn quyền hạn, chức vụ người ký (TM., KT., TL., TUQ.): hệ thống in theo người ký."), "PL I.II.7", lambda d: any(re.match(r"(TM|KT|TL|TUQ|Q)\. [A-ZĐÂĂÊÔƠƯÁÀẢÃẠỦỊỨỰ ]+$", one.text) for one in d.paragraphs), on="typed"),
    Rule("grounds_missing", gettext_lazy("Thiếu căn cứ ban hành («Căn cứ …») ở đầu nội dung."), "PL I.II.6", lambda d: d.form.grounds and has_words(d.body) and not _grounds(d), is_error=False, on="typed"),
    Rule("grounds_upright", gettext_lazy("Căn cứ ban hành phải in nghiêng."), "PL I.II.6", lambda d: d.form.grounds and any(not one.is_italic for one in _grounds(d)), on="typed"),
    Rule("grounds_ends", gettext_lazy("Sau mỗi căn cứ có dấu «;», căn cứ cuối cùng kết thúc bằng dấu «.»."), "PL I.II.6", lambda d: d.form.grounds and _grounds_ends(d), on="typed"),
    Rule("articles_out_of_step", gettext_lazy("Số của các Điều không liên tục từ Điều 1."), "PL I.II.6", lambda d: _out_of_step([number for number, _one in _articles(d)]), on="typed"),
    Rule("article_not_bold", gettext_lazy("Từ «Điều», số thứ tự và tiêu đề của điều phải in đậm."), "PL I.II.6", lambda d: any(not one.is_bold_start for _number, one in _articles(d)), is_error=False, on="typed"),
    Rule("parts_out_of_step", gettext_lazy("Số La Mã của các phần, mục không liên tục từ I."), "PL I.II.6", lambda d: _out_of_step(_parts(d)), on="typed"),
    Rule("short_day", gettext_lazy("Ngày dưới 10 và tháng 1, 2 phải thêm số 0 ở trước (ngày 05 tháng 01)."), "PL I.II.4b", lambda d: bool(SHORT_DAY.search(f"{d.title}\n{d.text}")), is_error=False),
    # --- a PDF that was brought ---
    Rule("pdf_missing", gettext_lazy("Chưa có tệp PDF của văn bản chính, hoặc không đọc được tệp."), "PL I.I", lambda d: not d.pages, on="pdf"),
    Rule("pdf_scan", gettext_lazy("PDF là ảnh quét, không có chữ: không kiểm tra và không đóng số, ngày lên được. Xuất PDF từ phần mềm soạn thảo."), "PL I.I", lambda d: bool(d.pages) and not _has_text(d), on="pdf"),
    Rule("pdf_not_a4", gettext_lazy("Khổ giấy không phải A4 (210 mm × 297 mm)."), "PL I.I.1", lambda d: any(not _is_a4(page) for page in d.pages), on="pdf"),
    Rule("pdf_font", gettext_lazy("Phông chữ không phải Times New Roman."), "PL I.I.3", lambda d: any(not _is_times(name) for name in d.fonts), on="pdf"),
    Rule("pdf_font_outside", gettext_lazy("Phông chữ không nhúng trong tệp: máy khác có thể hiện sai chữ."), "PL I.I.3", lambda d: any(not inside for inside in d.fonts.values()), on="pdf"),
    Rule("pdf_margins", gettext_lazy("Lề trang sai: trên, dưới 20–25 mm, trái 30–35 mm, phải 15–20 mm."), "PL I.I.3", _margins, is_error=False, on="pdf"),
    Rule("pdf_nation", gettext_lazy("Thiếu Quốc hiệu «CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM»."), "PL I.II.1", _on_text(_lacks("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")), on="pdf"),
    Rule("pdf_motto", gettext_lazy("Thiếu Tiêu ngữ «Độc lập - Tự do - Hạnh phúc»."), "PL I.II.1", _on_text(_lacks("Độc lập - Tự do - Hạnh phúc")), on="pdf"),
    Rule("pdf_agency", gettext_lazy("Không thấy tên cơ quan ban hành."), "PL I.II.2", _on_text(lambda d: not _names_agency(d)), on="pdf"),
    Rule("pdf_number_place", gettext_lazy("Không thấy chỗ ghi số «Số: …/…» ở trang đầu."), "PL I.II.3", _on_text(lambda d: not re.search(r"Số\s*:", d.pages[0].text)), on="pdf"),
    Rule("pdf_numbered", gettext_lazy("Số đã gõ sẵn trong tệp: để trống, hệ thống đóng số khi ký."), "PL I.II.3", _numbered, on="pdf"),
    Rule("pdf_date_place", gettext_lazy("Không thấy chỗ ghi «địa danh, ngày … tháng … năm …» ở trang đầu."), "PL I.II.4", _on_text(lambda d: not re.search(r"ngày[\s\d.…_]*tháng[\s\d.…_]*năm", d.pages[0].text)), on="pdf"),
    Rule("pdf_type", gettext_lazy("Không thấy tên loại văn bản."), "PL I.II.5", _on_text(lambda d: not d.form.is_letter and _type_words(d) not in d.pdf_words), on="pdf"),
    Rule("pdf_subject", gettext_lazy("Trích yếu đã nhập không có trong tệp."), "PL I.II.5", _on_text(lambda d: fold(d.title) not in d.pdf_words), is_error=False, on="pdf"),
    Rule("pdf_recipients", gettext_lazy("Thiếu «Nơi nhận:»."), "PL I.II.9b", _on_text(_lacks("Nơi nhận")), on="pdf"),
    Rule("pdf_signer", gettext_lazy("Không thấy họ tên của lãnh đạo nào có thẩm quyền ký ở phần cuối."), "PL I.II.7", _on_text(_no_signer_name), on="pdf"),
)
# fmt: on


def _names_agency(draft: Draft) -> bool:
    """Long names are shortened at the head of a paper («UBND phường …»): the last words decide."""
    wanted = fold(draft.document.agency.name.replace("thành phố Hải Phòng", ""))
    return wanted in draft.pdf_words or wanted.replace("uy ban nhan dan", "ubnd") in draft.pdf_words


def words_of(findings: list[Finding]) -> str:
    """For a screen reader and the trail: «2 lỗi, 1 cảnh báo»."""
    errors = sum(one.is_error for one in findings)
    return _("%(errors)s lỗi, %(warnings)s cảnh báo") % {"errors": errors, "warnings": len(findings) - errors}
