"""Reference data: what the files must hold, what the loader refuses, and that repeating it is harmless."""

import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core import loading, office_calendar
from core.models import OfficeHours, WorkingDay
from core.search import fold
from documents.models import DocumentType
from onecase import eforms
from onecase import loading as catalogue
from onecase.choices import LimitUnit
from onecase.models import (
    Component,
    ElectronicForm,
    Fee,
    LegalReason,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    ResultTemplate,
    Step,
)
from org import services as org_services
from org.loading import territories
from org.models import AdminUnit, AdminUnitSuccession, Organization, Position

BEFORE, LAST, NOW = date(2017, 12, 31), date(2025, 6, 30), date(2026, 11, 20)


@pytest.fixture
def reference(db: None) -> None:
    call_command("load_reference", verbosity=0)


def version(code: str) -> ProcedureVersion:
    return ProcedureVersion.objects.get(procedure__code=code)


@pytest.mark.usefixtures("loaded", "db")
class TestCounts:
    def test_territories_of_three_states(self) -> None:
        for day, districts, communes in ((BEFORE, 27, 488), (LAST, 27, 374), (NOW, 0, 114)):
            units = AdminUnit.objects.valid_on(day)
            assert units.filter(level=2).count() == districts
            assert units.filter(level=3).count() == communes
        now = AdminUnit.objects.valid_on(NOW).filter(level=3)
        assert [now.filter(kind=kind).count() for kind in ("phuong", "xa", "dac_khu")] == [45, 67, 2]
        assert now.filter(former_province="Tỉnh Hải Dương").count() == 64
        assert set(now.values_list("parent__full_name", flat=True)) == {"Thành phố Hải Phòng"}

    def test_every_old_commune_has_an_heir(self) -> None:
        ending = AdminUnit.objects.valid_on(LAST).filter(level=3)
        assert not ending.filter(successions__isnull=True).exists()
        bach_long_vi = AdminUnit.objects.valid_on(LAST).get(code="318")
        assert bach_long_vi.successions.get().new.full_name == "Đặc khu Bạch Long Vĩ"
        assert not AdminUnitSuccession.objects.filter(
            new__valid_to__lte=LAST, old__valid_from__gte=LAST
        ).exists()

    def test_a_code_is_not_an_identity(self) -> None:
        lives = AdminUnit.objects.filter(code="11560").order_by("valid_from")
        assert [unit.full_name for unit in lives] == [
            "Xã Thủy Sơn",
            "Phường Thủy Đường",
            "Phường Thủy Nguyên",
        ]
        assert [unit.parent.full_name for unit in lives if unit.parent] == [
            "Huyện Thủy Nguyên",
            "Thành phố Thủy Nguyên",
            "Thành phố Hải Phòng",
        ]

    def test_a_parent_lives_as_long_as_its_children(self) -> None:
        for unit in AdminUnit.objects.exclude(parent=None).select_related("parent"):
            parent = unit.parent
            assert parent is not None and parent.valid_from <= unit.valid_from
            assert parent.valid_to is None or (unit.valid_to is not None and unit.valid_to <= parent.valid_to)

    def test_agencies(self) -> None:
        now = Organization.objects.valid_on(NOW)
        assert now.filter(kind="ubnd", territory__level=3).count() == 114
        assert now.filter(slug__startswith="ttpvhcc-").count() == 115
        assert now.filter(symbol="KTHTĐT").count() == 45
        assert not Organization.objects.filter(agency__isnull=True).exists()
        assert Organization.objects.valid_on(BEFORE).filter(slug="sldtbxh").exists()
        assert not Organization.objects.valid_on(date(2025, 3, 1)).filter(slug="sldtbxh").exists()

    def test_a_commune_has_its_parts(self) -> None:
        ubnd = Organization.objects.get(slug="ubnd-phuong-ngo-quyen")
        assert ubnd.agency == ubnd
        assert ubnd.territory is not None and ubnd.territory.code == "11329"
        assert sorted(part.symbol for part in ubnd.parts.exclude(pk=ubnd.pk)) == [
            "KTHTĐT",
            "TTPVHCC",
            "VHXH",
            "VP",
        ]
        assert org_services.counter_of(ubnd).slug == "ttpvhcc-phuong-ngo-quyen"
        assert org_services.handling_unit_of(ubnd, "KT").symbol == "KTHTĐT"
        xa = Organization.objects.get(slug="ubnd-xa-vinh-bao")
        assert org_services.handling_unit_of(xa, "KT").name == "Phòng Kinh tế xã Vĩnh Bảo"
        stc = Organization.objects.get(slug="stc")
        assert org_services.handling_unit_of(stc, "ĐKKD").slug == "stc-dkkd"
        assert org_services.counter_of(stc).slug == "ttpvhcc-tp"

    def test_catalogue(self) -> None:
        assert Procedure.objects.count() == ProcedureVersion.objects.count() == 65
        assert ProcedureCase.objects.count() == 60
        assert Component.objects.filter(is_note=False).count() == 434
        assert Component.objects.filter(is_note=True).count() == 171
        assert ElectronicForm.objects.count() == ResultTemplate.objects.count() == 10
        assert Step.objects.exclude(status="suggested").count() == 0
        assert WorkingDay.objects.count() == 60
        assert OfficeHours.objects.count() == 2
        assert Position.objects.filter(signs_as="TM").exists()
        assert set(LegalReason.objects.values_list("kind", flat=True)) == {"supplement", "reject"}

    def test_document_types(self) -> None:
        ordinary = DocumentType.objects.filter(is_specialised=False)
        assert ordinary.count() == 29
        assert ordinary.exclude(abbreviation="").count() == 27
        assert set(ResultTemplate.objects.values_list("document_type", flat=True)) <= set(
            DocumentType.objects.values_list("code", flat=True)
        )

    def test_every_procedure_finds_its_unit(self) -> None:
        ubnd = Organization.objects.get(slug="ubnd-xa-vinh-bao")
        for procedure in Procedure.objects.filter(decided_by="ubnd_xa"):
            assert org_services.handling_unit_of(ubnd, procedure.handled_by_symbol) != ubnd
        decided_by = set(
            Procedure.objects.exclude(decided_by__in=["ubnd_xa", "ngoai_he_thong"]).values_list(
                "decided_by", flat=True
            )
        )
        assert decided_by == set(
            Organization.objects.filter(slug__in=decided_by).values_list("slug", flat=True)
        )

    def test_electronic_forms_are_understood(self) -> None:
        for form in ElectronicForm.objects.select_related("procedure"):
            names = Component.objects.filter(version__procedure=form.procedure).values_list("name", flat=True)
            assert eforms.load(form.schema, components=names).code == form.procedure.code


