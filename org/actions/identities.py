"""The proven identity of a citizen: which account it opens, and how a number becomes proven.

A number that somebody merely typed in proves nothing. Whoever typed another person's number must neither get hold of
that person's later sign-in (the account would be shared with a stranger) nor keep its true holder out. So an account is
found by the number's blind index only where the number was proven before; else its owner signs in and links it himself.
An e-mail address never decides: nobody has shown that provider and portal mean the same person by it.
"""

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import RuleError
from org import crypto
from org.choices import IdentityLevel
from org.models import CitizenIdentity, User
from org.oidc.claims import Claims
from org.oidc.config import PROVIDER_ID


class Refused(RuleError):
    """Nothing was saved. `title` heads the page, the text says why and what to do."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(text)
        self.title = title


class MustChoose(Exception):
    """Accounts declare this number without proof: its holder says whether one of them is his."""


def sign_in(claims: Claims, *, by: str, anew: bool = False) -> User:
    """The account that these claims open; made when there is none. `by` is the provider's name, `anew`: he chose so.

    Refused, MustChoose: nothing is saved.
    """
    for last in (False, True):
        try:
            with transaction.atomic():
                return _account_of(claims, by, anew)
        except IntegrityError:  # the same person in another window was quicker: find what he made
            if last:
                raise
    raise AssertionError("unreachable")


def _account_of(claims: Claims, by: str, anew: bool) -> User:
    known, holder = _known(claims), _holder(claims)
    if known is not None:
        _may_be_opened(known, by)
        if holder not in {None, known}:
            raise _belongs_to_another(by)
        _same_number(known, claims, by)
        _keep(known, claims, by)
        return known
    if holder is not None:
        _may_be_opened(holder, by)
        _link(holder, claims, by)
        return holder
    if claims.proves and not anew and declared_by_others(claims):
        raise MustChoose
    user = User(email=None, full_name=claims.full_name, phone=claims.phone)
    user.set_unusable_password()
    user.save()
    SocialAccount.objects.create(user=user, provider=PROVIDER_ID, uid=claims.subject)
    _keep(user, claims, by)
    audit.record("identity.open_account", actor=user, subject=user, note=by)
    return user


@transaction.atomic
def link(claims: Claims, *, actor: User, by: str) -> User:
    """The signed-in person ties his own account to the provider. Refused: it belongs to somebody or something else."""
    _may_be_opened(actor, by)
    known, holder = _known(claims), _holder(claims)
    if any(other is not None and other != actor for other in (known, holder)):
        raise _belongs_to_another(by)
    _same_number(actor, claims, by)
    if known is None:
        _link(actor, claims, by)
    else:
        _keep(actor, claims, by)
    return actor


def _belongs_to_another(by: str) -> Refused:
    return Refused(
        _("Số định danh đã thuộc tài khoản khác"),
        _(
            "Một tài khoản khác đã xác minh số định danh này. Đăng xuất rồi bấm «Đăng nhập bằng %(by)s» để vào tài khoản "
            "đó. Nếu đó không phải của bạn, báo bộ phận Một cửa nơi gần nhất."
        )
        % {"by": by},
    )


def declared_by_others(claims: Claims) -> bool:
    """Is there a private account that declares this number without proof?"""
    found = CitizenIdentity.objects.filter(
        number_index=crypto.blind_index(claims.number), level__lt=IdentityLevel.PROVEN, user__is_active=True
    ).select_related("user")
    return any(not serves(one.user) for one in found)


def serves(user: User) -> bool:
    """Is this the account of somebody who works for an authority? It opens by its own two factors only."""
    return user.must_use_second_factor or user.is_superuser


def _known(claims: Claims) -> User | None:
    found = (
        SocialAccount.objects.filter(provider=PROVIDER_ID, uid=claims.subject).select_related("user").first()
    )
    return found.user if found else None


def _holder(claims: Claims) -> User | None:
    """Who has proven this number before. Claims that prove nothing find nobody."""
    if not claims.proves:
        return None
    found = CitizenIdentity.objects.filter(
        number_index=crypto.blind_index(claims.number), level__gte=IdentityLevel.PROVEN
    )
    identity = found.select_related("user").first()
    return identity.user if identity else None


def _may_be_opened(user: User, by: str) -> None:
    if serves(user):
        raise Refused(
            _("Tài khoản công vụ không mở bằng %(by)s") % {"by": by},
            _(
                "Số định danh này gắn với tài khoản của người làm trong cơ quan. Tài khoản đó chỉ đăng nhập bằng hộp thư "
                "công vụ và lớp bảo vệ thứ hai."
            ),
        )
    if not user.is_active:
        raise Refused(
            _("Tài khoản đã đóng"),
            _("Tài khoản gắn với số định danh này đã đóng. Hỏi bộ phận Một cửa nơi gần nhất để mở lại."),
        )


def _same_number(user: User, claims: Claims, by: str) -> None:
    identity = getattr(user, "identity", None)
    if identity is not None and identity.number_index != crypto.blind_index(claims.number):
        raise Refused(
            _("Số định danh không khớp"),
            _(
                "Số định danh %(by)s gửi (%(sent)s) khác số của tài khoản này (%(kept)s). Nếu số của tài khoản sai, gửi yêu "
                "cầu sửa ở «Dữ liệu của tôi»."
            )
            % {"by": by, "sent": crypto.masked(claims.number), "kept": crypto.masked(identity.number)},
        )


def _link(user: User, claims: Claims, by: str) -> None:
    if SocialAccount.objects.filter(provider=PROVIDER_ID, user=user).exists():
        raise Refused(
            _("Tài khoản đã liên kết với định danh khác"),
            _(
                "Tài khoản mang số định danh này đã liên kết với một định danh khác của %(by)s. Đến bộ phận Một cửa cùng giấy "
                "tờ để được kiểm tra."
            )
            % {"by": by},
        )
    SocialAccount.objects.create(user=user, provider=PROVIDER_ID, uid=claims.subject)
    _keep(user, claims, by)
    audit.record("identity.link", actor=user, subject=user, note=by)


def _keep(user: User, claims: Claims, by: str) -> None:
    """Take over what the provider says. A level once reached is not lost to an answer that proves less."""
    identity = getattr(user, "identity", None) or CitizenIdentity(user=user, level=IdentityLevel.NONE)
    before = identity.level
    if identity.pk is None:
        identity.number = claims.number
    changed = []
    if claims.level >= before:
        for name, value in (("birth_on", claims.birth_on), ("address", claims.address)):
            if value and getattr(identity, name) != value:
                setattr(identity, name, value)
                changed.append(name)
        if claims.proves and user.full_name != claims.full_name:
            user.full_name = claims.full_name
            user.save(update_fields=["full_name"])
            changed.append("full_name")
    if claims.level > before:
        identity.level, identity.proven_by = claims.level, by if claims.proves else ""
        identity.proven_at = timezone.now() if claims.proves else None
    if identity.pk is not None and not changed and identity.level == before:
        return
    identity.save()
    user.identity = identity
    audit.record(
        "identity.prove" if claims.proves else "identity.declare",
        actor=user,
        subject=identity,
        before=str(before),
        after=str(identity.level),
        note=by,
        detail={"changed": changed},
    )
