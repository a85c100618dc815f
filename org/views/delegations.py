"""Power handed over and taken: what is in force, what was, giving and revoking."""

from typing import Any, cast

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from org import actions, rights, rules, scopes, tree
from org.choices import HANDLING, Role
from org.models import Assignment, Delegation, User
from org.rights_forms import DelegateForm, ReasonForm, after
from org.step_up import step_up_required
from org.views.doors import staff_only
from org.views.form_page import form_page

PAGE = (gettext_lazy("Ủy quyền"), "/lam-viec/uy-quyen/")
BESIDE = tuple(
    f"{side}__{name}" for side in ("giver", "taker") for name in ("person__user", "position", "organization")
)
SHOWN = 60


@staff_only
def delegations(request: HttpRequest) -> HttpResponse:
    """What I gave, what I took, and what stands in the units that I head."""
    user = cast(User, request.user)
    headed = user.own_units_as(*rules.HEADS, Role.UNIT_ADMIN)
    mine = Q(giver__person__user=user) | Q(taker__person__user=user)
    found = Delegation.objects.filter(mine | Q(giver__organization__in=headed)).select_related(
        *BESIDE, "revoked_by"
    )
    rows = [_row(one, user) for one in found.order_by("-valid_from", "-id")[:SHOWN]]
    sections = [
        (_("Đang nhận"), [row for row in rows if row["taken"] and row["open"]]),
        (_("Đã giao"), [row for row in rows if row["given"] and row["open"]]),
        (
            _("Trong đơn vị phụ trách"),
            [row for row in rows if row["open"] and not (row["taken"] or row["given"])],
        ),
        (_("Đã hết hiệu lực"), [row for row in rows if not row["open"]]),
    ]
    context = {
        "sections": [(title, lines) for title, lines in sections if lines],
        "givers": _givers(user),
    }
    return render(request, "org/delegations.html", context)


def _row(made: Delegation, user: User) -> dict[str, Any]:
    today = timezone.localdate()
    ended = made.revoked_at is not None or made.valid_to <= today
    gone = any(hat.valid_to is not None and hat.valid_to <= today for hat in (made.giver, made.taker))
    if made.revoked_at is not None:
        state, kind = _("đã thu hồi"), "refused"
    elif ended or gone:
        state, kind = _("đã hết"), "done"
    elif made.valid_from > today:
        state, kind = _("chưa đến ngày"), "ring"
    else:
        state, kind = _("đang có hiệu lực"), "half"
    return {
        "made": made,
        "roles": [rights.MEANS[Role(role)] for role in made.roles],
        "scope": scopes.words(made.scope),
        "open": not (ended or gone),
        "taken": made.taker.person.user_id == user.pk,
        "given": made.giver.person.user_id == user.pk,
        "state": state,
        "kind": kind,
        "may_revoke": not (ended or gone) and rules.revokes(user, made),
    }


def _givers(user: User) -> list[tuple[str, str]]:
    """(words, address): one's own posts with something to give, and one's people for leave cover."""
    own = [
        (_("Giao quyền %(post)s") % {"post": hat.position.title}, reverse("org:delegate", args=[hat.pk]))
        for hat in user.hats
        if hat.grants.all()
    ]
    if user.own_units_as(*rules.HEADS, Role.UNIT_ADMIN):
        own.append((_("Phân công trực thay cho người vắng"), reverse("org:leave_cover")))
    return own


@staff_only
def leave_cover(request: HttpRequest) -> HttpResponse:
    """Whose work is to be covered: people of the units that one heads."""
    user = cast(User, request.user)
    headed = _headed(user)
    if not headed:
        raise Http404
    posts = (
        Assignment.objects.valid_on()
        .filter(organization__in=headed, grants__role__in=HANDLING)
        .exclude(person__user=user)
        .select_related("person", "position", "organization")
        .order_by("person__sort_key", "id")
        .distinct()
    )
    return render(request, "org/leave_cover.html", {"posts": posts, "crumbs": [PAGE]})


@staff_only
@step_up_required
def delegate(request: HttpRequest, assignment_id: int) -> HttpResponse:
    user = cast(User, request.user)
    found = Assignment.objects.valid_on().select_related("person__user", "position", "organization")
    giver = get_object_or_404(found.prefetch_related("grants"), pk=assignment_id)
    own = rules.is_own(user, giver)
    if not rules.gives(user, giver, covers=True):
        raise Http404
    form = DelegateForm(request.POST or None, giver=giver, covers_only=not own)

    def act(answers: dict[str, Any]) -> str:
        made = actions.delegate(
            giver.pk,
            answers["taker"].pk,
            actor=user,
            kind=answers["kind"],
            roles=answers["roles"],
            document_no=answers["document_no"],
            valid_from=answers["valid_from"],
            valid_to=cast(Any, after(answers["last_day"])),
            scope=form.scope,
        )
        return _("Đã giao quyền cho %(name)s đến hết %(day)s.") % {
            "name": made.taker.person.full_name,
            "day": f"{made.last_day:%d/%m/%Y}",
        }

    return form_page(
        request,
        form,
        act,
        title=_("Giao quyền") if own else _("Phân công trực thay"),
        sub=f"{giver.person.full_name} · {giver}",
        lead=_(
            "Phải có văn bản, có thời hạn; người nhận không giao tiếp cho người khác. Hết khi đến ngày, khi thu hồi, hoặc khi một trong hai người rời chức vụ."
        ),
        submit=_("Giao quyền") if own else _("Phân công"),
        back_url=PAGE[1],
        crumbs=[PAGE],
    )


@staff_only
@step_up_required
def revoke(request: HttpRequest, delegation_id: int) -> HttpResponse:
    user = cast(User, request.user)
    made = get_object_or_404(Delegation.objects.select_related(*BESIDE), pk=delegation_id)
    if not rules.revokes(user, made):
        raise Http404

    def act(answers: dict[str, Any]) -> str:
        actions.revoke(made.pk, actor=user, reason=answers["reason"])
        return _("Đã thu hồi. Từ lúc này %(name)s không còn quyền đó.") % {
            "name": made.taker.person.full_name
        }

    return form_page(
        request,
        ReasonForm(request.POST or None),
        act,
        title=_("Thu hồi quyền đã giao"),
        sub=f"{made.giver.person.full_name} → {made.taker.person.full_name} · {made.document_no}",
        lead=_("Có hiệu lực ngay, kể cả khi người nhận đang mở trang ký. Văn bản đã ký vẫn giữ nguyên."),
        submit=_("Thu hồi"),
        back_url=PAGE[1],
        crumbs=[PAGE],
    )


def _headed(user: User) -> frozenset[int]:
    """With the parts of an agency for its leader: he heads them all."""
    units = user.own_units_as(*rules.HEADS, Role.UNIT_ADMIN)
    here = tree.today()
    return frozenset(unit for unit in units if unit in here)
