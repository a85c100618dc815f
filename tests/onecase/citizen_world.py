"""What the citizens' tests share: a commune, the real birth form, a filled-in walk."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from onecase import eforms
from onecase.models import Case, Component, ElectronicForm, Fee, Procedure
from tests import factories

FORMS = Path(eforms.__file__).parent.parent / "data" / "eforms"
BIRTH: list[dict[str, Any]] = [
    {
        "applicant_full_name": "Phạm Thị Thu Hà",
        "applicant_citizen_id": "031190001234",
        "applicant_birth_date": "5/9/1990",
        "applicant_residence": "Phường Thử Nghiệm, Hải Phòng",
        "applicant_phone": "0912 345 678",
        "applicant_relation": "Mẹ",
    },
    {
        "child_family_name": "Vũ",
        "child_given_name": "Khôi",
        "child_birth_date": "01/11/2026",
        "child_gender": "Nam",
        "child_ethnic_group": "Kinh",
        "child_nationality": "Việt Nam",
        "child_birth_place": "Bệnh viện Phụ sản Hải Phòng",
        "child_home_town": "Hải Phòng",
    },
    {"birth_proof_type": "Giấy chứng sinh bản giấy"},
    {"mother_full_name": "Phạm Thị Thu Hà", "mother_citizen_id": "031190001234"},
    {},
    {"parents_married": "Không"},
]
PAPERS, LAST = 8, 9
CLOSING = {"wants_copies": "Không", "result_channel": "Bản điện tử", "pledge": "Đồng ý", "do": "submit"}


def birth_procedure() -> Procedure:
    """The commune's birth registration with the shipped form."""
    made = factories.procedure(online=False)
    made.name, made.slug = "Thủ tục đăng ký khai sinh", "dang-ky-khai-sinh"
    made.keywords = "khai sinh|làm giấy khai sinh"
    made.folded = "thu tuc dang ky khai sinh lam giay khai sinh"
    made.save()
    version = made.versions.get()
    Component.objects.create(
        version=version,
        seq=3,
        name="Giấy tờ tùy thân",
        kind="xuat_trinh",
        required="conditional",
        replaceable_by="CSDL quốc gia về dân cư",
    )
    Fee.objects.create(version=version, channel="2", amount_vnd=0, verified=True)
    Fee.objects.create(version=version, channel="1", amount_vnd=None)
    schema = json.loads((FORMS / "1.001193.json").read_text("utf-8"))
    ElectronicForm.objects.create(procedure=made, title=schema["title"], schema=schema)
    return made


def photo(name: str = "giay-chung-sinh.jpg", colour: str = "white") -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(data, "JPEG")
    return SimpleUploadedFile(name, data.getvalue(), "image/jpeg")


def begin(client: Client, procedure: Procedure) -> Case:
    client.post(f"/thu-tuc/{procedure.slug}/nop/")
    return Case.objects.get(procedure=procedure, business_status="draft")


def at(case: Case, number: int) -> str:
    return f"/ho-so/nhap/{case.submission_key}/{number}/"


def fill(client: Client, case: Case, where: SimpleNamespace) -> None:
    """All steps but the last one."""
    client.post(at(case, 1), {"agency": where.ubnd.pk, "do": "next"})
    for number, answers in enumerate(BIRTH, start=2):
        response = client.post(at(case, number), {**answers, "do": "next"})
        assert response.status_code == 302, response.context["problems"]
    response = client.post(at(case, PAPERS), {"tep-birth_proof_file": photo(), "do": "next"})
    assert response.status_code == 302, response.context["problems"]
