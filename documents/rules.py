"""Who may see and do what with documents, incoming documents, tasks and work files. No writes, no HTTP.

An unknown user may do nothing. Beside each predicate stands the same rule as a `Q`; tests prove that they agree.
"""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import F, Q

from documents.choices import DocumentKind
from org.choices import Role
from org.powers import archive_units

if TYPE_CHECKING:
    from documents.models import Document, IncomingDocument, Opinion, Task, WorkFile

# Who writes documents for a unit. The counter receives and hands out; it does not draft.
DRAFTERS = (Role.CASE_OFFICER, Role.UNIT_HEAD, Role.CLERK, Role.LEADER)


def is_system(user: Any, record: Any) -> bool:
    return user is None


# --- documents made here --------------------------------------------------------------------------------------


def drafts(user: Any, document: "Document") -> bool:
    """His own draft, or that of a colleague for whom he stands in."""
    if user is None:
        return False
    covered = user.stands_for(Role.CASE_OFFICER, document.unit_id, document)
    return document.drafter_id == user.pk or document.drafter_id in covered


def drafts_result(user: Any, document: "Document") -> bool:
    """A result of a case goes to the leader at once: its case has its own steps."""
    return document.kind == DocumentKind.RESULT and drafts(user, document)


def drafts_official(user: Any, document: "Document") -> bool:
    return document.kind == DocumentKind.OFFICIAL and drafts(user, document)


def heads(user: Any, document: "Document") -> bool:
    """Answers for the content: the head of the drafting unit, or a leader above him (NĐ 30/2020/NĐ-CP, art. 12)."""
    return reviews(user, document)


def checks_form(user: Any, document: "Document") -> bool:
    """The clerk of the agency checks the layout before the leader reads (NĐ 30/2020/NĐ-CP, art. 12)."""
    return keeps_seal(user, document)


def reviews(user: Any, document: "Document") -> bool:
    return signs(user, document) or (
        user is not None and user.serves_as(Role.UNIT_HEAD, document.unit_id, document)
    )


def sends_back(user: Any, document: "Document") -> bool:
    """Whoever has the draft on his table may give it back: head, clerk of an official document, leader."""
    return reviews(user, document) or (document.kind == DocumentKind.OFFICIAL and keeps_seal(user, document))


def signs(user: Any, document: "Document") -> bool:
    return user is not None and user.serves_as(Role.LEADER, document.agency_id, document)


def keeps_seal(user: Any, document: "Document") -> bool:
    return user is not None and user.serves_as(Role.CLERK, document.agency_id, document)


def gives_opinion(user: Any, opinion: "Opinion") -> bool:
    """The head of the unit that was asked, its leader when it is an agency, or an officer of it."""
    return user is not None and any(
        user.serves_as(role, opinion.unit_id) for role in (Role.UNIT_HEAD, Role.LEADER, Role.CASE_OFFICER)
    )


def opinions_waiting(user: Any) -> Q:
    """The list rule beside `gives_opinion`."""
    return Q(unit__in=user.units_as(Role.UNIT_HEAD, Role.LEADER, Role.CASE_OFFICER))


def serving(user: Any, column: str, *roles: Role, model: str = "Document") -> Q:
    """Records whose `column` names a unit that the present hat serves in one of `roles`."""
    return user.serving(column, *roles, model=apps.get_model("documents", model))


def visible(user: Any) -> Q:
    """Own drafts, the documents of the agency or unit that the present hat serves, what one was asked about or given."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    return of_office(user) | shared(user)


def of_office(user: Any) -> Q:
    """What comes with the hat: own drafts, and the papers of its agency or unit."""
    return (
        Q(drafter=user)
        | serving(user, "agency", Role.LEADER, Role.CLERK)
        | serving(user, "unit", Role.UNIT_HEAD, Role.CASE_OFFICER)
    )


def shared(user: Any) -> Q:
    """Documents about which one's unit was asked, documents given by name, and the archive of what was taken over."""
    opinions = apps.get_model("documents", "Opinion").objects.filter(opinions_waiting(user))
    grants = apps.get_model("documents", "DocumentGrant").objects.in_force(user)
    rule = Q(pk__in=opinions.values("document")) | Q(
        pk__in=grants.filter(document__isnull=False).values("document")
    )
    if archives := archive_units(user):
        rule |= Q(agency__in=archives, issued_at__isnull=False)
    return rule


