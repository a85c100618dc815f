"""Prescribed forms become sealed PDF/A: rendered by a job, sealed by the one-stop unit's own key."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files
from core.errors import RuleError
from onecase import papers
from onecase.models import LegalForm
from signing import services as signing


@transaction.atomic
def make(form_id: int) -> None:
    """Render and owe the seal. Harmless when done or already waiting for its seal."""
    form = (
        LegalForm.objects.select_for_update(of=("self",))
        .select_related("case__receiving_unit")
        .get(pk=form_id)
    )
    if form.done_at or form.signature_request_id:
        return
    unit = form.case.receiving_unit
    assert unit is not None  # every submitted case has one (database constraint)
    key = signing.system_seal(unit)
    if key is None:
        raise RuleError(_("«%(unit)s» chưa có khóa đóng dấu phiếu.") % {"unit": unit.name})
    paper = papers.render_form(form)
    form.unsigned_file = files.store_bytes(paper.data, "application/pdf", pages=paper.pages)
    form.signature_request = signing.request_signature(
        source=form.unsigned_file,
        key=key,
        field_name="DauMotCua",
        box=papers.seal_box(paper),
        appearance={"kind": "seal"},
        requested_by=form.made_by,
        subject=form,
        purpose="form",
        unlock=None,
        signer_label={"name": unit.name, "post": "", "unit": unit.name},
    )
    form.save(update_fields=["unsigned_file", "signature_request"])


@transaction.atomic
def form_sealed(form: LegalForm) -> None:
    form.stored = form.signature_request.result
    assert form.stored is not None and form.case.code
    form.done_at, form.last_error = timezone.now(), ""
    form.save(update_fields=["stored", "done_at", "last_error"])
    signing.publish_paper(
        code=form.check_code,
        stored_file=form.stored,
        title=form.get_form_no_display(),
        number=form.case.code,
        unit_name=form.case.receiving_unit.name,
        issued_at=form.done_at,
        subject=form,
    )
    audit.record("case.form_sealed", actor=None, subject=form.case, detail={"form": form.form_no})


@transaction.atomic
def form_not_sealed(form: LegalForm) -> None:
    """The seal was given up: forget the request, so that the next round makes a new one."""
    form.last_error, form.signature_request = form.signature_request.last_error, None
    form.save(update_fields=["last_error", "signature_request"])
