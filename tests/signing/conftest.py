"""A small office with its keys, under the certificate authority of the tests."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from core import files, pdf
from core.models import StoredFile
from org.models import Organization, User
from signing import demo_pki, envelope, gateways, services, steps
from signing.choices import KeyKind
from signing.models import SignatureRequest, SigningKey
from tests.authority import in_place

PIN = "246810"


@pytest.fixture(autouse=True)
def pki(pki_place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    gateways.forget_silence()
    # A PIN costs 40 ms otherwise, in every test several times.
    monkeypatch.setitem(envelope.SCRYPT, "n", 2**8)
    with in_place(pki_place):
        yield pki_place


def new_source(text: str = "Giấy khai sinh", pages: int = 1) -> StoredFile:
    """A paper with a text of its own: stored files are shared by content."""
    body = "".join(f"<h1>{text}</h1><p style='break-after:page'>Trang {page}</p>" for page in range(pages))
    stamp = datetime.now(UTC).isoformat()
    made = pdf.render_html(f"<html lang='vi'><title>{text}</title><body>{body}<p>{stamp}</p></body></html>")
    return files.store_bytes(made.data, "application/pdf", pages=made.pages)


@pytest.fixture
def office(db: None) -> SimpleNamespace:
    """A leader with a personal key, a clerk who holds the seal, the system's own seal."""
    ubnd = Organization.objects.create(
        slug="ubnd-thu", name="Ủy ban nhân dân phường Thử Nghiệm", kind="ubnd", valid_from=date(2025, 7, 1)
    )
    ubnd.agency = ubnd
    ubnd.save(update_fields=["agency"])
    leader = User.objects.create(email="lanhdao@example.org", full_name="Nguyễn Văn Ký")
    clerk = User.objects.create(email="vanthu@example.org", full_name="Trần Thị Dấu")
    return SimpleNamespace(
        ubnd=ubnd,
        leader=leader,
        clerk=clerk,
        key=demo_pki.issue_demo_key(
            owner_user=leader, owner_organization=ubnd, kind=KeyKind.PERSONAL, pin=PIN
        ),
        seal=demo_pki.issue_demo_key(owner_organization=ubnd, kind=KeyKind.SEAL, pin=PIN, holders=[clerk]),
        system=demo_pki.issue_demo_key(owner_organization=ubnd, kind=KeyKind.SYSTEM),
    )


@pytest.fixture
def ask(office: SimpleNamespace) -> Callable[..., SignatureRequest]:
    """Owe one signature: the leader's unless told otherwise."""

    def asked(
        source: StoredFile | None = None,
        *,
        key: SigningKey | None = None,
        actor: User | None = None,
        field: str = "ChuKyCaNhan",
        box: tuple[int, float, float, float, float] | None = (0, 320, 500, 500, 570),
        pin: str = PIN,
    ) -> SignatureRequest:
        key, actor = key or office.key, actor or office.leader
        unlock = None if key.kind == KeyKind.SYSTEM else services.unlock(key, pin, actor=actor)
        return services.request_signature(
            source=source or new_source(),
            key=key,
            field_name=field,
            box=box,
            appearance={"kind": str(key.kind)},
            requested_by=actor,
            subject=office.ubnd,
            purpose="approve",
            unlock=unlock,
            signer_label={"name": key.subject_name, "post": "Chủ tịch", "unit": office.ubnd.name},
        )

    return asked


@pytest.fixture
def make_signed(ask: Callable[..., SignatureRequest]) -> Callable[..., SignatureRequest]:
    """Ask and let the worker do it."""

    def made(*args: Any, **kwargs: Any) -> SignatureRequest:
        request = ask(*args, **kwargs)
        steps.run(request.pk)
        request.refresh_from_db()
        assert request.state == "validated", request.last_error
        return request

    return made


@pytest.fixture
def issued(
    office: SimpleNamespace, make_signed: Callable[..., SignatureRequest]
) -> tuple[StoredFile, StoredFile]:
    """(with the personal signature only, with the seal upon it)."""
    personal = make_signed()
    sealed = make_signed(
        personal.result, key=office.seal, actor=office.clerk, field="DauCoQuan", box=(0, 260, 490, 350, 580)
    )
    return personal.result, sealed.result


def days(count: float) -> timedelta:
    return timedelta(days=count)
