"""Units through time: what the commands write, and what the database refuses even to raw SQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.errors import RuleError
from core.models import AuditEvent
from org import tasks, tree
from org.actions import units
from org.choices import IdentifierScheme, OrganizationKind
from org.models import AdminUnit, LegalBasis, Organization, OrgIdentifier, OrgVersion
from tests import factories

pytestmark = pytest.mark.django_db
EARLY, LATER = factories.EARLY, date(2026, 3, 1)


@pytest.fixture
def department() -> Organization:
    return factories.organization("Sở Thử", OrganizationKind.DEPARTMENT, symbol="ST")


@pytest.fixture
def basis() -> LegalBasis:
    return LegalBasis.objects.create(number="QĐ thử 1")


def events(unit: Organization) -> list[str]:
    return list(
        AuditEvent.objects.filter(subject_type="org.organization", subject_id=unit.pk)
        .order_by("id")
        .values_list("event", flat=True)
    )


class TestCommands:
    def test_found(self, department: Organization, basis: LegalBasis) -> None:
        made = units.found(
            slug="chi-cuc-thu",
            name="Chi cục Thử",
            kind=OrganizationKind.SUBDEPARTMENT,
            on=LATER,
            basis=basis,
            parent=department,
        )
        version = made.versions.get()
        assert (version.name, version.parent, version.valid_from, version.legal_basis) == (
            "Chi cục Thử",
            department,
            LATER,
            basis,
        )
        assert made.agency == version.agency == made
        assert made.folded == "chi cuc thu"
        assert made.pk in tree.as_of(LATER).descendants(department.pk)
        assert made.pk not in tree.as_of(LATER - timedelta(days=1))
        assert events(made) == ["unit.found"]

    def test_found_refuses_a_parent_that_is_not_there_yet(self, department: Organization) -> None:
        with pytest.raises(RuleError, match="Sở Thử không tồn tại suốt thời gian"):
            units.found(
                slug="x",
                name="X",
                kind=OrganizationKind.DIVISION,
                on=EARLY - timedelta(days=1),
                basis=None,
                parent=department,
            )
        with pytest.raises(RuleError, match="đã có đơn vị dùng"):
            units.found(slug=department.slug, name="X", kind=OrganizationKind.DIVISION, on=LATER, basis=None)
        assert not Organization.objects.filter(name="X").exists()

    def test_revise_keeps_what_was(self, department: Organization, basis: LegalBasis) -> None:
        units.revise(department, on=LATER, basis=basis, name="Sở Mới", symbol="SM")
        before, after = department.versions.all()
        assert (before.name, before.valid_from, before.valid_to) == ("Sở Thử", EARLY, LATER)
        assert (after.name, after.symbol, after.valid_from, after.valid_to) == ("Sở Mới", "SM", LATER, None)
        department.refresh_from_db()
        assert (department.name, department.folded) == ("Sở Mới", "so moi")
        (event,) = AuditEvent.objects.filter(event="unit.revise")
        assert event.detail["before"]["name"] == "Sở Thử" and event.detail["after"]["basis"] == "QĐ thử 1"

    def test_the_day_of_the_change_belongs_to_the_new(self, department: Organization) -> None:
        units.revise(department, on=LATER, basis=None, name="Sở Mới")
        names = [tree.as_of(day).node(department.pk) for day in (LATER - timedelta(days=1), LATER)]
        assert [node and node.name for node in names] == ["Sở Thử", "Sở Mới"]

    def test_a_change_to_come_waits_for_its_day(
        self, department: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        day = timezone.localdate() + timedelta(days=3)
        units.revise(department, on=day, basis=None, name="Sở Mới")
        department.refresh_from_db()
        assert department.name == "Sở Thử"
        assert units.begin_versions() == 0
        monkeypatch.setattr(units.timezone, "localdate", lambda: day)
        assert units.contradictions() == [department.slug]
        tasks.begin_versions()
        tasks.begin_versions()
        department.refresh_from_db()
        assert department.name == "Sở Mới"
        assert units.contradictions() == []
        assert events(department) == ["unit.revise", "unit.version_begins"]

    def test_a_second_change_on_one_day_replaces_the_first(self, department: Organization) -> None:
        units.revise(department, on=LATER, basis=None, name="Sở Một")
        units.revise(department, on=LATER, basis=None, name="Sở Hai")
        assert [version.name for version in department.versions.all()] == ["Sở Thử", "Sở Hai"]

    def test_revise_refuses(self, department: Organization) -> None:
        part = factories.organization("Phòng Thử", OrganizationKind.DIVISION, parent=department)
        with pytest.raises(RuleError, match="không thể trực thuộc"):
            units.revise(department, on=LATER, basis=None, parent=part)
        with pytest.raises(RuleError, match="không hoạt động vào ngày 30/06/2025"):
            units.revise(department, on=EARLY - timedelta(days=1), basis=None, name="X")
        with pytest.raises(TypeError):
            units.revise(department, on=LATER, basis=None, slug="x")
        assert department.versions.count() == 1

    def test_close(self, department: Organization, basis: LegalBasis) -> None:
        part = factories.organization("Phòng Thử", OrganizationKind.DIVISION, parent=department)
        units.give_identifier(department, scheme=IdentifierScheme.QCVN102, value="000.00.01.H24", on=EARLY)
        with pytest.raises(RuleError, match=r"còn đơn vị trực thuộc \(Phòng Thử\)"):
            units.close(department, on=LATER, basis=basis)
        units.close(part, on=LATER, basis=basis)
        units.close(department, on=LATER, basis=basis)
        department.refresh_from_db()
        assert department.valid_to == department.versions.get().valid_to == LATER
        assert department.identifiers.get().valid_to == LATER
        assert department.pk not in tree.as_of(LATER)
        assert events(department)[-1] == "unit.close"
        with pytest.raises(RuleError, match="không hoạt động"):
            units.close(department, on=LATER + timedelta(days=9), basis=basis)

    def test_reopen_leaves_the_days_between_empty(self, department: Organization) -> None:
        again = LATER + timedelta(days=10)
        units.close(department, on=LATER, basis=None)
        with pytest.raises(RuleError, match="chưa kết thúc"):
            units.reopen(department, on=LATER - timedelta(days=1), basis=None)
        units.reopen(department, on=again, basis=None, name="Sở Lập lại")
        assert [day in map_days(department) for day in (EARLY, LATER, again)] == [True, False, True]
        department.refresh_from_db()
        assert (department.name, department.valid_to) == ("Sở Lập lại", None)
        assert units.contradictions() == []

    def test_identifiers(self, department: Organization) -> None:
        other = factories.organization("Sở Khác", OrganizationKind.DEPARTMENT)
        units.give_identifier(department, scheme=IdentifierScheme.QD20, value="H24.1", on=EARLY)
        with pytest.raises(RuleError, match="đang do Sở Thử dùng"):
            units.give_identifier(other, scheme=IdentifierScheme.QD20, value="H24.1", on=LATER)
        with pytest.raises(RuleError, match="đã có mã khác"):
            units.give_identifier(department, scheme=IdentifierScheme.QD20, value="H24.9", on=EARLY)
        units.give_identifier(department, scheme=IdentifierScheme.QD20, value="H24.2", on=LATER)
        units.give_identifier(other, scheme=IdentifierScheme.QD20, value="H24.1", on=LATER)
        assert [(row.value, row.valid_to) for row in department.identifiers.order_by("valid_from")] == [
            ("H24.1", LATER),
            ("H24.2", None),
        ]
        department.refresh_from_db()
        assert department.identifier == "H24.2"


def map_days(unit: Organization) -> set[date]:
    """Days of interest on which the unit stands."""
    days = (EARLY, LATER, LATER + timedelta(days=10))
    return {day for day in days if unit.pk in tree.as_of(day)}


@contextmanager
def refused(constraint: str) -> Iterator[Any]:
    """Run raw SQL; the database must refuse it, at the latest when the transaction is to be kept."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert constraint in str(caught.value)


