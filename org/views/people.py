"""People of the units that one manages: who holds which post, appointments, moves, leaving."""

from typing import Any, cast

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.search import fold
from org import actions, handing_over, rights
from org.choices import Role
from org.models import Assignment, Departure, Person, User
from org.rights_forms import (
    AppointForm,
    ChangePostForm,
    LeavePostForm,
    LeaveServiceForm,
    NewPersonForm,
    after,
    units_below,
)
from org.step_up import step_up_required
from org.views.doors import staff_only
from org.views.form_page import form_page

PEOPLE = (gettext_lazy("Nhân sự"), "/lam-viec/nhan-su/")
PAGE = 100
BESIDE = ("person__user", "position", "organization")


def reach_of(user: User) -> frozenset[int]:
    """Units whose people this hat manages. 404 for everybody else: there is nothing to see."""
    units = units_below(user, Role.HR_OFFICER) | user.own_units_as(Role.UNIT_ADMIN)
    if not units:
        raise Http404
    return units


@staff_only
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with a post of today or to come in these units, by name."""
    reach = reach_of(cast(User, request.user))
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    today = timezone.localdate()
    posts = Assignment.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today), organization__in=reach
    )
    posts = posts.select_related(*BESIDE).order_by("person__sort_key", "person_id", "rank", "id")
    start = int(request.GET["tu"]) if request.GET.get("tu", "").isdecimal() else 0
    rows: dict[int, tuple[Person, list[Assignment]]] = {}
    words = fold(asked)
    for post in posts:
        text = fold(f"{post.person.full_name} {post.position.title} {post.organization.name}")
        if all(word in text for word in words.split()):
            rows.setdefault(post.person_id, (post.person, []))[1].append(post)
    found = list(rows.values())
    context = {
        "people": found[start : start + PAGE],
        "count": len(found),
        "q": asked,
        "next_start": start + PAGE if len(found) > start + PAGE else None,
        "today": today,
    }
    return render(request, "org/people.html", context)


@staff_only
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: posts through time, the rights of today, what lies open, and what can be done."""
    user = cast(User, request.user)
    found, reach = _person(user, person_id)
    posts = list(found.assignments.select_related(*BESIDE).order_by("-valid_from", "-id"))
    today = timezone.localdate()
    context = {
        "person": found,
        "items": [_item(post, today) for post in posts],
        "current": [
            post
            for post in posts
            if (post.valid_to is None or post.valid_to > today) and post.organization_id in reach
        ],
        "rights": rights.of_person(found.user, today) if found.user else [],
        "work": [(what, number) for what, number in handing_over.open_work(found.user) if number],
        "departures": Departure.objects.filter(person=found)
        .select_related("successor", "assignment__position", "assignment__organization")
        .order_by("-id"),
        "is_self": found.user_id == user.pk,
        "crumbs": [PEOPLE],
    }
    return render(request, "org/person.html", context)


def _item(post: Assignment, today: Any) -> dict[str, str]:
    begins = f"{post.valid_from:%d/%m/%Y}"
    ends = f"{post.valid_to:%d/%m/%Y}" if post.valid_to else _("nay")
    state = "todo" if post.valid_from > today else "done"
    if post.valid_from <= today and (post.valid_to is None or post.valid_to > today):
        state = "now"
    parts = [
        _("từ %(begins)s đến trước %(ends)s") % {"begins": begins, "ends": ends}
        if post.valid_to
        else _("từ %(begins)s đến nay") % {"begins": begins}
    ]
    parts += [str(post.get_kind_display())]
    parts += [_("nhiệm kỳ %(term)s") % {"term": post.term}] if post.term else []
    parts += [post.decision_no] if post.decision_no else []
    if post.valid_to == post.valid_from:
        parts = [_("không bắt đầu")]
    return {"state": state, "title": str(post), "meta": " · ".join(parts), "note": post.ends_reason}


@staff_only
@step_up_required
def add(request: HttpRequest) -> HttpResponse:
    """Somebody new: the person, an account under the official mailbox, the first post."""
    user = cast(User, request.user)

    def act(answers: dict[str, Any]) -> str:
        made = actions.take_on(
            actor=user,
            full_name=answers["full_name"],
            email=answers["email"],
            organization_id=answers["organization"].pk,
            position=answers["position"],
            kind=answers["kind"],
            valid_from=answers["valid_from"],
            valid_to=after(answers["last_day"]),
            decision_no=answers["decision_no"],
            term=answers["term"],
        )
        return _("Đã thêm %(name)s. Chức vụ chưa kèm quyền nào: cấp quyền ở trang của người đó.") % {
            "name": made.person.full_name
        }

    return form_page(
        request,
        NewPersonForm(request.POST or None, units=reach_of(user)),
        act,
        title=_("Thêm nhân sự"),
        submit=_("Thêm và bổ nhiệm"),
        back_url=PEOPLE[1],
        crumbs=[PEOPLE],
    )


