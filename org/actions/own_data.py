"""Commands on one's own data: a copy of all of it, and requests for correction and deletion with their answers."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, jobs, own_data
from core.errors import NotAllowed, RuleError
from core.models import Job
from org import copies, crypto, signals
from org.choices import DataRequestKind, IdentityLevel, Role
from org.models import CitizenIdentity, DataCopy, DataRequest, Organization, RoleGrant, User
from org.oidc.claims import NUMBER
from org.workflow import DATA_REQUESTS

MAKE = "org.make_data_copy"
COPIES_A_DAY = 3
TEXT_MAX = 4000
# What a number that was proven vouches for: it changes where the number is kept, not here.
PROVEN_FIELDS = {"full_name", "number", "birth_on"}

# --- a copy of everything -------------------------------------------------------------------------------------


@transaction.atomic
def request_copy(*, actor: User) -> DataCopy:
    """Owe a copy; one at a time, a few a day."""
    waiting = DataCopy.objects.filter(user=actor, done_at__isnull=True, given_up_at__isnull=True).first()
    if waiting is not None:
        return waiting
    since = timezone.now() - timedelta(days=1)
    if DataCopy.objects.filter(user=actor, created_at__gt=since).count() >= COPIES_A_DAY:
        raise RuleError(
            _("Mỗi ngày lập tối đa %(count)s bản sao. Dùng bản vừa lập.") % {"count": COPIES_A_DAY}
        )
    try:
        with transaction.atomic():
            job = Job.objects.create(kind="org.data_copy", owner=actor, total=copies.steps())
            copy = DataCopy.objects.create(user=actor, job=job)
    except IntegrityError:  # the other press of a double press was quicker
        return DataCopy.objects.get(user=actor, done_at__isnull=True, given_up_at__isnull=True)
    audit.record("data_copy.request", actor=actor, subject=copy)
    jobs.wake_on_commit(MAKE, copy.pk)
    return copy


def make_copy(copy_id: int) -> None:
    """Collect, draw, pack. Twice is harmless: whoever comes second finds it done."""
    copy = DataCopy.objects.select_related("user", "job").get(pk=copy_id)
    if copy.done_at or copy.given_up_at:
        return
    Job.objects.filter(pk=copy.job_id).update(done=0, total=copies.steps())
    packed = copies.pack(copy.user, step=lambda done: Job.objects.filter(pk=copy.job_id).update(done=done))
    with transaction.atomic():
        copy = DataCopy.objects.select_for_update().get(pk=copy_id)
        if copy.done_at:
            return
        now = timezone.now()
        copy.as_json, copy.as_pdf, copy.as_zip = packed
        copy.done_at, copy.expires_at, copy.last_error = (
            now,
            now + timedelta(days=settings.DATA_COPY_DAYS),
            "",
        )
        copy.save(update_fields=["as_json", "as_pdf", "as_zip", "done_at", "expires_at", "last_error"])
        Job.objects.filter(pk=copy.job_id).update(done=copies.steps(), finished_at=now)
        audit.record("data_copy.make", actor=None, subject=copy)
        _tell(
            copy.user,
            "data_copy.make",
            _("Bản sao dữ liệu của bạn đã xong"),
            _("Tải được đến %(day)s.") % {"day": f"{timezone.localtime(copy.expires_at):%H:%M %d/%m/%Y}"},
            "/tai-khoan/du-lieu/",
            copy,
        )


@transaction.atomic
def fetch_copy(copy: DataCopy, part: str, *, actor: User) -> Any:
    """The stored file of `part` (json, pdf, zip); the fetching itself is noted. RuleError: not made, or expired."""
    if copy.user_id != actor.pk:
        raise NotAllowed
    stored = {"json": copy.as_json, "pdf": copy.as_pdf, "zip": copy.as_zip}[part]
    if stored is None or copy.expires_at is None or copy.expires_at <= timezone.now():
        raise RuleError(_("Bản sao này đã quá hạn và đã xóa. Lập bản mới."))
    audit.record_read(actor, copy, "data_copy.read", part)
    return stored


def expire_copies(*, now: datetime) -> int:
    """The bytes of expired copies go; that they were made and fetched stays."""
    stale = DataCopy.objects.filter(expires_at__lte=now, as_zip__isnull=False)
    count = 0
    for pk in stale.values_list("pk", flat=True)[:500]:
        count += _expire(pk)
    return count


@transaction.atomic
def _expire(pk: int) -> bool:
    copy = DataCopy.objects.select_for_update(skip_locked=True).filter(pk=pk, as_zip__isnull=False).first()
    if copy is None:
        return False
    held = [copy.as_json, copy.as_pdf, copy.as_zip]
    copy.as_json = copy.as_pdf = copy.as_zip = None
    copy.save(update_fields=["as_json", "as_pdf", "as_zip"])
    for stored in held:
        if stored is not None:
            files.forget(stored)
    audit.record("data_copy.expire", actor=None, subject=copy)
    return True


# --- requests -------------------------------------------------------------------------------------------------


@transaction.atomic
def submit_request(*, actor: User, kind: str, text: str) -> DataRequest:
    """Goes to the data officer's list. One open request of a kind at a time."""
    text = text.replace("\0", "").strip()
    if len(text) < 10:
        raise RuleError(_("Viết rõ cần sửa hoặc xóa điều gì, ít nhất một câu."))
    unit = answering_unit()
    request = DataRequest(user=actor, kind=DataRequestKind(kind), unit=unit, created_at=timezone.now())
    request.text = text[:TEXT_MAX]
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        raise RuleError(
            _("Bạn đang có một yêu cầu cùng loại chờ trả lời. Rút yêu cầu đó nếu muốn gửi lại.")
        ) from None
    audit.record("data_request.submit", actor=actor, subject=request, after=request.status)
    signals.to_tell.send(
        sender=DataRequest,
        recipients=officers(unit.pk),
        kind="data_request.submit",
        title=_("Yêu cầu mới về dữ liệu cá nhân"),
        text=str(request.get_kind_display()),
        url=f"/lam-viec/du-lieu-ca-nhan/{request.pk}/",
        subject=request,
    )
    return request


