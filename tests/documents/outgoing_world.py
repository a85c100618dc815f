"""Short ways through the path of an outgoing document, for tests: each step by whoever may make it."""

from types import SimpleNamespace
from typing import Any

from documents import actions
from documents.actions import approvals, drafts
from documents.choices import RecipientPurpose
from documents.models import Document
from org.models import User
from tests.documents.conftest import PIN

BODY = "<p>Thực hiện kế hoạch năm 2026, đề nghị quý cơ quan phối hợp.</p><p>Trân trọng.</p>"
DECISION = (
    "<p><i>Căn cứ Luật Tổ chức chính quyền địa phương;</i></p><p><i>Theo đề nghị của Chánh Văn phòng.</i></p>"
    "<h2>QUYẾT ĐỊNH:</h2><p><b>Điều 1.</b> Thành lập Tổ công tác.</p><p><b>Điều 2.</b> Chánh Văn phòng thi hành.</p>"
)


def fresh(user: Any) -> User:
    """As the next request would read him: powers are kept on the object."""
    return User.objects.get(pk=user.pk)


def words(
    *to: Any,
    code: str = "CV",
    title: str = "phối hợp kiểm tra an toàn thực phẩm",
    body: str = BODY,
    **more: Any,
) -> drafts.Words:
    lines = [drafts.Line(RecipientPurpose.TO, unit=one.pk) for one in to]
    return drafts.Words(**{"type_code": code, "title": title, "body_html": body, "lines": lines, **more})


def begun(where: SimpleNamespace, *to: Any, **more: Any) -> Document:
    """A draft by the officer of the commune's office."""
    return drafts.begin(actor=fresh(where.case_officer), words=words(*to, **more))


def checked(where: SimpleNamespace, document: Document, reasons: dict[str, str] | None = None) -> Document:
    """Initialled by drafter and head, passed by the clerk: it lies on the leader's table."""
    approvals.propose(document.pk, actor=fresh(where.case_officer), revision=document.revision)
    approvals.initial(document.pk, actor=fresh(where.unit_head), revision=document.revision)
    approvals.pass_form(document.pk, actor=fresh(where.clerk), revision=document.revision, reasons=reasons)
    document.refresh_from_db()
    return document


def sign(where: SimpleNamespace, document: Document, by: Any = None) -> Document:
    leader = fresh(by or where.leader)
    given = actions.authorise(actions.personal_key(leader), PIN, actor=leader)
    return actions.sign(document.pk, actor=leader, authorisation=given, revision=document.revision)


def seal(where: SimpleNamespace, document: Document) -> Document:
    clerk = fresh(where.clerk)
    key = actions.agency_key(document.agency)
    beside = [actions.authorise(key, PIN, actor=clerk) for _one in actions.appendices_to_seal(document)]
    return actions.seal(
        document.pk, actor=clerk, authorisation=actions.authorise(key, PIN, actor=clerk), beside=beside
    )
