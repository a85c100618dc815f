"""What org holds about a person: account, identity, ways to sign in, posts, requests; and what was done and read."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import audit, own_data
from core.models import AuditEvent
from core.own_data import Erasure
from org import copy_paper
from org.choices import IdentityLevel
from org.models import Assignment, CitizenIdentity, User

MOST_EVENTS = 5000
LABELS = {
    "account": _("Tài khoản"),
    "full_name": _("Họ và tên"),
    "email": _("Thư điện tử"),
    "phone": _("Số điện thoại"),
    "phone_verified_at": _("Số điện thoại xác nhận lúc"),
    "joined_at": _("Tạo lúc"),
    "last_login_at": _("Đăng nhập lần cuối"),
    "emails": _("Địa chỉ thư"),
    "address": _("Nơi cư trú"),
    "verified": _("Đã xác nhận"),
    "identity": _("Số định danh"),
    "number": _("Số"),
    "birth_on": _("Ngày sinh"),
    "level": _("Mức định danh (số)"),
    "level_words": _("Mức định danh"),
    "proven_by": _("Xác minh bởi"),
    "proven_at": _("Xác minh lúc"),
    "outside_identities": _("Định danh bên ngoài đã liên kết"),
    "provider": _("Mã nơi cung cấp"),
    "provider_words": _("Nơi cung cấp"),
    "subject": _("Mã ở nơi cung cấp"),
    "second_factors": _("Lớp bảo vệ thứ hai"),
    "kind": _("Loại"),
    "factor": _("Mã loại"),
    "added_at": _("Thêm lúc"),
    "used_at": _("Dùng lần cuối"),
    "sessions": _("Nơi đang đăng nhập"),
    "ip": _("Địa chỉ mạng"),
    "device": _("Trình duyệt"),
    "posts": _("Chức vụ đã và đang giữ"),
    "post": _("Chức vụ"),
    "unit": _("Đơn vị"),
    "decision": _("Quyết định"),
    "valid_from": _("Từ ngày"),
    "valid_to": _("Trước ngày"),
    "requests": _("Yêu cầu về dữ liệu cá nhân"),
    "status": _("Trạng thái"),
    "created_at": _("Tạo lúc"),
    "answered_at": _("Trả lời lúc"),
    "text": _("Nội dung"),
    "answer": _("Trả lời"),
    "copies": _("Bản sao dữ liệu đã lập"),
    "expires_at": _("Tải được đến"),
    "own_acts": _("Việc bạn đã làm"),
    "events_about": _("Việc người khác làm, xem trên dữ liệu của bạn"),
    "at": _("Lúc"),
    "event": _("Mã việc"),
    "words": _("Việc"),
    "who": _("Người"),
    "on_behalf_of": _("Thay cho"),
    "about": _("Về"),
    "note": _("Nội dung, lý do"),
    "told": _("Việc, nói đủ"),
    "why": _("Vì sao"),
}

# What only machines need: the readable copy leaves it out.
CODES = frozenset({"provider", "subject", "factor", "level", "event"})
FACTORS = {
    Authenticator.Type.TOTP: _("Ứng dụng xác thực"),
    Authenticator.Type.WEBAUTHN: _("Khóa truy cập"),
    Authenticator.Type.RECOVERY_CODES: _("Mã dự phòng"),
}


def moment(at: datetime | date | None) -> str | None:
    """ISO 8601, as JSON has it."""
    return at.isoformat() if at else None


def collect(user: User) -> dict[str, Any]:
    """What this app stores about a person, by part (`core.own_data` asks each app)."""
    return _account(user) | _service(user)


def _account(user: User) -> dict[str, Any]:
    """Who the person is and how he signs in."""
    identity = getattr(user, "identity", None)
    return {
        "account": {
            "full_name": user.full_name,
            "email": user.email,
            "phone": user.phone,
            "phone_verified_at": moment(user.phone_verified_at),
            "joined_at": moment(user.date_joined),
            "last_login_at": moment(user.last_login),
        },
        "emails": [
            {"email": one.email, "verified": one.verified} for one in EmailAddress.objects.filter(user=user)
        ],
        "identity": {
            "number": identity.number,
            "birth_on": moment(identity.birth_on),
            "address": identity.address,
            "level": identity.level,
            "level_words": str(IdentityLevel(identity.level).label),
            "proven_by": identity.proven_by,
            "proven_at": moment(identity.proven_at),
        }
        if identity
        else None,
        "outside_identities": [
            {
                "provider": one.provider,
                "provider_words": settings.OIDC["name"],
                "subject": one.uid,
                "added_at": moment(one.date_joined),
            }
            for one in SocialAccount.objects.filter(user=user)
        ],
        "second_factors": [
            {
                "kind": str(FACTORS.get(one.type, one.type)),
                "factor": one.type,
                "added_at": moment(one.created_at),
                "used_at": moment(one.last_used_at),
            }
            for one in Authenticator.objects.filter(user=user)
        ],
        "sessions": [
            {"ip": one.ip, "device": one.user_agent, "created_at": moment(one.created_at)}
            for one in UserSession.objects.filter(user=user)
        ],
    }


def _service(user: User) -> dict[str, Any]:
    """Posts, requests about own data, and what the trail tells."""
    return {
        "posts": [
            {
                "post": hat.position.title,
                "unit": hat.organization.name,
                "decision": hat.decision_no,
                "valid_from": moment(hat.valid_from),
                "valid_to": moment(hat.valid_to),
            }
            for hat in Assignment.objects.filter(person__user=user).select_related("position", "organization")
        ],
        "requests": [
            {
                "kind": str(one.get_kind_display()),
                "status": str(one.get_status_display()),
                "created_at": moment(one.created_at),
                "text": one.text,
                "answered_at": moment(one.answered_at),
                "answer": one.answer,
            }
            for one in user.data_requests.order_by("pk")
        ],
        "copies": [
            {"created_at": moment(one.created_at), "expires_at": moment(one.expires_at)}
            for one in user.data_copies.order_by("pk")
        ],
        "events_about": _told(
            AuditEvent.objects.filter(own_data.about(user)).exclude(actor=user), in_full=True
        ),
        "own_acts": _told(AuditEvent.objects.filter(actor=user), in_full=False),
    }


def _told(events: Any, *, in_full: bool) -> list[dict[str, Any]]:
    """The newest thousands of a trail: acts of office are public to the person concerned, by name, post and unit."""
    rows = list(events.order_by("-id")[:MOST_EVENTS])
    names = own_data.names_of(rows)
    # Of his own acts on the records of others a copy says no more than the trail: files bear the names of people.
    said = own_data.said(rows) if in_full else {}
    return [
        {
            "at": moment(row.at),
            "event": row.event,
            "words": str(audit.SENTENCES.get(row.event, row.event)),
            "who": row.actor_name,
            "post": row.post_name,
            "unit": row.unit_name,
            "on_behalf_of": row.on_behalf_of,
            "about": names.get((row.subject_type, row.subject_id), ""),
            "note": row.note,
            "told": said[row.pk].what if in_full else own_data.sentence(row, names),
            "why": said[row.pk].why if in_full else row.note,
        }
        for row in rows
    ]


def _line(act: Mapping[str, Any]) -> tuple[str, str]:
    """One act or reading of the trail in one row: when; what about which record, as what, why."""
    place = ", ".join(part for part in (act["post"], act["unit"]) if part)
    behalf = _t("thay %(whom)s") % {"whom": act["on_behalf_of"]} if act["on_behalf_of"] else ""
    parts = (act["told"], place, behalf, act["why"])
    return copy_paper.said(act["at"]), "; ".join(part for part in parts if part)


def _line_of_another(act: Mapping[str, Any]) -> tuple[str, str]:
    at, words = _line(act)
    return at, f"{act['who'] or _t('Hệ thống')}: {words}"


def subjects(user: User) -> Iterable[tuple[str, Iterable[int]]]:
    yield "org.user", [user.pk]
    yield "org.citizenidentity", CitizenIdentity.objects.filter(user=user).values_list("pk", flat=True)
    yield "org.datarequest", user.data_requests.values_list("pk", flat=True)
    yield "org.datacopy", user.data_copies.values_list("pk", flat=True)


def names(kind: str, ids: set[int]) -> Mapping[int, str]:
    words = {
        "org.user": _t("tài khoản"),
    }.get(kind)  # of the other records the event itself says what it is about
    return dict.fromkeys(ids, words) if words else {}


def said(
    events: Iterable[AuditEvent], names: Mapping[tuple[str, int], str]
) -> Mapping[int, own_data.Reading]:
    """A request is opened by nobody but who answers it."""
    return {
        row.pk: own_data.Reading(own_data.sentence(row, names), _t("để trả lời yêu cầu của bạn"))
        for row in events
        if row.event == "data_request.read"
    }


def erase(user: User) -> Erasure:
    """A number that nobody proved, what hangs on it, and the telephone; the account and what proves acts remain."""
    done = Erasure()
    identity = getattr(user, "identity", None)
    if identity is not None and identity.level < IdentityLevel.PROVEN:
        CitizenIdentity.objects.filter(pk=identity.pk).delete()
        user.refresh_from_db()
        done.erased.append(_t("Số định danh tự khai, ngày sinh và nơi cư trú đi kèm"))
    elif identity is not None:
        done.kept.append(
            (
                _t("Số định danh đã xác minh"),
                _t("Để không ai khác dùng được số này chừng nào tài khoản còn mở."),
            )
        )
    if user.phone and user.phone_verified_at and not user.email:
        done.kept.append(
            (_t("Số điện thoại trong tài khoản"), _t("Để đăng nhập được: tài khoản mở bằng số này."))
        )
    elif user.phone:
        user.phone, user.phone_verified_at = "", None
        user.save(update_fields=["phone", "phone_verified_at"])
        done.erased.append(_t("Số điện thoại trong tài khoản"))
    done.kept.append(
        (
            _t("Nhật ký ai đã làm gì, ai đã xem gì"),
            _t(
                "Là bằng chứng của hành vi công vụ và của chính việc bảo vệ dữ liệu của bạn; không sửa, không xóa được."
            ),
        )
    )
    return done


def register() -> None:
    own_data.register(
        "org",
        title=_("Tài khoản và định danh"),
        collect=collect,
        labels=LABELS,
        subjects=subjects,
        names=names,
        erase=erase,
        codes=CODES,
        said=said,
        lines={"events_about": _line_of_another, "own_acts": _line},
    )