VERSION = """INSERT INTO org_orgversion (organization_id, name, short_name, symbol, parent_id, valid_from, valid_to, note)
             VALUES (%s, 'x', '', '', %s, %s, %s, '')"""
UNIT = """INSERT INTO org_adminunit (code, level, kind, name, full_name, parent_id, valid_from, valid_to, legal_basis,
          source, former_province, folded) VALUES (%s, %s, 'xa', 'x', %s, %s, %s, %s, '', '', '', '')"""


class TestGuarantees:
    """What raw SQL may not do either."""

    def test_two_versions_on_a_day(self, department: Organization) -> None:
        with refused("org_version_no_overlap") as cursor:
            cursor.execute(VERSION, [department.pk, None, "2026-01-01", None])
        with refused("org_version_no_overlap") as cursor:
            cursor.execute(VERSION, [department.pk, None, "2024-01-01", "2025-07-02"])
        with connection.cursor() as cursor:  # half-open: the last day belongs to the next one
            cursor.execute(VERSION, [department.pk, None, "2024-01-01", "2025-07-01"])

    def test_two_codes_of_a_scheme(self, department: Organization) -> None:
        row = "INSERT INTO org_orgidentifier (organization_id, scheme, value, valid_from, valid_to, source) VALUES (%s, %s, %s, %s, %s, '')"
        other = factories.organization("Sở Khác", OrganizationKind.DEPARTMENT)
        with connection.cursor() as cursor:
            cursor.execute(row, [department.pk, "qd20_2020", "H24.1", "2025-07-01", None])
            cursor.execute(row, [department.pk, "qcvn102", "000.00.01.H24", "2025-07-01", None])
        with refused("identifier_one_of_a_scheme") as cursor:
            cursor.execute(row, [department.pk, "qd20_2020", "H24.2", "2026-01-01", None])
        with refused("identifier_one_holder") as cursor:
            cursor.execute(row, [other.pk, "qd20_2020", "H24.1", "2026-01-01", None])
        assert OrgIdentifier.objects.count() == 2

    def test_one_code_and_one_name_of_a_territory(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(UNIT, ["90", 1, "Tỉnh Thử", None, "2017-01-01", None])
        province = AdminUnit.objects.get(code="90")
        with connection.cursor() as cursor:
            cursor.execute(UNIT, ["99001", 3, "Xã Một", province.pk, "2017-01-01", "2025-07-01"])
            cursor.execute(
                UNIT, ["99001", 3, "Xã Hai", province.pk, "2025-07-01", None]
            )  # the code is used again
        with refused("admin_unit_code_no_overlap") as cursor:
            cursor.execute(UNIT, ["99001", 3, "Xã Ba", province.pk, "2024-01-01", "2024-02-01"])
        with refused("admin_unit_name_no_overlap") as cursor:
            cursor.execute(UNIT, ["99002", 3, "Xã Hai", province.pk, "2026-01-01", None])

    def test_a_territory_in_one_that_is_not_above_it(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(UNIT, ["90", 1, "Tỉnh Thử", None, "2017-01-01", None])
        province = AdminUnit.objects.get(code="90")
        with connection.cursor() as cursor:
            cursor.execute(UNIT, ["99001", 3, "Xã Một", province.pk, "2017-01-01", None])
        commune = AdminUnit.objects.get(code="99001")
        with refused("admin_unit_parent_above") as cursor:
            cursor.execute(UNIT, ["99002", 3, "Xã Hai", commune.pk, "2017-01-01", None])
        with refused("admin_unit_parent_above") as cursor:
            cursor.execute("UPDATE org_adminunit SET parent_id = %s WHERE id = %s", [commune.pk, province.pk])
        with refused("admin_unit_parent_above") as cursor:
            cursor.execute("UPDATE org_adminunit SET level = 3 WHERE id = %s", [province.pk])

    def test_a_territory_outside_the_life_of_its_parent(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(UNIT, ["90", 1, "Tỉnh Thử", None, "2017-01-01", "2025-07-01"])
        province = AdminUnit.objects.get(code="90")
        with refused("admin_unit_parent_covers") as cursor:
            cursor.execute(UNIT, ["99001", 3, "Xã Một", province.pk, "2017-01-01", None])
        with refused("admin_unit_parent_covers") as cursor:
            cursor.execute(UNIT, ["99001", 3, "Xã Một", province.pk, "2016-12-31", "2025-07-01"])
        with connection.cursor() as cursor:
            cursor.execute(UNIT, ["99001", 3, "Xã Một", province.pk, "2017-01-01", "2025-07-01"])
        with refused("admin_unit_parent_covers") as cursor:
            cursor.execute("UPDATE org_adminunit SET valid_to = '2025-01-01' WHERE id = %s", [province.pk])

    def test_a_version_outside_the_life_of_its_parent(self, department: Organization) -> None:
        part = factories.organization("Phòng Thử", OrganizationKind.DIVISION, parent=department)
        with refused("org_version_parent_covers") as cursor:
            cursor.execute(VERSION, [part.pk, department.pk, "2024-01-01", "2025-07-01"])
        with refused("org_version_parent_covers") as cursor:
            cursor.execute(
                "UPDATE org_orgversion SET valid_to = '2026-01-01' WHERE organization_id = %s",
                [department.pk],
            )
        with refused("org_version_parent_covers") as cursor:
            cursor.execute("DELETE FROM org_orgversion WHERE organization_id = %s", [department.pk])

    def test_a_parent_may_have_several_versions(self, department: Organization) -> None:
        """Renamed in the middle, the parent is there all the same; with a gap it is not."""
        part = factories.organization("Phòng Thử", OrganizationKind.DIVISION, parent=department)
        units.revise(department, on=LATER, basis=None, name="Sở Mới")
        connection.check_constraints()
        with refused("org_version_parent_covers") as cursor:
            cursor.execute(
                "UPDATE org_orgversion SET valid_from = '2026-03-02' WHERE organization_id = %s AND valid_to IS NULL",
                [department.pk],
            )
        assert part.versions.get().parent == department

    def test_circles_on_any_day(self, department: Organization) -> None:
        part = factories.organization("Phòng Thử", OrganizationKind.DIVISION, parent=department)
        piece = factories.organization("Tổ Thử", OrganizationKind.DIVISION, parent=part)
        for below in (department, part, piece):
            with refused("org_version_no_circle") as cursor:
                cursor.execute(
                    "UPDATE org_orgversion SET parent_id = %s WHERE organization_id = %s",
                    [below.pk, department.pk],
                )
        with refused("org_version_no_circle") as cursor:  # only from a later day on
            cursor.execute(
                "UPDATE org_orgversion SET valid_to = '2026-01-01' WHERE organization_id = %s",
                [department.pk],
            )
            cursor.execute(VERSION, [department.pk, piece.pk, "2026-01-01", None])

    def test_two_that_change_places_are_no_circle(self, department: Organization) -> None:
        """A under B until a day, B under A from that day on."""
        other = factories.organization("Sở Khác", OrganizationKind.DEPARTMENT, parent=department)
        units.revise(other, on=LATER, basis=None, parent=None)
        units.revise(department, on=LATER, basis=None, parent=other)
        connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_make_a_circle_together() -> None:
    """Each alone is sound. The second one waits for the first and is refused."""
    one = factories.organization("Sở Một", OrganizationKind.DEPARTMENT)
    other = factories.organization("Sở Hai", OrganizationKind.DEPARTMENT)
    ready = threading.Barrier(2, timeout=20)
    refusals: list[str] = []

    def put(unit: Organization, under: Organization) -> None:
        try:
            with transaction.atomic():
                OrgVersion.objects.filter(organization=unit).update(parent=under)
                ready.wait()
        except IntegrityError as error:
            refusals.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=put, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refusals) == 1 and "org_version_no_circle" in refusals[0]


class TestLoaded:
    """The world of the files."""

    def test_former_committees_stand_as_long_as_their_territory(self) -> None:
        call_command("load_reference", verbosity=0)
        assert units.contradictions() == []
        assert OrgVersion.objects.filter(agency__isnull=True).count() == 0
        last = date(2025, 6, 30)
        for level, count in ((2, 27), (3, 374)):
            standing = OrgVersion.objects.valid_on(last).filter(
                organization__kind="ubnd", territory__level=level
            )
            assert standing.count() == count
        quarter = Organization.objects.get(slug="ubnd-quan-le-chan")
        assert quarter.name == "Ủy ban nhân dân quận Lê Chân"
        found = tree.as_of(last)
        assert found.path(quarter.pk)[0].slug == "ubnd-tp-2017"
        assert {node.kind for node in found.children(quarter.pk)} == {"ubnd"}
        assert quarter.pk not in tree.as_of(date(2025, 7, 1))
        # One that merely came under another district in between goes on, with another parent.
        goes_on = [unit for unit in Organization.objects.filter(kind="ubnd") if unit.versions.count() > 1]
        assert goes_on and all(
            len({version.parent_id for version in unit.versions.all()}) > 1 for unit in goes_on
        )

    def test_the_world_as_it_stood(self) -> None:
        call_command("load_reference", "--as-of", "2025-06-30", verbosity=0)
        assert not AdminUnit.objects.filter(valid_from__gt=date(2025, 6, 30)).exists()
        assert not Organization.objects.filter(valid_from__gt=date(2025, 6, 30)).exists()
        now = timezone.localdate()
        standing = AdminUnit.objects.valid_on(now)
        assert [standing.filter(level=level).count() for level in (1, 2, 3)] == [2, 27, 374]
        assert Organization.objects.valid_on(now).filter(kind="ubnd").count() == 27 + 374 + 2
        assert {slug for slug in Organization.objects.valid_on(now).values_list("slug", flat=True)} >= {
            "snv-2025",
            "sct-2017",
            "snv-hd",
        }
        assert units.contradictions() == []
        call_command("load_reference", "--as-of", "2025-06-30", verbosity=0)
        # and the rest on top: what ended is closed, what followed begins
        call_command("load_reference", "--update", verbosity=0)
        assert AdminUnit.objects.valid_on(now).filter(level=3).count() == 114
        assert units.contradictions() == []