@pytest.mark.usefixtures("loaded", "db")
class TestReadings:
    @pytest.mark.parametrize(
        ("code", "unit", "quantity"),
        [
            ("1.001193", "within_day", 1),
            ("2.000720", "working_day", 3),
            ("1.001266", "working_day", 5),
            ("1.001612", "working_day", 3),
            ("1.014027", "working_day", 10),
            ("1.001776", "working_day", 10),
            ("1.010803", "working_day", 10),
            ("1.001731", "working_day", 3),
            ("1.001699", "working_day", 25),
            ("1.010833", "working_day", 5),
            ("1.013702", "working_day", 30),
            ("2.001283", "working_day", 15),
            ("1.003622", "calendar_day", 15),
            ("2.002481", "none", None),
            ("1.011606", "none", None),
        ],
    )
    def test_known_errors_are_read_right(self, code: str, unit: str, quantity: int | None) -> None:
        found = version(code)
        assert (found.limit_unit, found.limit_quantity, found.limit_verified) == (unit, quantity, False)

    @pytest.mark.parametrize("code", ["1.013225", "1.013229"])
    def test_building_permits_go_by_case(self, code: str) -> None:
        cases = {case.code: case for case in version(code).cases.all()}
        assert cases.pop("nha_o").limit_quantity == 15
        assert {case.limit_quantity for case in cases.values()} == {20}
        assert {case.limit_unit for case in cases.values()} == {LimitUnit.CALENDAR_DAY}

    def test_reissue_and_exchange(self) -> None:
        cases = {case.code: case.limit_quantity for case in version("2.000575").cases.all()}
        assert cases.pop("mat_rach") == 1
        assert set(cases.values()) == {3}

    def test_only_what_the_record_says_is_verified(self) -> None:
        assert version("1.004837").limit_verified  # «3 ngày làm việc» in the record
        doubtful = {"1.012783", "1.013978", "1.012786", "1.012812", "1.004859", "1.010041"}
        assert not ProcedureVersion.objects.filter(procedure__code__in=doubtful, limit_verified=True).exists()

    def test_an_unknown_fee_is_not_zero(self) -> None:
        fees = {
            fee.channel: fee.amount_vnd for fee in Fee.objects.filter(version__procedure__code="1.004194")
        }
        assert fees["1"] is None and fees["2"] is None
        assert Fee.objects.get(version__procedure__code="1.004873", channel="2").amount_vnd == 0
        assert Fee.objects.get(version__procedure__code="1.004873", channel="1").amount_vnd == 5000
        assert not Fee.objects.filter(amount_vnd__isnull=True, verified=True).exists()
        assert not Fee.objects.filter(version__procedure__code="2.000815", channel="2").exists()

    def test_people_find_the_procedure(self) -> None:
        assert fold("lam giay khai sinh") in Procedure.objects.get(code="1.001193").folded

    def test_steps_keep_within_the_legal_time(self) -> None:
        for found in ProcedureVersion.objects.filter(limit_unit="working_day").prefetch_related("steps"):
            assert sum(step.hours for step in found.steps.all()) <= (found.limit_quantity or 0) * 8

    def test_the_calendar_is_in_force(self) -> None:
        calendar = office_calendar.load()
        assert calendar.is_working_day(date(2026, 8, 22))  # a make-up Saturday
        assert not calendar.is_working_day(date(2026, 2, 17))


