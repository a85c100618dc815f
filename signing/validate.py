"""The verdict on a PDF: every signature, what it covers, what came after it, who vouches for it, and when.

A document is valid only if all its signatures are and the last one covers the file (domain/signing.md §0.4, §1.4).
Input is hostile: each signature is judged on its own, and whatever a broken one raises counts against it.
No database here; `signing/checking.py` adds what we know of our own papers.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Any

import structlog
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from django.utils import timezone
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate, AdESSubIndic
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.generic_cms import (
    cms_basic_validation,
    extract_tst_data_iter,
    message_imprint_checker,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import ModificationInfo, SignatureCoverageLevel

from signing import chain
from signing.choices import VerdictKind
from signing.revocation import Evidence
from signing.trust import Anchors
from signing.verdict import SignatureReport, Verdict, moment_text, worst

log = structlog.get_logger()

MAX_BYTES = 100 * 1024 * 1024
MAX_SIGNATURES = 60
MAX_EVIDENCE = 200
SUBFILTERS = {"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"}
TIME_SUBFILTER = "/ETSI.RFC3161"


@dataclass(frozen=True)
class Setting:
    """What one run of a check holds fixed."""

    anchors: Anchors
    now: datetime
    online: bool
    evidence: Evidence
    certificates: tuple[asn1_x509.Certificate, ...]  # found in the file's security store
    has_store: bool


def judge(data: bytes, anchors: Anchors, *, online: bool = True, now: datetime | None = None) -> Verdict:
    """Judge the bytes alone. Never raises on bad input; time and memory are the caller's to limit."""
    verdict = _judged(data, anchors, online=online, now=now or chain.now())
    verdict.sha256 = hashlib.sha256(data).hexdigest()
    verdict.checked_at = moment_text(timezone.now()) or ""
    return verdict


def _judged(data: bytes, anchors: Anchors, *, online: bool, now: datetime) -> Verdict:
    if len(data) > MAX_BYTES:
        return Verdict(VerdictKind.UNKNOWN, reasons=[_("Tệp quá lớn để kiểm tra.")])
    carries_traces = b"/ByteRange" in data
    if not data.startswith(b"%PDF-"):
        if carries_traces:
            return Verdict(
                VerdictKind.INVALID, reasons=[_("Có dữ liệu lạ trước phần đầu của tệp PDF đã ký.")]
            )
        return Verdict(VerdictKind.NONE, reasons=[_("Tệp không phải là PDF.")])
    try:
        reader = _opened(data)
        found = list(enumerate_sig_fields(reader, filled_status=True))
    except Exception as error:  # hostile input: whatever the parser raises
        return _unreadable(error, carries_traces)
    if not found:
        return _unsigned(carries_traces)
    if len(found) > MAX_SIGNATURES:
        return Verdict(VerdictKind.UNKNOWN, reasons=[_("Tệp có quá nhiều chữ ký để kiểm tra.")])
    setting = _setting(reader, anchors, now=now, online=online)
    return _summed_up(_Signatures(data, reader, found, setting).reports())


def _opened(data: bytes) -> PdfFileReader:
    reader = PdfFileReader(BytesIO(data))
    if reader.encrypted:
        reader.decrypt(b"")  # owner-only protection opens with the empty password
    reader.root  # noqa: B018  # read the catalogue now, so that damage shows here
    return reader


def _unreadable(error: Exception, carries_traces: bool) -> Verdict:
    log.info("pdf_unreadable", error=type(error).__name__)
    if carries_traces:
        return Verdict(
            VerdictKind.INVALID, reasons=[_("Tệp có chữ ký số nhưng đã hỏng hoặc bị sửa, không đọc được.")]
        )
    return Verdict(VerdictKind.NONE, reasons=[_("Không đọc được tệp PDF: tệp hỏng hoặc có mật khẩu.")])


def _unsigned(carries_traces: bool) -> Verdict:
    if carries_traces:
        return Verdict(
            VerdictKind.INVALID, reasons=[_("Chữ ký số đã bị gỡ khỏi văn bản; chỉ còn dấu vết trong tệp.")]
        )
    return Verdict(VerdictKind.NONE, reasons=[_("Tệp không có chữ ký số.")])


def _setting(reader: PdfFileReader, anchors: Anchors, *, now: datetime, online: bool) -> Setting:
    try:
        store = reader.root["/DSS"]
    except KeyError:
        return Setting(anchors, now, online, Evidence(), (), has_store=False)
    evidence = Evidence(
        ocsps=_streams(store, "/OCSPs", DecodePurpose.OCSP_RESPONSE),
        crls=_streams(store, "/CRLs", DecodePurpose.CRL),
    )
    certificates = tuple(
        asn1_x509.Certificate.load(one) for one in _streams(store, "/Certs", DecodePurpose.CERTIFICATE)
    )
    return Setting(
        anchors, now, online, evidence, certificates, has_store=bool(evidence.ocsps or evidence.crls)
    )