def answering_unit() -> Organization:
    return Organization.objects.get(slug=settings.DATA_OFFICER_UNIT)


def officers(unit_id: int) -> list[User]:
    """Accounts whose hat administers that unit today."""
    grants = RoleGrant.objects.valid_on().filter(role=Role.UNIT_ADMIN, organization_id=unit_id)
    people = User.objects.filter(person__assignments__grants__in=grants, is_active=True).distinct()
    return list(people.order_by("pk")[:20])


def _take(request_id: int, verb: str, *, actor: User, note: str = "") -> tuple[DataRequest, str]:
    """Lock, check the move, set the status. The caller writes the event, for it knows what was done."""
    request = DataRequest.objects.select_for_update(of=("self",)).select_related("user").get(pk=request_id)
    move = DATA_REQUESTS.require(verb, request, actor, note)
    before, request.status = request.status, move.target
    return request, before


def _done(request: DataRequest, verb: str, before: str, *, actor: User, answer: str = "") -> DataRequest:
    if answer:
        request.answer, request.answered_at, request.officer = answer[:TEXT_MAX], timezone.now(), actor
    request.save(
        update_fields=["status", "officer", "answer_sealed", "answered_at", "outcome"],
    )
    audit.record(
        f"data_request.{verb}",
        actor=actor,
        subject=request,
        before=before,
        after=request.status,
        detail={"changed": request.outcome.get("changed", [])} if request.outcome else {},
    )
    return request


@transaction.atomic
def withdraw_request(request_id: int, *, actor: User) -> DataRequest:
    request, before = _take(request_id, "withdraw", actor=actor)
    return _done(request, "withdraw", before, actor=actor)


@transaction.atomic
def take_up_request(request_id: int, *, actor: User) -> DataRequest:
    request, before = _take(request_id, "take_up", actor=actor)
    request.officer = actor
    _done(request, "take_up", before, actor=actor)
    _answered(request, _("Yêu cầu về dữ liệu của bạn đang được xem xét"), "")
    return request


@transaction.atomic
def refuse_request(request_id: int, *, actor: User, note: str) -> DataRequest:
    """With the reason, which the citizen reads as written."""
    request, before = _take(request_id, "refuse", actor=actor, note=note)
    _done(request, "refuse", before, actor=actor, answer=note)
    _answered(request, _("Yêu cầu về dữ liệu của bạn chưa được thực hiện"), _("Mở yêu cầu để đọc lý do."))
    return request


@transaction.atomic
def correct_request(request_id: int, *, actor: User, note: str, changes: dict[str, Any]) -> DataRequest:
    """Write the right values. What the proof of the number vouches for is corrected where the number is kept."""
    request, before = _take(request_id, "correct", actor=actor, note=note)
    user = User.objects.select_for_update().get(pk=request.user_id)
    changed = _corrected(user, {name: value for name, value in changes.items() if value})
    if not changed:
        raise RuleError(_("Nhập ít nhất một giá trị mới, khác giá trị đang lưu."))
    request.outcome = {"changed": changed}
    _done(request, "correct", before, actor=actor, answer=note)
    _answered(request, _("Dữ liệu của bạn đã được sửa theo yêu cầu"), _("Mở yêu cầu để xem đã sửa gì."))
    return request