class TestRepeating:
    def test_twice_is_once(self, reference: None, capsys: pytest.CaptureFixture[str]) -> None:
        began = time.monotonic()
        call_command("load_reference")
        assert "thêm 0, sửa 0" in capsys.readouterr().out
        call_command("load_reference", "--update")
        assert "thêm 0, sửa 0" in capsys.readouterr().out
        assert time.monotonic() - began < 20

    def test_what_an_administrator_changed_stays(self, reference: None) -> None:
        ProcedureVersion.objects.filter(procedure__code="1.001193").update(limit_verified=True)
        call_command("load_reference", verbosity=0)
        assert version("1.001193").limit_verified
        call_command("load_reference", "--update", verbosity=0)
        assert not version("1.001193").limit_verified

    def test_a_dry_run_keeps_nothing(self, db: None) -> None:
        call_command("load_reference", "--dry-run", verbosity=0)
        assert not Procedure.objects.exists()
        assert not AdminUnit.objects.exists()

    def test_own_office_hours_are_left_alone(self, db: None) -> None:
        OfficeHours.objects.create(opens="08:00", closes="16:00", valid_from=date(2026, 1, 1))
        call_command("load_reference", verbosity=0)
        assert OfficeHours.objects.count() == 1


class TestRefusals:
    def test_text_that_is_not_nfc(self, tmp_path: Path) -> None:
        file = tmp_path / "x.csv"
        file.write_text("name\nHa\u0309i Pho\u0300ng\n", encoding="utf-8")
        with pytest.raises(loading.NotFit, match="NFC"):
            loading.read_csv(file)

    def test_every_shipped_file_is_nfc(self) -> None:
        for folder in ("core", "org", "onecase", "documents"):
            for path in (Path(loading.HERE).parents[1] / folder / "data").rglob("*.*"):
                if path.suffix in {".csv", ".json", ".html", ".txt", ".md"}:
                    loading.read_text(path)

    def test_a_lost_row(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        everything = catalogue.read_csv
        monkeypatch.setattr(catalogue, "read_csv", lambda path: everything(path)[:-1])
        with pytest.raises(CommandError, match="procedures_sample"):
            call_command("load_reference", verbosity=0)
        assert not Procedure.objects.exists()

    def test_an_unknown_parent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _spoil(monkeypatch, "units_2017.csv", lambda row: row["code"] == "11329", parent_code="999")
        with pytest.raises(loading.NotFit, match="unknown parent"):
            territories.spans()

    def test_two_units_of_one_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _spoil(
            monkeypatch, "units_2025.csv", lambda row: row["code"] == "11359", full_name="Phường Ngô Quyền"
        )
        with pytest.raises(loading.NotFit, match="overlapping"):
            territories.spans()


def _spoil(monkeypatch: pytest.MonkeyPatch, name: str, which: Any, **changes: str) -> None:
    """Let the loader of org read `name` with some rows changed."""
    everything = territories.read_csv

    def read(path: Path) -> list[dict[str, str]]:
        rows = everything(path)
        return [row | changes if path.name == name and which(row) else row for row in rows]

    monkeypatch.setattr(territories, "read_csv", read)