def _streams(store: Any, name: str, purpose: DecodePurpose) -> tuple[bytes, ...]:
    """The bytes of one list of the document security store; a broken list is as good as none."""
    try:
        return tuple(one.get_object().read_data(purpose) for one in islice(store[name], MAX_EVIDENCE))
    except KeyError:
        return ()
    except Exception as error:  # hostile input
        log.info("dss_unreadable", error=type(error).__name__)
        return ()


def _summed_up(reports: list[SignatureReport]) -> Verdict:
    verdict = Verdict(worst(report.verdict for report in reports), signatures=reports)
    if not any(report.kind == "signature" for report in reports) and verdict.is_valid:
        verdict.verdict = VerdictKind.NONE
        verdict.reasons.append(_("Tệp chỉ có dấu thời gian, không có chữ ký của người hay cơ quan nào."))
    for report in reports:
        if report.verdict != VerdictKind.VALID:
            name = report.signer or report.field
            verdict.reasons += [f"{name}: {reason}" for reason in report.reasons[:2]]
    if verdict.is_valid:
        verdict.reasons.append(
            _("Văn bản toàn vẹn kể từ khi ký; mọi chữ ký đều của chứng thư còn được tin cậy.")
        )
    return verdict


class _Signatures:
    """The filled fields of one file, judged from the last to the first: later timestamps prove earlier times."""

    def __init__(self, data: bytes, reader: PdfFileReader, found: list[Any], setting: Setting) -> None:
        self.data = data
        self.setting = setting
        self.broken: list[SignatureReport] = []
        self.embedded: list[EmbeddedPdfSignature] = []
        for name, _value, sig_field in found:
            try:
                self.embedded.append(EmbeddedPdfSignature(reader, sig_field, str(name)))
            except Exception as error:  # hostile input
                self.broken.append(_broken(str(name), error))
        self.embedded.sort(key=lambda one: one.signed_revision)

    def reports(self) -> list[SignatureReport]:
        proven_at = self.setting.now
        made: list[SignatureReport] = []
        stamped_later = False
        for position, one in reversed(list(enumerate(self.embedded))):
            is_last = position == len(self.embedded) - 1
            report = SignatureReport(field=one.fq_name)
            try:
                if one.sig_object_type == "/DocTimeStamp":
                    report.kind = "timestamp"
                    proven_at = self._document_timestamp(one, report, proven_at)
                    stamped_later = stamped_later or report.verdict == VerdictKind.VALID
                else:
                    self._signature(one, report, proven_at, stamped_later)
                self._integrity(one, report, is_last=is_last)
            except Exception as error:  # hostile input: one bad signature must not hide the others
                report = _broken(one.fq_name, error, kind=report.kind)
            made.append(report)
        return [*self.broken, *reversed(made)]

    # --- what the bytes say ---

    def _integrity(self, one: EmbeddedPdfSignature, report: SignatureReport, *, is_last: bool) -> None:
        if not self._range_is_honest(one):
            report.intact = False
            report.invalid(_("Vùng dữ liệu được ký khai không đúng với tệp."))
            return
        one.compute_integrity_info()
        facts = one.summarise_integrity_info()
        level = ModificationInfo(
            coverage=facts["coverage"], diff_result=facts["diff_result"]
        ).modification_level
        coverage = facts["coverage"]
        report.coverage = coverage.name.lower()
        report.modification = level.name.lower() if level else "unknown"
        if coverage < SignatureCoverageLevel.ENTIRE_REVISION:
            report.invalid(_("Chữ ký không phủ hết phần văn bản mà nó thuộc về."))
        elif not facts["docmdp_ok"]:
            report.invalid(_("Nội dung hoặc chú thích đã bị thêm, sửa sau khi ký."))
        elif is_last and coverage != SignatureCoverageLevel.ENTIRE_FILE:
            self._after_the_last(report, level)

    def _after_the_last(self, report: SignatureReport, level: ModificationLevel | None) -> None:
        """Only validation data may follow the last signature, and nothing at all may follow the end of file."""
        if level == ModificationLevel.NONE:
            report.invalid(_("Có dữ liệu thừa sau phần đã ký của tệp."))
        elif level != ModificationLevel.LTA_UPDATES or not self.data.rstrip(b"\r\n").endswith(b"%%EOF"):
            report.invalid(_("Tệp đã được thêm nội dung sau chữ ký cuối cùng."))

    def _range_is_honest(self, one: EmbeddedPdfSignature) -> bool:
        """The hole holds exactly this signature's bytes, and no byte is counted twice or left out before the end."""
        numbers = [int(number) for number in one.byte_range]
        if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:
            return False
        _zero, first, second, length = numbers
        hole = self.data[first:second]
        if second + length > len(self.data) or not (hole.startswith(b"<") and hole.endswith(b">")):
            return False
        try:
            return bytes.fromhex(hole[1:-1].decode("ascii")) == one.pkcs7_content
        except ValueError:
            return False

    # --- who vouches, and when ---

    def _document_timestamp(
        self, one: EmbeddedPdfSignature, report: SignatureReport, at: datetime
    ) -> datetime:
        """The time this document timestamp proves for what lies before it; `at` when it proves nothing."""
        if one.sig_object.get("/SubFilter") != TIME_SUBFILTER:
            report.invalid(_("Dấu thời gian có định dạng không hỗ trợ."))
            return at
        report.level = "LTA"
        stamp = self._timestamp(one.signed_data, one.compute_digest, report, at)
        report.intact = report.verdict != VerdictKind.INVALID
        if stamp and report.verdict == VerdictKind.VALID:
            report.trusted = True
            return stamp
        return at

    def _signature(
        self, one: EmbeddedPdfSignature, report: SignatureReport, proven_at: datetime, stamped_later: bool
    ) -> None:
        certificate = one.signer_cert
        _describe(report, certificate)
        report.value_sha256 = hashlib.sha256(one.signer_info["signature"].native).hexdigest()
        if one.sig_object.get("/SubFilter") not in SUBFILTERS:
            report.invalid(_("Chữ ký có định dạng không hỗ trợ."))
            return
        claimed = one.self_reported_timestamp
        claimed = claimed if claimed and claimed.tzinfo else None
        stamp = self._signature_timestamp(one, report, proven_at)
        at = stamp or proven_at
        report.signed_at = moment_text(stamp or claimed)
        report.level = _level(stamp is not None, self.setting.has_store, stamped_later)
        self._cryptography(one, report, certificate, at)
        self._validity(report, certificate, at=at, stamp=stamp, claimed=claimed)

    def _cryptography(
        self,
        one: EmbeddedPdfSignature,
        report: SignatureReport,
        certificate: asn1_x509.Certificate,
        at: datetime,
    ) -> None:
        """Digest, signature value, chain and revocation, as of `at`."""
        about = self._context(
            self.setting.anchors.signing, one.other_embedded_certs, chain.within_validity(certificate, at)
        )
        facts = chain.waited(
            cms_basic_validation(
                one.signed_data,
                raw_digest=one.compute_digest(),
                validation_context=about,
                key_usage_settings=chain.MAY_SIGN,
            )
        )
        report.intact = bool(facts["intact"])
        if not facts["intact"]:
            report.invalid(_("Nội dung văn bản đã bị thay đổi sau khi ký."))
        elif not facts["valid"]:
            report.invalid(_("Giá trị chữ ký không khớp với chứng thư."))
        elif facts["trust_problem_indic"] is not None or facts["validation_path"] is None:
            _chain_problem(report, facts["trust_problem_indic"])
        else:
            report.trusted = True
            self._revocation(report, facts["validation_path"], at, stamped=at != self.setting.now)

    def _revocation(self, report: SignatureReport, path: Any, at: datetime, *, stamped: bool) -> None:
        asked = 0
        for certificate, answer in chain.standings(
            path, moment=at, evidence=self.setting.evidence, online=self.setting.online
        ):
            asked += 1
            name = chain.name_of(certificate)
            if answer is None:
                report.trusted = False
                report.unknown(
                    _("Chưa kiểm tra được tình trạng thu hồi của chứng thư «%(name)s».") % {"name": name}
                )
            elif answer.revoked_at and answer.revoked_at <= at:
                report.trusted = False
                report.invalid(
                    _("Chứng thư «%(name)s» đã bị thu hồi ngày %(day)s.")
                    % {"name": name, "day": _day(answer.revoked_at)}
                )
            elif answer.revoked_at:
                report.note(
                    _("Chứng thư «%(name)s» bị thu hồi ngày %(day)s, sau khi đã ký.")
                    % {"name": name, "day": _day(answer.revoked_at)}
                )
        if not asked:
            report.note(_("Chứng thư không công bố nơi kiểm tra thu hồi."))

    def _validity(
        self,
        report: SignatureReport,
        certificate: asn1_x509.Certificate,
        *,
        at: datetime,
        stamp: datetime | None,
        claimed: datetime | None,
    ) -> None:
        """Expired or not yet valid at signing: invalid. Expired since then without a timestamp: unproven."""
        first, last = certificate.not_valid_before, certificate.not_valid_after
        if first <= at <= last:
            return
        report.trusted = False
        if at < first:
            report.invalid(_("Ký khi chứng thư chưa có hiệu lực (từ ngày %(day)s).") % {"day": _day(first)})
        elif stamp or claimed is None or not first <= claimed <= last:
            report.invalid(_("Ký khi chứng thư đã hết hạn ngày %(day)s.") % {"day": _day(last)})
        else:
            report.unknown(
                _("Chứng thư hết hạn ngày %(day)s và không có dấu thời gian chứng minh đã ký trước đó.")
                % {"day": _day(last)}
            )

    def _signature_timestamp(
        self, one: EmbeddedPdfSignature, report: SignatureReport, at: datetime
    ) -> datetime | None:
        """The time proven by the token in the signature; None when there is none or it convinces nobody."""
        for token in extract_tst_data_iter(one.signer_info, signed=False):
            return self._timestamp(token, message_imprint_checker(one.signer_info), report, at)
        report.note(_("Không có dấu thời gian; thời điểm ký do người ký tự khai."))
        return None

    def _timestamp(
        self, token: cms.SignedData, imprint: Any, report: SignatureReport, at: datetime
    ) -> datetime | None:
        about = self._context(self.setting.anchors.timestamp, _certificates(token), at)
        facts = chain.waited(validate_tst_signed_data(token, about, imprint))
        stamp: datetime = facts["timestamp"]
        report.timestamp = moment_text(stamp)
        if not (facts["intact"] and facts["valid"]):
            report.invalid(_("Dấu thời gian không thuộc về chữ ký này hoặc đã bị sửa."))
            return None
        if facts["trust_problem_indic"] is not None or facts["validation_path"] is None:
            report.unknown(_("Dấu thời gian của tổ chức chưa được tin cậy hoặc đã hết hạn."))
            return None
        if stamp > self.setting.now + chain.revocation.SKEW:
            report.invalid(_("Dấu thời gian ở tương lai."))
            return None
        return stamp if self._authority_stands(report, facts["validation_path"], at) else None

    def _authority_stands(self, report: SignatureReport, path: Any, at: datetime) -> bool:
        stands = True
        for certificate, answer in chain.standings(
            path, moment=at, evidence=self.setting.evidence, online=self.setting.online
        ):
            name = chain.name_of(certificate)
            if answer is None:
                report.unknown(_("Chưa kiểm tra được tình trạng thu hồi của «%(name)s».") % {"name": name})
            elif answer.revoked_at and answer.revoked_at <= at:
                report.invalid(
                    _("Chứng thư của tổ chức cấp dấu thời gian «%(name)s» đã bị thu hồi.") % {"name": name}
                )
                stands = False
        return stands

    def _context(self, roots: Iterable[bytes], others: Iterable[asn1_x509.Certificate], at: datetime) -> Any:
        return chain.context(roots, [*others, *self.setting.certificates], at)


