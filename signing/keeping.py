"""Keys of somebody who leaves: his own rests with his last post, a seal that he may no longer keep is taken from him."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from org import services as org
from org.choices import Role
from org.handing_over import Keeper, Passed
from org.models import Assignment
from signing import keys
from signing.choices import KeyKind
from signing.models import KeyCustody, SigningKey


def open_of(user: Any) -> int:
    return _own(user).count() + _kept(user).count()


def pass_on(user: Any, successor: Any, actor: Any, reason: str) -> list[Passed]:
    """A key goes to nobody by itself: whoever is to keep a seal is entrusted with it under a PIN of his own."""
    found = []
    if not Assignment.objects.valid_on(timezone.localdate()).filter(person__user=user).exists():
        resting = list(_own(user).select_for_update())
        for key in resting:
            keys.suspend(key, actor=actor)
        found.append(Passed(_("chứng thư số cá nhân"), len(resting), _("tạm dừng sử dụng")))
    for custody in _kept(user).select_for_update(of=("self",)).select_related("key"):
        unit_id = custody.key.owner_organization_id
        if not (unit_id and org.people_serving(Role.CLERK, unit_id).filter(pk=user.pk).exists()):
            found.append(_taken_back(custody, actor, reason))
    return found


def _own(user: Any) -> QuerySet[SigningKey]:
    return SigningKey.objects.usable().filter(kind=KeyKind.PERSONAL, owner_user=user)


def _kept(user: Any) -> QuerySet[KeyCustody]:
    """Seals that this person holds today."""
    return KeyCustody.objects.valid_on().filter(user=user, key__kind=KeyKind.SEAL)


def _taken_back(custody: KeyCustody, actor: Any, reason: str) -> Passed:
    custody.valid_to = max(timezone.localdate(), custody.valid_from)
    custody.save(update_fields=["valid_to"])
    note = _("%(name)s thôi giữ: %(reason)s") % {"name": custody.user.full_name, "reason": reason}
    audit.record("signing.key_taken_back", actor=actor, subject=custody.key, note=note)
    others = KeyCustody.objects.valid_on().filter(key=custody.key).exclude(user=custody.user)
    names = ", ".join(others.order_by("pk").values_list("user__full_name", flat=True))
    return Passed(_("khóa dấu «%(name)s»") % {"name": custody.key.subject_name}, 1, names)


KEEPER = Keeper(gettext_lazy("chứng thư số, khóa dấu đang giữ"), open_of, pass_on)