def may_see(user: Any, document: "Document") -> bool:
    return (
        drafts(user, document)
        or signs(user, document)
        or keeps_seal(user, document)
        or any(
            user.serves_as(role, document.unit_id, document) for role in (Role.UNIT_HEAD, Role.CASE_OFFICER)
        )
        or _is_shared(user, document, "document")
        or (document.issued_at is not None and document.agency_id in archive_units(user))
    )


def _is_shared(user: Any, record: Any, column: str) -> bool:
    grants = apps.get_model("documents", "DocumentGrant").objects.in_force(user)
    if grants.filter(**{column: record.pk}).exists():
        return True
    return column == "document" and record.opinions.filter(opinions_waiting(user)).exists()


def is_an_agency() -> Q:
    """Letters go to agencies; units inside are reached through theirs."""
    return Q(agency=F("pk")) | Q(agency__isnull=True)


def groups_open_to(agency: Any) -> Q:
    """Groups of recipients that everybody has, and those of the agency itself."""
    return Q(owner__isnull=True) | Q(owner=agency)


def keeps_copies(user: Any, copy: Any) -> bool:
    """Certified copies are made by the clerk who holds the seal (NĐ 30/2020/NĐ-CP, art. 27, 32)."""
    return user is not None and user.serves_as(Role.CLERK, copy.agency_id)


def may_draft(user: Any) -> bool:
    """Is there a unit for which the present hat writes documents?"""
    return user.holds(*DRAFTERS)


# --- incoming documents ---------------------------------------------------------------------------------------


def keeps_register(user: Any, incoming: "IncomingDocument") -> bool:
    return user is not None and user.serves_as(Role.CLERK, incoming.agency_id, incoming)


def directs(user: Any, incoming: "IncomingDocument") -> bool:
    return user is not None and user.serves_as(Role.LEADER, incoming.agency_id, incoming)


def registers_or_directs(user: Any, incoming: "IncomingDocument") -> bool:
    return keeps_register(user, incoming) or directs(user, incoming)


def incoming_visible(user: Any) -> Q:
    """Clerk and leaders of the agency; whoever has a task on it, heads for their unit; what was given by name."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    return incoming_of_office(user) | incoming_shared(user)


def incoming_of_office(user: Any) -> Q:
    return serving(user, "agency", Role.LEADER, Role.CLERK, model="IncomingDocument")


def incoming_shared(user: Any) -> Q:
    tasks = apps.get_model("documents", "Task").objects.filter(task_visible(user))
    grants = apps.get_model("documents", "DocumentGrant").objects.in_force(user)
    rule = Q(pk__in=tasks.values("incoming")) | Q(
        pk__in=grants.filter(incoming__isnull=False).values("incoming")
    )
    if archives := archive_units(user):
        rule |= Q(agency__in=archives)
    return rule


def may_see_incoming(user: Any, incoming: "IncomingDocument") -> bool:
    tasks = apps.get_model("documents", "Task").objects.filter(incoming=incoming)
    return (
        registers_or_directs(user, incoming)
        or tasks.filter(task_visible(user)).exists()
        or _is_shared(user, incoming, "incoming")
        or incoming.agency_id in archive_units(user)
    )


# --- tasks ----------------------------------------------------------------------------------------------------


def task_visible(user: Any) -> Q:
    """One's own tasks, those of colleagues one covers for, and as a head those of the unit."""
    if not user.is_authenticated or user.hat is None:
        return Q(pk__in=[])
    return (
        Q(person=user)
        | user.standing_for("unit", "person", Role.CASE_OFFICER, apps.get_model("documents", "Task"))
        | Q(unit__in=user.units_as(Role.UNIT_HEAD, Role.LEADER))
    )