def _describe(report: SignatureReport, certificate: asn1_x509.Certificate) -> None:
    subject = certificate.subject.native
    report.signer = _text(subject.get("common_name")) or certificate.subject.human_friendly
    report.organization = _text(subject.get("organization_name"))
    report.issuer = _text(certificate.issuer.native.get("common_name")) or certificate.issuer.human_friendly
    report.serial = f"{certificate.serial_number:x}"


def _text(value: Any) -> str:
    """A name part may be repeated; then it comes as a list."""
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value or "")


def _certificates(signed_data: cms.SignedData) -> list[asn1_x509.Certificate]:
    return [choice.chosen for choice in signed_data["certificates"] if choice.name == "certificate"]


def _chain_problem(report: SignatureReport, problem: AdESSubIndic | None) -> None:
    if problem == chain.STRANGER:
        report.unknown(
            _("Chứng thư do tổ chức chưa được tin cậy cấp: «%(issuer)s».") % {"issuer": report.issuer}
        )
    elif problem == chain.WRONG_USE:
        report.invalid(_("Chứng thư không được phép dùng để ký văn bản."))
    elif problem in {
        AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE,
        AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
    }:
        report.invalid(_("Chữ ký dùng thuật toán đã yếu, không còn được chấp nhận."))
    else:
        report.invalid(_("Chuỗi chứng thư không hợp lệ."))


def _level(stamped: bool, has_store: bool, stamped_later: bool) -> str:
    if not stamped:
        return "B-B"
    if not has_store:
        return "B-T"
    return "B-LTA" if stamped_later else "B-LT"


def _broken(name: str, error: Exception, kind: str = "signature") -> SignatureReport:
    log.info("signature_unreadable", error=type(error).__name__)
    report = SignatureReport(field=name, kind=kind)
    report.invalid(_("Chữ ký hỏng hoặc bị sửa, không đọc được."))
    return report


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y}"


__all__ = ["MAX_BYTES", "judge"]
