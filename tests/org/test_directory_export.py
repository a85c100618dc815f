"""The directory for the mail server: people, and groups whose members follow the posts."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent
from org import directory_export, ldif
from org.choices import Role
from org.models import Assignment, DirectorySnapshot, Person
from tests import factories as make
from tests.onecase.staff_doors import enter
from tests.org import ldif_reader

pytestmark = pytest.mark.django_db
BASE = "dc=haiphong,dc=gov,dc=vn"


@pytest.fixture
def world() -> Any:
    return make.commune("phường Thử Nghiệm")


def exported(**asked: Any) -> bytes:
    out = io.StringIO()
    call_command("directory_export", stdout=out, **asked)
    return out.getvalue().encode()


def records(**asked: Any) -> dict[str, ldif_reader.Record]:
    return {record.dn: record for record in ldif_reader.read(exported(**asked))}


def posts_group(world: Any) -> str:
    post = world.clerk.hat
    return f"cn={post.position.code}.{world.office.slug},ou=posts,{BASE}"


# --- the format -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "",
        "an",
        "Nguyễn Thị Lan",
        " lan",
        "lan ",
        ":x",
        "<x",
        "a\nb",
        "a\rb",
        "x" * 200,
        "Ưu" * 90,
        "a:b <c>",
        "\x7f",
        "-",
    ],
)
def test_any_value_comes_back_as_it_was(value):
    text = ldif.VERSION + ldif.entry(
        "cn=a,dc=b", [("objectClass", "top"), ("cn", "a"), ("description", value)]
    )
    (record,) = ldif_reader.read(text.encode())
    assert record.attributes["description"] == [value]


def test_names_in_a_dn_are_escaped():
    assert ldif.rdn_value('a,b+c"d<e>f;g\\h=i') == r"a\,b\+c\"d\<e\>f\;g\\h\=i"
    assert ldif.rdn_value("#a") == r"\#a"
    assert ldif.rdn_value(" a ") == r"\ a\ "


# --- the whole ------------------------------------------------------------------------------------------------


def test_everybody_is_there_with_the_posts_of_the_day(world):
    found = records()
    lan = found[directory_export.person_dn(world.case_officer.person.pk)]
    assert lan.attributes["cn"] == ["Nguyễn Thị Lan"]
    assert (lan.attributes["sn"], lan.attributes["givenName"]) == (["Nguyễn"], ["Lan"])
    assert lan.attributes["mail"] == [world.case_officer.email]
    assert lan.attributes["title"] == ["Công chức tư pháp - hộ tịch"]
    assert {"top", "person", "organizationalPerson", "inetOrgPerson"} == set(lan.attributes["objectClass"])
    people = [dn for dn in found if dn.endswith(f",ou=people,{BASE}")]
    assert len(people) == 6


def test_a_post_keeps_its_address_when_its_holder_changes(world):
    before = records()[posts_group(world)]
    assert before.attributes["member"] == [directory_export.person_dn(world.clerk.person.pk)]
    old = world.clerk.hat
    Assignment.objects.filter(pk=old.pk).update(valid_to=timezone.localdate())
    newcomer = make.hat("Bùi Văn Mới", world.office, "Văn thư", Role.CLERK, on=world.ubnd)
    after = records()[posts_group(world)]
    assert after.attributes["mail"] == before.attributes["mail"]
    assert after.attributes["mail"][0].endswith(f".{world.office.slug}@haiphong.gov.vn")
    assert after.attributes["member"] == [directory_export.person_dn(newcomer.person.pk)]


def test_a_vacant_post_has_no_group(world):
    Assignment.objects.filter(pk=world.clerk.hat.pk).update(valid_to=timezone.localdate())
    assert posts_group(world) not in records()


def test_members_exist_and_every_address_is_used_once(world):
    found = records()
    groups = [one for one in found.values() if "groupOfNames" in one.attributes["objectClass"]]
    assert groups
    assert {dn for group in groups for dn in group.attributes["member"]} <= set(found)
    addresses = [mail for one in found.values() for mail in one.attributes.get("mail", [])]
    assert len(addresses) == len(set(addresses))
    assert all(len(mail.split("@")[0]) <= 64 for mail in addresses)


# --- since ----------------------------------------------------------------------------------------------------


def test_a_delta_adds_changes_and_removes(world):
    first, post = records(), posts_group(world)
    lan, leaver = world.case_officer.person, world.clerk.person
    Person.objects.filter(pk=lan.pk).update(full_name="Nguyễn Thị Lan Anh", work_phone="0225 3842116")
    Assignment.objects.filter(person=leaver).update(valid_to=timezone.localdate())
    newcomer = make.hat("Bùi Văn Mới", world.office, "Văn thư", Role.CLERK, on=world.ubnd).person
    changes = records(since="last")
    assert changes[directory_export.person_dn(leaver.pk)].changetype == "delete"
    assert changes[directory_export.person_dn(newcomer.pk)].changetype == "add"
    renamed = changes[directory_export.person_dn(lan.pk)]
    assert renamed.changetype == "modify"
    told = {name: values for _verb, name, values in renamed.modifications}
    assert told["cn"] == ["Nguyễn Thị Lan Anh"]
    assert told["telephoneNumber"] == ["0225 3842116"]
    group = changes[post]
    assert ("replace", "member", [directory_export.person_dn(newcomer.pk)]) in group.modifications
    assert directory_export.person_dn(world.leader.person.pk) not in changes
    assert set(changes) <= set(first) | {directory_export.person_dn(newcomer.pk)}
    assert records(since="last") == {}


def test_an_attribute_that_is_no_more_is_taken_away(world):
    Person.objects.filter(pk=world.clerk.person.pk).update(work_phone="0225 1")
    exported()
    Person.objects.filter(pk=world.clerk.person.pk).update(work_phone="")
    changed = records(since="last")[directory_export.person_dn(world.clerk.person.pk)]
    assert ("replace", "telephoneNumber", []) in changed.modifications


def test_people_come_before_groups_that_name_them_and_go_after(world):
    exported()
    Assignment.objects.update(valid_to=timezone.localdate())
    order = [record.dn for record in ldif_reader.read(exported(since="last"))]
    kinds = [dn.split(",")[1] for dn in order]
    assert kinds == sorted(kinds, key=lambda kind: kind == "ou=people")


def test_since_a_moment_is_since_the_export_before_it(world):
    exported()
    DirectorySnapshot.objects.update(taken_at=timezone.now() - timedelta(days=3))
    Person.objects.filter(pk=world.clerk.person.pk).update(work_phone="0225 1")
    exported()
    two_days_ago = (timezone.localtime() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert directory_export.person_dn(world.clerk.person.pk) in records(since=two_days_ago)
    with pytest.raises(CommandError, match="Chưa có lần xuất nào"):
        exported(since="2020-01-01")
    with pytest.raises(CommandError, match="không phải thời điểm"):
        exported(since="hôm qua")


def test_an_export_is_in_the_trail_and_a_failed_one_never_was(world, tmp_path: Path):
    target = tmp_path / "danh-ba.ldif"
    call_command("directory_export", output=str(target), stderr=io.StringIO())
    assert ldif_reader.read(target.read_bytes())
    assert AuditEvent.objects.get(event="directory.export").note == "dạng LDIF"
    with pytest.raises(CommandError):
        call_command("directory_export", output=str(tmp_path / "khong-co" / "x.ldif"))
    assert DirectorySnapshot.objects.count() == 1
    assert AuditEvent.objects.filter(event="directory.export").count() == 1


# --- CSV ------------------------------------------------------------------------------------------------------


def test_a_spreadsheet_shows_and_runs_nothing(world):
    Person.objects.filter(pk=world.clerk.person.pk).update(
        full_name='=HYPERLINK("http://xau.example")', work_phone="+84225"
    )
    text = exported(kind="csv").decode()
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 6
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=HYPERLINK" in text
    assert "'+84225" in text


def test_a_delta_for_a_spreadsheet_names_who_left(world):
    exported()
    Assignment.objects.filter(person=world.clerk.person).update(valid_to=timezone.localdate())
    rows = list(csv.reader(io.StringIO(exported(kind="csv", since="last").decode().removeprefix("\ufeff"))))
    assert ["bỏ", "cá nhân", directory_export.person_dn(world.clerk.person.pk), "", "", ""] in rows


# --- download -------------------------------------------------------------------------------------------------


def test_a_unit_administrator_downloads_his_own_units_only(world):
    other = make.commune("phường Bên Cạnh")
    administrator = make.hat("Quản Đơn Vị", world.office, "Quản trị đơn vị", Role.UNIT_ADMIN)
    answer = enter(administrator).post(reverse("org:directory_export"), {"kieu": "ldif"})
    found = {record.dn for record in ldif_reader.read(answer.content)}
    assert directory_export.person_dn(world.clerk.person.pk) in found
    assert directory_export.person_dn(world.counter_officer.person.pk) not in found
    assert directory_export.person_dn(other.clerk.person.pk) not in found
    sheet = enter(administrator).post(reverse("org:directory_export"), {"kieu": "csv"}).content.decode()
    assert world.clerk.full_name in sheet
    assert world.counter_officer.full_name not in sheet
    event = AuditEvent.objects.filter(event="directory.export").latest("id")
    assert (event.actor, event.subject_id) == (administrator, world.office.pk)
    assert not DirectorySnapshot.objects.exists()


def test_others_find_no_download(world):
    address = reverse("org:directory_export")
    for user in (world.leader, world.clerk):
        assert enter(user).post(address, {"kieu": "ldif"}).status_code == 404
    assert enter(make.citizen()).post(address, {"kieu": "ldif"}).status_code == 403
    administrator = make.hat("Quản Đơn Vị", world.office, "Quản trị đơn vị", Role.UNIT_ADMIN)
    assert enter(administrator).get(address).status_code == 405
    assert enter(administrator).post(address, {"kieu": "exe"}).status_code == 404
    assert not AuditEvent.objects.filter(event="directory.export").exists()