def does(user: Any, task: "Task") -> bool:
    """Who is named; for a task of the unit as a whole its head; a stand-in for either."""
    if user is None:
        return False
    if task.person_id is not None:
        return task.person_id in {user.pk} | user.stands_for(Role.CASE_OFFICER, task.unit_id)
    return heads_task(user, task)


def heads_task(user: Any, task: "Task") -> bool:
    """Passes it on inside the unit: its head, or the leader where the unit is an agency."""
    return user is not None and any(
        user.serves_as(role, task.unit_id) for role in (Role.UNIT_HEAD, Role.LEADER)
    )


def gave(user: Any, task: "Task") -> bool:
    """Decides about an extension and takes the task back: who gave it, or a leader of the agency."""
    if user is None:
        return False
    return task.directive.by_id == user.pk or user.serves_as(Role.LEADER, task.incoming.agency_id)


# --- work files -----------------------------------------------------------------------------------------------


def keeps_file(user: Any, file: "WorkFile") -> bool:
    """Who opened it, or the head of its unit."""
    return user is not None and (file.keeper_id == user.pk or user.serves_as(Role.UNIT_HEAD, file.unit_id))


def keeps_archive(user: Any, record: Any) -> bool:
    """The clerk of the agency receives files for its archive and keeps its catalogue."""
    return user is not None and user.serves_as(Role.CLERK, record.agency_id)


def decides_lists(user: Any, record: Any) -> bool:
    """A leader decides about destruction; never who proposed it."""
    return (
        user is not None
        and user.serves_as(Role.LEADER, record.agency_id)
        and record.proposed_by_id != user.pk
    )


def files_visible(user: Any) -> Q:
    if not user.is_authenticated or user.hat is None:
        return Q(pk__in=[])
    rule = (
        Q(keeper=user)
        | Q(unit__in=user.units_as(Role.UNIT_HEAD))
        | Q(agency__in=user.units_as(Role.CLERK, Role.LEADER))
    )
    if archives := archive_units(user):
        rule |= Q(agency__in=archives)
    return rule


# --- registers, dashboards, rights ----------------------------------------------------------------------------


def sees_books(user: Any, agency_id: int) -> bool:
    """Clerk and leaders read the registers of their agency, and those of agencies that it took over whole."""
    if user is None or not user.is_authenticated or user.hat is None:
        return False
    return agency_id in user.units_as(Role.CLERK, Role.LEADER) or agency_id in archive_units(user)


def books_visible(user: Any) -> Q:
    """The list rule beside `sees_books`."""
    if not user.is_authenticated or user.hat is None:
        return Q(pk__in=[])
    return Q(agency__in=user.units_as(Role.CLERK, Role.LEADER) | archive_units(user))


def closes_books(user: Any, agency_id: int) -> bool:
    return user is not None and user.serves_as(Role.CLERK, agency_id)


def grants_reading(user: Any, record: Any) -> bool:
    """Who may let a colleague read: clerk and leaders of the agency, and whoever handles it."""
    if user is None:
        return False
    if any(user.serves_as(role, record.agency_id, record) for role in (Role.CLERK, Role.LEADER)):
        return True
    if record._meta.model_name == "document":
        return drafts(user, record) or reviews(user, record)
    tasks = apps.get_model("documents", "Task").objects.filter(incoming=record).work().open()
    return tasks.filter(task_visible(user)).exists()


def reads_log(user: Any, record: Any) -> bool:
    """«Ai đã mở»: the clerk and the leaders of its agency."""
    return user is not None and any(
        user.serves_as(role, record.agency_id, record) for role in (Role.CLERK, Role.LEADER)
    )


def may_see_file(user: Any, file: "WorkFile") -> bool:
    """The object rule beside `files_visible`."""
    if not user.is_authenticated or user.hat is None:
        return False
    return (
        file.keeper_id == user.pk
        or file.unit_id in user.units_as(Role.UNIT_HEAD)
        or file.agency_id in user.units_as(Role.CLERK, Role.LEADER)
        or file.agency_id in archive_units(user)
    )


def serves_anyhow(user: Any, unit_id: int) -> bool:
    """Any role that writes or keeps documents for the unit."""
    return user is not None and any(user.serves_as(role, unit_id) for role in DRAFTERS)
