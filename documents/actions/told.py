"""Who is told when an official document moves on. Inside the transaction of the act; results of cases have their own."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from documents.choices import DocumentKind, Urgency
from documents.models import Document, Opinion
from notices import services as notices
from org import services as org
from org.choices import Role

PAGE = "/lam-viec/van-ban/di/{}/"
SIGNING, SEALING = "/lam-viec/van-ban/trinh-ky/?xem={}", "/lam-viec/van-ban/dong-dau/?xem={}"


def tell(
    people: Iterable[Any], document: Document, title: str, text: str, *, but: Any = None, url: str = ""
) -> None:
    """A line in the inbox for each, once, and a mail when it is urgent; not for who has just acted."""
    mark = f"{Urgency(document.urgency).label}: " if document.urgency else ""
    say = notices.tell if document.urgency > Urgency.NORMAL else notices.tell_inbox
    for person in {one.pk: one for one in people}.values():
        if but is None or person.pk != but.pk:
            say(
                recipient=person,
                kind="documents.outgoing",
                title=f"{mark}{title}"[:200],
                text=text,
                url=url or PAGE.format(document.pk),
                subject=document,
            )


def proposed(document: Document, actor: Any) -> None:
    words = _("%(who)s trình dự thảo «%(title)s», bản thứ %(n)s.") % _words(document, actor)
    tell(org.heads_of(document.unit_id), document, _("Dự thảo chờ ký nháy"), words, but=actor)


def initialled(document: Document, actor: Any) -> None:
    words = _("%(who)s đã ký nháy «%(title)s», bản thứ %(n)s.") % _words(document, actor)
    clerks = org.people_to_tell(Role.CLERK, document.agency_id)
    tell(clerks, document, _("Dự thảo chờ kiểm tra thể thức"), words, but=actor)


def checked(document: Document, actor: Any) -> None:
    words = _("%(who)s đã kiểm tra thể thức «%(title)s», bản thứ %(n)s.") % _words(document, actor)
    leaders = org.people_to_tell(Role.LEADER, document.agency_id)
    tell(leaders, document, _("Văn bản chờ ký"), words, but=actor, url=SIGNING.format(document.pk))


def sent_back(document: Document, actor: Any, note: str) -> None:
    words = _("%(who)s trả lại «%(title)s»: %(note)s") % {**_words(document, actor), "note": note}
    tell([document.drafter], document, _("Dự thảo được trả lại"), words, but=actor)


def signed(document: Document) -> None:
    if document.kind != DocumentKind.OFFICIAL:
        return
    words = _("«%(title)s» đã ký, số %(number)s. Kiểm tra chữ ký rồi đóng dấu trong ngày.") % {
        "title": document.title,
        "number": document.number_printed,
    }
    clerks = org.people_to_tell(Role.CLERK, document.agency_id)
    tell(clerks, document, _("Văn bản chờ đóng dấu"), words, url=SEALING.format(document.pk))


def not_signed(document: Document, reason: str) -> None:
    if document.kind == DocumentKind.OFFICIAL and document.signer is not None:
        words = _("Chưa ký được «%(title)s»: %(reason)s Số đã cấp được hủy, có lưu lý do.") % {
            "title": document.title,
            "reason": reason,
        }
        tell([document.signer], document, _("Ký số không thành"), words, url=SIGNING.format(document.pk))


def issued(document: Document) -> None:
    words = _("%(number)s «%(title)s» đã phát hành.") % {
        "number": document.number_printed,
        "title": document.title,
    }
    tell([document.drafter], document, _("Văn bản đã phát hành"), words)


def asked(opinion: Opinion, actor: Any) -> None:
    document = opinion.document
    words = _("%(who)s xin ý kiến về dự thảo «%(title)s».") % _words(document, actor)
    people = [*org.heads_of(opinion.unit_id), *org.people_to_tell(Role.UNIT_HEAD, opinion.unit_id)]
    tell(people, document, _("Đề nghị cho ý kiến"), words, but=actor)


def answered(opinion: Opinion, actor: Any) -> None:
    words = _("%(unit)s: %(verdict)s về «%(title)s».") % {
        "unit": opinion.unit.name,
        "verdict": opinion.get_verdict_display(),
        "title": opinion.document.title,
    }
    tell([opinion.document.drafter], opinion.document, _("Có ý kiến phối hợp"), words, but=actor)


def _words(document: Document, actor: Any) -> dict[str, Any]:
    return {"who": actor.full_name, "title": document.title, "n": document.revision}
