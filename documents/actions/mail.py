"""Mails to an official mailbox become arrivals; every mail leaves a row that says what became of it."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, jobs
from core.errors import RuleError
from core.search import fold
from documents import mailbox as gateway
from documents.actions import delivery, indexing
from documents.actions.incoming import issuer_on
from documents.choices import IncomingSource, MailState
from documents.models import IncomingDocument, IncomingFile, Mailbox, MailItem
from documents.secrecy import SecretRefused, refuse_secret, refuse_secret_upload
from notices import services as notices
from notices.services import Letter
from org import crypto

LEASE: Final = timedelta(minutes=10)
EVERY: Final = timedelta(minutes=2)
LONGEST_WAIT: Final = timedelta(hours=2)


def poll(mailbox_id: int) -> int:
    """Take what is new, oldest first. A mail that fails stops no other; a dead server is asked less and less often."""
    now = timezone.now()
    if not Mailbox.objects.lease(mailbox_id, until=now + LEASE, now=now):
        return 0
    box = Mailbox.objects.select_related("agency").get(pk=mailbox_id)
    account = gateway.Account(
        box.host,
        box.port,
        box.use_tls,
        box.user_name,
        crypto.unseal(box.password_sealed) if box.password_sealed else "",
        box.folder,
        settings.MAIL_TIMEOUT_SECONDS,
    )
    taken = 0
    try:
        with gateway.opened(account) as opened:
            _counted_anew(box, opened.uid_validity)
            for envelope in opened.newer_than(box.last_uid):
                _take(box, opened, envelope)
                taken += 1
    except gateway.MailServerError as error:
        wait = min(EVERY * 2 ** min(box.failures, 10), LONGEST_WAIT)
        Mailbox.objects.filter(pk=box.pk).update(
            last_error=str(error)[:1000],
            failures=box.failures + 1,
            next_poll_at=timezone.now() + wait,
            polled_at=timezone.now(),
        )
        return taken
    done = timezone.now()
    Mailbox.objects.filter(pk=box.pk).update(
        last_error="", failures=0, polled_at=done, next_poll_at=done + EVERY
    )
    return taken


def _counted_anew(box: Mailbox, uid_validity: int) -> None:
    """The server gave new uids: everything is looked at again; what was taken is known by its message id."""
    if uid_validity != box.uid_validity:
        box.uid_validity, box.last_uid = uid_validity, 0
        box.save(update_fields=["uid_validity", "last_uid"])


def _take(box: Mailbox, opened: gateway.Box, envelope: gateway.Envelope) -> None:
    """One mail: its row, and what becomes of it, in one transaction with the place in the mailbox."""
    if MailItem.objects.filter(mailbox=box, uid_validity=box.uid_validity, uid=envelope.uid).exists():
        return _pass(box, envelope.uid)
    item = MailItem(
        mailbox=box,
        uid_validity=box.uid_validity,
        uid=envelope.uid,
        size=envelope.size,
        state=MailState.UNREADABLE,
    )
    if envelope.size > settings.MAIL_MAX_MB * 1024 * 1024:
        _describe(item, gateway.read_headers(opened.headers(envelope.uid)))
        item.state = MailState.TOO_BIG
        item.reason = _(
            "Thư %(mb)s MB, quá mức %(most)s MB nên không tải về. Đề nghị nơi gửi gửi lại trên hệ thống."
        ) % {
            "mb": round(envelope.size / 1024 / 1024),
            "most": settings.MAIL_MAX_MB,
        }
        return _keep(box, item)
    try:
        letter = gateway.read(opened.whole(envelope.uid))
    except gateway.Unreadable as error:
        item.reason = str(error)[:500]
        return _keep(box, item)
    _describe(item, letter)
    if item.message_id and MailItem.objects.filter(mailbox=box, message_id=item.message_id).exists():
        return _pass(box, envelope.uid)
    with transaction.atomic():
        _become(box, item, letter)
        _keep(box, item)


def _describe(item: MailItem, letter: gateway.Letter) -> None:
    item.message_id, item.sender, item.subject = letter.message_id, letter.sender, letter.subject
    item.sent_at = letter.sent_at


def _become(box: Mailbox, item: MailItem, letter: gateway.Letter) -> None:
    """An arrival with the attachments that passed the gate; each that did not, with why."""
    try:
        refuse_secret(letter.subject, letter.text)
    except SecretRefused as refused:
        _block(item, refused)
        return
    kept, refusals = [], []
    for part in letter.parts:
        name = files.cleaned_name(part.name)
        try:
            upload = SimpleUploadedFile(name, part.data)
            refuse_secret_upload(upload)
            stored = files.receive_upload(upload)
            kept.append((stored, files.cleaned_name(part.name, media_type=stored.media_type)))
        except SecretRefused as refused:
            for stored, _name in kept:
                files.forget(stored)
            _block(item, refused)
            return
        except RuleError as error:
            refusals.append(str(error))
    if not kept:
        item.state = MailState.REFUSED
        item.reason = (" ".join(refusals) or _("Thư không có tệp kèm là văn bản."))[:500]
        return
    item.incoming = _arrive(box, letter, kept)
    item.state, item.reason = MailState.TAKEN, " ".join(refusals)[:500]


def _block(item: MailItem, refused: SecretRefused) -> None:
    """Nothing of the content stays, not even the subject."""
    item.state, item.subject = MailState.SECRET, _("(không ghi tiêu đề)")
    item.reason = str(refused)[:500]


def _arrive(box: Mailbox, letter: gateway.Letter, kept: list[Any]) -> IncomingDocument:
    name = letter.sender.partition("<")[0].strip(' "') or letter.sender
    now = timezone.now()
    incoming = IncomingDocument.objects.create(
        agency=box.agency,
        source=IncomingSource.MAIL,
        issuer=issuer_on(name, None),
        issuer_printed=name[:300] or _("không rõ nơi gửi"),
        issuer_folded=fold(name)[:320],
        title=letter.subject[:500] or _("(không tiêu đề)"),
        arrived_at=now,
        pages=kept[0][0].pages,
    )
    IncomingFile.objects.bulk_create(
        IncomingFile(incoming=incoming, stored=stored, name=name, is_main=place == 1, ordinal=place)
        for place, (stored, name) in enumerate(kept, start=1)
    )
    audit.record("incoming.arrive", actor=None, subject=incoming, after=incoming.state, note=letter.sender)
    indexing.owe_text(*(stored for stored, _name in kept))
    indexing.touch(incoming)
    jobs.wake_on_commit("documents.check_arrival", incoming.pk)
    notices.tell_many(
        Letter(
            recipient_id=clerk_id,
            kind="incoming.arrived",
            title=_("Thư công vụ: %(subject)s") % {"subject": incoming.title[:150]},
            text=f"{incoming.issuer_printed}: {incoming.title}",
            url=f"{delivery.INCOMING}{incoming.pk}/",
            subject_type=incoming._meta.label_lower,
            subject_id=incoming.pk,
        )
        for clerk_id in sorted(delivery.clerks_of({box.agency_id})[box.agency_id])
    )
    return incoming


@transaction.atomic
def _keep(box: Mailbox, item: MailItem) -> None:
    try:
        with transaction.atomic():
            item.save()
    except IntegrityError:  # another worker was quicker
        pass
    _pass(box, item.uid)


def _pass(box: Mailbox, uid: int) -> None:
    box.last_uid = max(box.last_uid, uid)
    Mailbox.objects.filter(pk=box.pk, uid_validity=box.uid_validity, last_uid__lt=uid).update(last_uid=uid)


@transaction.atomic
def settle(item_id: int, *, actor: Any) -> MailItem:
    """The clerk has seen why a mail was not taken."""
    item = MailItem.objects.select_for_update().get(pk=item_id)
    if item.settled_at is None:
        item.settled_at = timezone.now()
        item.save(update_fields=["settled_at"])
        audit.record("mail.settle", actor=actor, subject=item, note=item.reason)
    return item