def settled_fields(user: User) -> dict[str, str]:
    """What is not corrected here for this person, and where it is: neither form offers these fields."""
    settled: dict[str, str] = {}
    identity = getattr(user, "identity", None)
    if identity is not None and identity.level >= IdentityLevel.PROVEN:
        by = identity.proven_by or _("hệ thống định danh")
        words = _("Họ tên, ngày sinh và số định danh đã được %(by)s xác minh nên không sửa ở đây.")
        settled |= dict.fromkeys(sorted(PROVEN_FIELDS), words % {"by": by})
    if user.phone_verified_at:
        settled["phone"] = _(
            "Số điện thoại đã được xác nhận bằng mã: chủ tài khoản tự đổi ở trang «Số điện thoại»."
        )
    return settled


def _corrected(user: User, changes: dict[str, Any]) -> list[str]:
    """Names of what really changed."""
    identity = CitizenIdentity.objects.select_for_update().filter(user=user).first()
    if identity is not None and identity.level >= IdentityLevel.PROVEN and PROVEN_FIELDS & changes.keys():
        raise RuleError(
            _(
                "Họ tên, ngày sinh và số định danh đã được %(by)s xác minh: sửa ở nơi đó, rồi người dân đăng nhập lại bằng "
                "định danh điện tử. Ở đây chỉ sửa được nơi cư trú và số điện thoại."
            )
            % {"by": identity.proven_by or _("hệ thống định danh")}
        )
    if "phone" in changes and user.phone_verified_at and changes["phone"] != user.phone:
        raise RuleError(
            _("Số điện thoại này đã được xác nhận bằng mã: chủ tài khoản tự đổi ở trang «Số điện thoại».")
        )
    changed: list[str] = []
    for name in ("full_name", "phone"):
        if name in changes and getattr(user, name) != changes[name]:
            setattr(user, name, changes[name])
            changed.append(name)
    if changed:
        user.save(update_fields=changed)
    about = {"birth_on", "address", "number"} & changes.keys()
    if not about:
        return changed
    if identity is None:
        if "number" not in changes:
            raise RuleError(
                _("Tài khoản chưa có số định danh: nhập số trước, rồi mới ghi ngày sinh và nơi cư trú.")
            )
        identity = CitizenIdentity(user=user, level=IdentityLevel.DECLARED)
    if "number" in changes:
        if not NUMBER.fullmatch(changes["number"]):
            raise RuleError(_("Số định danh có 12 chữ số."))
        if identity.number_index != crypto.blind_index(changes["number"]):
            identity.number = changes["number"]
            changed.append("number")
    for name in ("birth_on", "address"):
        if name in changes and getattr(identity, name) != changes[name]:
            setattr(identity, name, changes[name])
            changed.append(name)
    identity.save()
    return changed


@transaction.atomic
def erase_request(request_id: int, *, actor: User, note: str) -> DataRequest:
    """Every app erases what no law keeps, and says what it keeps and why; the answer carries both."""
    request, before = _take(request_id, "erase", actor=actor, note=note)
    user = User.objects.select_for_update().get(pk=request.user_id)
    erased: list[str] = []
    kept: list[tuple[str, str]] = []
    for holding in own_data.holdings():
        done = holding.erase(user)
        erased += done.erased
        kept += done.kept
    for copy in user.data_copies.filter(as_zip__isnull=False):
        if _expire(copy.pk):
            erased.append(_("Bản sao dữ liệu đã lập"))
    request.outcome = {"erased": [str(one) for one in erased], "kept": [[str(a), str(b)] for a, b in kept]}
    _done(request, "erase", before, actor=actor, answer=note)
    _answered(
        request,
        _("Yêu cầu xóa dữ liệu đã được thực hiện"),
        _("Mở yêu cầu để xem đã xóa gì, còn giữ gì và vì sao."),
    )
    return request


def _answered(request: DataRequest, title: str, text: str) -> None:
    address = f"/tai-khoan/du-lieu/yeu-cau/{request.pk}/"
    _tell(request.user, f"data_request.{request.status}", title, text, address, request)


def _tell(user: User, kind: str, title: str, text: str, url: str, subject: Any) -> None:
    signals.to_tell.send(
        sender=type(subject), recipients=[user], kind=kind, title=title, text=text, url=url, subject=subject
    )
