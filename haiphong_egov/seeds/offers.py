"""What the cases of the demo are filed for: the procedures of the plan with their parts, and the papers that go with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import files, pdf
from core.models import StoredFile
from haiphong_egov.seeds import plan
from onecase import eforms
from onecase.choices import LimitUnit
from onecase.models import Component, Procedure, ProcedureCase, ProcedureVersion

SAMPLES = {
    "birth_proof_file": "Giấy chứng sinh",
    "death_notice_file": "Giấy báo tử",
    "drawings_file": "Bản vẽ thiết kế",
    "": "Giấy tờ kèm theo",
}
SAMPLE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{name}</title></head><body>
<h1>{name}</h1><p>Trang mẫu của dữ liệu thử nghiệm. Không phải giấy tờ thật, không của ai.</p></body></html>"""


@dataclass
class Offer:
    """A procedure with all that a case of it needs."""

    procedure: Procedure
    version: ProcedureVersion
    variants: list[ProcedureCase]
    components: list[Component]
    steps: dict[str, Any]
    form: eforms.Form | None

    @property
    def is_of_the_day(self) -> bool:
        return self.version.limit_unit == LimitUnit.WITHIN_DAY

    def papers(self, variant: ProcedureCase | None) -> list[Component]:
        own = variant.pk if variant else None
        return [
            part for part in self.components if not part.is_note and part.procedure_case_id in (None, own)
        ]


def read_offers() -> dict[str, Offer]:
    """Every procedure of the plan with its parts, in a handful of queries."""
    codes = {*plan.COMMUNE, *plan.DEPARTMENT, *(special.procedure for special in plan.SPECIAL)}
    versions = (
        ProcedureVersion.objects.filter(procedure__code__in=codes, valid_to__isnull=True)
        .select_related("procedure__eform")
        .prefetch_related("cases", "components", "steps")
    )
    found = {}
    for version in versions:
        eform = getattr(version.procedure, "eform", None)
        components = list(version.components.all())
        names = [part.name for part in components if not part.is_note]
        found[version.procedure.code] = Offer(
            version.procedure,
            version,
            list(version.cases.all()),
            components,
            {step.code: step for step in version.steps.all()},
            eforms.load(eform.schema, components=names) if eform else None,
        )
    return found


def file_places(form: eforms.Form, given: dict[str, Any], day: date) -> Iterator[tuple[str, str]]:
    """(field, path of the input) wherever these answers owe a file."""
    situation = eforms.Situation(today=day)
    for item in form.fields():
        if item.kind == "file" and eforms.needed(form, given, situation, item):
            yield item.name, item.name
        for part in item.fields:
            if part.kind == "file" and part.required:
                yield from ((part.name, eforms.path(item, row, part)) for row in given.get(item.name, []))


def sample_pages() -> dict[str, StoredFile]:
    """A few pages that say what they are; every demo case links to one of them."""
    stored = {}
    for name, title in SAMPLES.items():
        page = pdf.render_html(SAMPLE.format(name=title), profile=None)
        stored[name] = files.store_bytes(page.data, "application/pdf", pages=page.pages)
    return stored