@staff_only
@step_up_required
def appoint(request: HttpRequest, person_id: int) -> HttpResponse:
    user = cast(User, request.user)
    found, reach = _person(user, person_id)

    def act(answers: dict[str, Any]) -> str:
        hat = actions.appoint(
            found.pk,
            actor=user,
            organization_id=answers["organization"].pk,
            position=answers["position"],
            kind=answers["kind"],
            valid_from=answers["valid_from"],
            valid_to=after(answers["last_day"]),
            decision_no=answers["decision_no"],
            term=answers["term"],
        )
        return _("Đã ghi chức vụ: %(post)s. Chức vụ chưa kèm quyền nào.") % {"post": hat}

    return _page(
        request, found, AppointForm(request.POST or None, units=reach), act, _("Bổ nhiệm, giao chức vụ")
    )


@staff_only
@step_up_required
def end_post(request: HttpRequest, assignment_id: int) -> HttpResponse:
    user = cast(User, request.user)
    hat = _post(user, assignment_id)

    def act(answers: dict[str, Any]) -> str:
        return _said(actions.end_post(hat.pk, actor=user, **answers))

    form = LeavePostForm(request.POST or None, hat=hat)
    return _page(request, hat.person, form, act, _("Kết thúc chức vụ"), sub=str(hat))


@staff_only
@step_up_required
def change_post(request: HttpRequest, assignment_id: int) -> HttpResponse:
    user = cast(User, request.user)
    hat = _post(user, assignment_id)

    def act(answers: dict[str, Any]) -> str:
        new = actions.change_post(
            hat.pk,
            actor=user,
            on=answers["on"],
            organization_id=answers["organization"].pk,
            position=answers["position"],
            decision_no=answers["decision_no"],
            reason=answers["reason"],
            valid_to=after(answers["last_day"]),
            term=answers["term"],
            successor=answers["successor"],
        )
        return _("Đã điều động: %(post)s. Quyền cũ hết theo chức vụ cũ.") % {"post": new}

    form = ChangePostForm(request.POST or None, units=reach_of(user), hat=hat)
    return _page(request, hat.person, form, act, _("Điều động"), sub=str(hat))


@staff_only
@step_up_required
def leave(request: HttpRequest, person_id: int) -> HttpResponse:
    """Leaving the service: all posts end in one act, and the page says before what will follow."""
    user = cast(User, request.user)
    found, _reach = _person(user, person_id)
    today = timezone.localdate()
    posts = found.assignments.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today)).select_related(*BESIDE)
    hat = posts.order_by("rank", "id").first()
    if hat is None:
        return redirect("org:person", person_id=found.pk)

    def act(answers: dict[str, Any]) -> str:
        return _said(actions.end_service(found.pk, actor=user, **answers))

    form = LeaveServiceForm(request.POST or None, hat=hat)
    return _page(request, found, form, act, _("Cho thôi việc, nghỉ hưu, chuyển đi"))


# --- parts ------------------------------------------------------------------------------------------------


def _person(user: User, person_id: int) -> tuple[Person, frozenset[int]]:
    """Somebody who has, had or will have a post in one's units; others are not there."""
    reach = reach_of(user)
    found = Person.objects.filter(pk=person_id, assignments__organization__in=reach).select_related("user")
    return get_object_or_404(found.distinct()), reach


def _post(user: User, assignment_id: int) -> Assignment:
    found = Assignment.objects.filter(organization__in=reach_of(user)).select_related(*BESIDE)
    return get_object_or_404(found, pk=assignment_id)


def _said(departure: Departure) -> str:
    if departure.done_at is None:
        return _("Đã ghi. Đến ngày %(day)s chức vụ và quyền hết, việc đang làm chuyển đi.") % {
            "day": f"{departure.on:%d/%m/%Y}"
        }
    moved = "; ".join(
        f"{what}: {number} → {to or _('chưa có người nhận')}" for what, number, to in departure.report
    )
    text = _("Đã kết thúc chức vụ, quyền, ủy quyền và phiên đăng nhập.")
    since = actions.acts_since(departure.person, departure.on) if departure.on < timezone.localdate() else 0
    if since:
        text += " " + _("Từ ngày %(day)s đến nay có %(count)s việc đã ghi nhật ký, giữ nguyên.") % {
            "day": f"{departure.on:%d/%m/%Y}",
            "count": since,
        }
    return f"{text} {moved}" if moved else text


def _page(
    request: HttpRequest, found: Person, form: Any, act: Any, title: str, *, sub: str = ""
) -> HttpResponse:
    """What lies open with the person is said above the form that gives it away."""
    open_work = [(what, number) for what, number in handing_over.open_work(found.user) if number]
    leaving = isinstance(form, LeavePostForm)
    return form_page(
        request,
        form,
        act,
        title=title,
        sub=f"{found.full_name} · {sub}" if sub else found.full_name,
        lead=_(
            "Một lần ghi: chức vụ, quyền, ủy quyền giao và nhận, phiên đăng nhập cùng kết thúc; việc đang làm chuyển cho người khác."
        )
        if leaving
        else "",
        facts=[(what[:1].upper() + what[1:], number) for what, number in open_work] if leaving else [],
        submit=title,
        back_url=reverse("org:person", args=[found.pk]),
        crumbs=[PEOPLE, (found.full_name, reverse("org:person", args=[found.pk]))],
    )
