"""The catalogue of procedures, out of onecase/data.

The readers are pure. What the national feed got wrong is read as `procedure_limits.csv` says; an unknown fee stays
empty, which is not the same as 0 đồng; nothing that is only probable counts as verified.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.loading import NotFit, Planted, demand, plant, read_csv, read_json, read_text
from core.search import fold
from onecase.choices import Channel, LimitUnit
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

HERE = Path(__file__).parent / "data"
SINCE = date(2025, 7, 1)  # two-level government; the catalogue that we know is that of 2026
NO_CODE = "LOCAL-TCD"  # a placeholder: this procedure has no national code
COMMUNE, OUTSIDE = "ubnd_xa", "ngoai_he_thong"

# The part of the commune's UBND that handles a field (symbol of org/data/agencies.csv). «KT» also finds KTHTĐT.
# Configuration: each UBND decides for itself, an administrator changes it in the catalogue.
OFFICE, ECONOMY, CULTURE = "VP", "KT", "VHXH"
HANDLED_BY = {
    "Hộ tịch": OFFICE,
    "Chứng thực": OFFICE,
    "Nuôi con nuôi": OFFICE,
    "Tiếp công dân": OFFICE,
    "Khiếu nại, tố cáo": OFFICE,
    "Thành lập và hoạt động doanh nghiệp (hộ kinh doanh)": ECONOMY,
    "Đất đai": ECONOMY,
    "Hoạt động xây dựng": ECONOMY,
    "Đăng ký, quản lý cư trú": ECONOMY,  # only 1.013314, floor space per head; the others go to the police
    "Kinh doanh khí": ECONOMY,
    "Giảm nghèo": ECONOMY,
    "Bảo trợ xã hội": CULTURE,
    "Người có công": CULTURE,
    "Giáo dục": CULTURE,
    "Văn hóa": CULTURE,
    "Hội": CULTURE,
}
# Text of «agency» → who decides, and by which part. Whatever starts with «UBND cấp xã» is the commune's.
DECIDED_BY = {
    "Sở Tài chính (Phòng Đăng ký kinh doanh)": ("stc", "ĐKKD"),
    "Văn phòng đăng ký đất đai (Sở NN&MT)": ("snnmt", "VPĐKĐĐ"),
    "Công an cấp xã": (OUTSIDE, ""),
    "Công an tỉnh/thành phố": (OUTSIDE, ""),
}
GENERIC_BODY = "<p>{{ title }}</p>\n<p>Người đề nghị: <strong>{{ owner.full_name }}</strong>.</p>\n"
STEP = re.compile(r"([a-z_]+): (.+) \(([\d.]+)h\)")
LIMITS = [
    (re.compile(r"trong ngày"), LimitUnit.WITHIN_DAY),
    (re.compile(r"\d+ \(không kèm đơn vị\), hiểu là (\d+) ngày làm việc"), LimitUnit.WORKING_DAY),
    (re.compile(r"(\d+) ngày làm việc"), LimitUnit.WORKING_DAY),
    (re.compile(r"(\d+) ngày \(lịch\)"), LimitUnit.CALENDAR_DAY),
]
PLAIN_LIMIT = re.compile(r"\d+ ngày (làm việc|\(lịch\))")


@dataclass(frozen=True)
class Limit:
    unit: LimitUnit
    quantity: int | None
    text: str
    verified: bool


@dataclass(frozen=True)
class Entry:
    """One procedure as the files tell it: its row, its details, its own limit and those of its cases."""

    row: dict[str, str]
    details: dict[str, str]
    limit: Limit
    case_limits: dict[str, Limit]

    @property
    def code(self) -> str:
        return self.details["procedure_code"]


# --- reading ----------------------------------------------------------------------------------------------


def entries() -> list[Entry]:
    """All procedures, in the order of the file."""
    rows = read_csv(HERE / "procedures_sample.csv")
    demand(len(rows), 65, "procedures_sample.csv")
    details = {row["procedure_code"]: row for row in read_csv(HERE / "procedure_details.csv")}
    demand(len(details), 65, "procedure_details.csv")
    readings: dict[str, dict[str, Limit]] = {}
    for row in read_csv(HERE / "procedure_limits.csv"):
        quantity = int(row["quantity"]) if row["quantity"] else None
        reading = Limit(LimitUnit(row["unit"]), quantity, row["text"], verified=False)
        readings.setdefault(row["procedure_code"], {})[row["case_code"]] = reading
    found = []
    for row in rows:
        code = row["code"] or NO_CODE
        if code not in details:
            raise NotFit(f"procedure_details.csv: nothing about {code}")
        own = dict(readings.pop(code, {}))
        found.append(Entry(row, details[code], limit_of(row, details[code], own.pop("", None)), own))
    if readings:
        raise NotFit(f"procedure_limits.csv: unknown procedures {sorted(readings)}")
    return found


def limit_of(row: dict[str, str], details: dict[str, str], reading: Limit | None) -> Limit:
    """How long it may take. Verified only when the national record itself gives a number with its unit."""
    text = details["legal_time"]
    if reading is not None:
        return Limit(reading.unit, reading.quantity, reading.text or text, verified=False)
    for pattern, unit in LIMITS:
        if match := pattern.match(text):
            quantity = int(match[1]) if match.groups() else 1
            return Limit(unit, quantity, text, verified=_is_official(row, text, quantity))
    raise NotFit(f"procedure_details.csv: cannot read the time of {details['procedure_code']}: {text}")


def _is_official(row: dict[str, str], text: str, quantity: int) -> bool:
    days = {row["days_counter"], row["days_online"]} - {""}
    return (
        row["verified"] == "yes"
        and row["day_kind"] in {"working", "calendar"}
        and PLAIN_LIMIT.fullmatch(text) is not None
        and days == {str(quantity)}
        and "nhiều trường hợp" not in row["note"]
    )


def decider(row: dict[str, str]) -> tuple[str, str]:
    """(decided_by, handled_by_symbol)."""
    agency = row["agency"]
    if agency in DECIDED_BY:
        return DECIDED_BY[agency]
    if not agency.startswith("UBND cấp xã"):
        raise NotFit(f"procedures_sample.csv: unknown agency {agency}")
    return COMMUNE, HANDLED_BY[row["field"]]


def slugs(found: list[Entry]) -> dict[str, str]:
    """Readable, unaccented, unique: «Thủ tục đăng ký khai sinh» → dang-ky-khai-sinh."""
    taken: dict[str, str] = {}
    for entry in found:
        words = fold(entry.row["name"].removeprefix("Thủ tục ")).split()
        slug = ""
        while words and len(slug) + len(words[0]) < 70:
            slug = f"{slug}-{words.pop(0)}".lstrip("-")
        taken[entry.code] = (
            slug if slug not in taken.values() else f"{slug}-{fold(entry.code).replace(' ', '-')}"
        )
    return taken


def steps_of(details: dict[str, str]) -> list[tuple[str, str, Decimal]]:
    """(code, name, hours) in order."""
    found = []
    for text in details["steps"].split("; "):
        match = STEP.fullmatch(text)
        if match is None:
            raise NotFit(f"procedure_details.csv: cannot read a step of {details['procedure_code']}: {text}")
        found.append((match[1], match[2], Decimal(match[3])))
    return found


def fees_of(row: dict[str, str]) -> list[tuple[Channel, int | None, bool]]:
    """(channel, amount or None, verified). The online fee of what cannot be filed online is no fee at all."""
    sure = row["verified"] == "yes" and bool(row["fee_note"]) and "cần xác minh" not in row["fee_note"]
    channels = [(Channel.DIRECT, row["fee_counter_vnd"])]
    if row["online_available"] == "yes":
        channels.append((Channel.ONLINE, row["fee_online_vnd"]))
    channels.append((Channel.POSTAL, row["fee_counter_vnd"] if "mọi hình thức" in row["fee_note"] else ""))
    return [(channel, int(text) if text else None, sure and bool(text)) for channel, text in channels]


# --- writing ----------------------------------------------------------------------------------------------


def load(*, update: bool = False) -> list[Planted]:
    """Write the catalogue. NotFit: nothing is to be kept (the caller's transaction)."""
    found = entries()
    procedures = plant(Procedure, _procedures(found), key=["code"], update=update)
    ids = {code: procedure.pk for (code,), procedure in procedures.by_key.items()}
    versions = plant(
        ProcedureVersion,
        [_version(entry, ids[entry.code]) for entry in found],
        key=["procedure_id"],
        update=update,
        scope=ProcedureVersion.objects.filter(valid_to__isnull=True),
    )
    version_of = {code: versions.by_key[pk,].pk for code, pk in ids.items()}
    papers = read_csv(HERE / "procedure_components.csv")
    cases = plant(ProcedureCase, _cases(found, papers, version_of), key=["version_id", "code"], update=update)
    case_of = {key: case.pk for key, case in cases.by_key.items()}
    return [
        procedures,
        versions,
        cases,
        plant(
            Component,
            _components(papers, version_of, case_of),
            key=["version_id", "procedure_case_id", "seq"],
            update=update,
        ),
        plant(Fee, _fees(found, version_of), key=["version_id", "channel"], update=update),
        plant(Step, _steps(found, version_of), key=["version_id", "seq"], update=update),
        plant(ElectronicForm, _forms(ids), key=["procedure_id"], update=update),
        plant(ResultTemplate, _result_templates(ids), key=["procedure_id"], update=update),
        plant(LegalReason, _reasons(), key=["kind", "text"], update=update),
    ]


def _procedures(found: list[Entry]) -> list[Procedure]:
    slug_of = slugs(found)
    rows = []
    for entry in found:
        row, details = entry.row, entry.details
        decided_by, symbol = decider(row)
        rows.append(
            Procedure(
                code=entry.code,
                name=row["name"],
                slug=slug_of[entry.code],
                field=row["field"],
                level_text=row["level"],
                agency_text=row["agency"],
                decided_by=decided_by,
                handled_by_symbol=symbol,
                summary=details["plain_summary"],
                life_event=details["life_event"],
                keywords=details["keywords"],
                subjects=details["subjects"],
                result_names=details["result_names"],
                folded=fold(f"{row['name']} {details['keywords']} {row['field']}"),
            )
        )
    return rows


def _version(entry: Entry, procedure_id: int) -> ProcedureVersion:
    row, details = entry.row, entry.details
    doubts = [details["contradictions"], row["note"]]
    if entry.code == "2.000986":
        doubts.append("bản ghi còn đòi Sổ hộ khẩu: có thể đã được thay thế, cần xác minh")
    return ProcedureVersion(
        procedure_id=procedure_id,
        valid_from=SINCE,
        decision=row["decision"],
        limit_text=entry.limit.text,
        limit_unit=entry.limit.unit,
        limit_quantity=entry.limit.quantity,
        limit_verified=entry.limit.verified,
        conditions=details["conditions"],
        legal_basis="; ".join(part for part in details["legal_basis"].split(";") if part),
        contradictions="; ".join(part for part in doubts if part),
        source="; ".join(part for part in (row["source"], details["source"]) if part),
    )


def _cases(
    found: list[Entry], papers: list[dict[str, str]], version_of: dict[str, int]
) -> list[ProcedureCase]:
    limits = {(entry.code, code): limit for entry in found for code, limit in entry.case_limits.items()}
    named: dict[tuple[str, str], str] = {}
    for row in papers:
        if row["case_code"]:
            named.setdefault((row["procedure_code"], row["case_code"]), row["case_name"])
    demand(len(named), 60, "cases in procedure_components.csv")
    demand(len({code for code, _case in named}), 15, "procedures with cases")
    if set(limits) - set(named):
        raise NotFit(f"procedure_limits.csv: unknown cases {sorted(set(limits) - set(named))}")
    return [
        ProcedureCase(
            version_id=version_of[code],
            code=case_code,
            name=name,
            limit_unit=limits[code, case_code].unit if (code, case_code) in limits else "",
            limit_quantity=limits[code, case_code].quantity if (code, case_code) in limits else None,
        )
        for (code, case_code), name in named.items()
    ]


def _components(
    papers: list[dict[str, str]], version_of: dict[str, int], case_of: dict[tuple[Any, ...], int]
) -> list[Component]:
    demand(len(papers), 605, "procedure_components.csv")
    demand(sum(row["note_flag"] == "no" for row in papers), 434, "papers")
    demand(sum(row["note_flag"] == "yes" for row in papers), 171, "notes")
    return [
        Component(
            version_id=version_of[row["procedure_code"]],
            procedure_case_id=case_of[version_of[row["procedure_code"]], row["case_code"]]
            if row["case_code"]
            else None,
            seq=int(row["seq"]),
            name=row["component"],
            kind=row["kind"],
            originals=int(row["originals"]),
            copies=int(row["copies"]),
            required=row["required"],
            condition=row["condition"],
            electronic_form=row["electronic_form"],
            replaceable_by=row["replaceable_by"],
            is_note=row["note_flag"] == "yes",
            source=row["source"],
        )
        for row in papers
    ]


def _fees(found: list[Entry], version_of: dict[str, int]) -> list[Fee]:
    return [
        Fee(
            version_id=version_of[entry.code],
            channel=channel,
            amount_vnd=amount,
            note=entry.row["fee_note"],
            verified=sure,
        )
        for entry in found
        for channel, amount, sure in fees_of(entry.row)
    ]


def _steps(found: list[Entry], version_of: dict[str, int]) -> list[Step]:
    return [
        Step(
            version_id=version_of[entry.code],
            seq=seq,
            code=code,
            name=name,
            hours=hours,
            status=entry.details["steps_status"],
        )
        for entry in found
        for seq, (code, name, hours) in enumerate(steps_of(entry.details), start=1)
    ]


def _forms(ids: dict[str, int]) -> list[ElectronicForm]:
    schemas = [read_json(path) for path in sorted((HERE / "eforms").glob("*.json"))]
    demand(len(schemas), 10, "electronic forms")
    return [
        ElectronicForm(
            procedure_id=ids[schema["procedure_code"]],
            title=schema["title"],
            status=schema["status"],
            source=schema["source"],
            schema=schema,
        )
        for schema in schemas
    ]


def _result_templates(ids: dict[str, int]) -> list[ResultTemplate]:
    rows = read_csv(HERE / "result_templates.csv")
    layouts = {row["procedure_code"]: row for row in read_csv(HERE / "result_layouts.csv")}
    demand(len(rows), 10, "result_templates.csv")
    demand(len(layouts), 10, "result_layouts.csv")
    return [
        ResultTemplate(
            procedure_id=ids[row["procedure_code"]],
            name=row["result_name"],
            code=row["result_code"],
            document_type=layouts[row["procedure_code"]]["document_type"],
            paper=layouts[row["procedure_code"]]["paper"],
            body_template=result_body(row["procedure_code"]),
            series=layouts[row["procedure_code"]]["series"],
            notation=layouts[row["procedure_code"]]["notation"],
            signer=row["signer"],
            capacity=row["capacity"],
            validity=row["validity"],
            status=row["status"],
            note="; ".join(part for part in (row["note"], row["number_series"]) if part),
            source=row["source"],
        )
        for row in rows
    ]


def result_body(code: str) -> str:
    """The text of the draft as shipped for this procedure, else a short general one."""
    path = HERE / "result_bodies" / f"{code}.html"
    return read_text(path) if path.exists() else GENERIC_BODY


def _reasons() -> list[LegalReason]:
    return [
        LegalReason(
            kind=row["kind"],
            text=row["text"],
            ground=row["ground"],
            guidance=row["guidance"],
            is_verified=row["verified"] == "yes",
        )
        for row in read_csv(HERE / "legal_reasons.csv")
    ]
