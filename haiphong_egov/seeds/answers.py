"""What an invented applicant writes into each of the ten electronic forms. Passes the form's own checks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from haiphong_egov.seeds.invention import Invention, Someone

KINH, VIET_NAM = "Kinh", "Việt Nam"
AGREED = {"pledge": "Đồng ý"}
HOSPITALS = ["Bệnh viện Phụ sản Hải Phòng, Hải Phòng", "Bệnh viện Đa khoa Quốc tế Hải Phòng, Hải Phòng"]
SHOPS = [
    "Tạp hóa",
    "Cơm bình dân",
    "Sửa xe máy",
    "May đo",
    "Cắt tóc",
    "Vật liệu xây dựng",
    "Hoa tươi",
    "Điện nước",
]
CAUSES = ["Bệnh lý tim mạch", "Tuổi cao, sức yếu", "Đột quỵ", "Ung thư phổi"]
RESULT_CHANNEL = {
    "counter": "Tại Trung tâm Phục vụ hành chính công", "online": "Bản điện tử", "post": "Bưu chính",
}  # fmt: skip


@dataclass
class Applicant:
    """Who applies, from where, on which day, and how the result is to come."""

    someone: Someone
    address: str
    place: str  # phường Ngô Quyền, Hải Phòng
    on: date
    return_way: str
    email: str = ""
    papers: tuple[str, ...] = ()  # what the procedure asks to bring


@dataclass
class Desk:
    """What every writer of answers needs."""

    rng: Random
    invention: Invention
    working_day_after: Callable[[date], date]


def write(code: str, who: Applicant, desk: Desk) -> dict[str, Any]:
    """Answers to the form of procedure `code`; empty when it has none."""
    writer = WRITERS.get(code)
    return {name: value for name, value in writer(who, desk).items() if value != ""} if writer else {}


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _row(rng: Random, **values: Any) -> dict[str, Any]:
    return {"_id": f"{rng.getrandbits(32):08x}", **values}


def _applicant(who: Applicant, relation: str) -> dict[str, Any]:
    return {
        "applicant_full_name": who.someone.full_name,
        "applicant_citizen_id": who.someone.number,
        "applicant_birth_date": _day(who.someone.birth_on),
        "applicant_residence": who.address,
        "applicant_phone": who.someone.phone,
        "applicant_email": who.email,
        "applicant_relation": relation,
    }


def _person(prefix: str, someone: Someone, address: str, *, gender: bool = False) -> dict[str, Any]:
    answers = {
        f"{prefix}_full_name": someone.full_name,
        f"{prefix}_citizen_id": someone.number,
        f"{prefix}_birth_date": _day(someone.birth_on),
        f"{prefix}_ethnic_group": KINH,
        f"{prefix}_nationality": VIET_NAM,
        f"{prefix}_residence": address,
    }
    return answers | ({f"{prefix}_gender": "Nữ" if someone.female else "Nam"} if gender else {})


def _result(who: Applicant, copies: int | None = None) -> dict[str, Any]:
    answers: dict[str, Any] = {"result_channel": RESULT_CHANNEL[who.return_way]}
    if who.return_way == "post":
        answers["delivery_address"] = who.address
    if copies is not None:
        answers |= {"wants_copies": "Có", "copy_count": copies} if copies else {"wants_copies": "Không"}
    return answers | AGREED


def _spouse(who: Applicant, desk: Desk) -> Someone:
    year = who.someone.birth_on.year
    return desk.invention.someone(born=(year - 4, year + 3), female=not who.someone.female)


def _birth(who: Applicant, desk: Desk) -> dict[str, Any]:
    spouse = _spouse(who, desk)
    mother, father = (who.someone, spouse) if who.someone.female else (spouse, who.someone)
    born = (who.on - timedelta(days=40), who.on - timedelta(days=6))
    family, middle, given, girl, birth_on = desk.invention.child(father.family, born=born)
    married_on = desk.invention.day(who.on - timedelta(days=2400), who.on - timedelta(days=500))
    return {
        **_applicant(who, "Mẹ" if who.someone.female else "Cha"),
        "child_family_name": family,
        "child_middle_name": middle,
        "child_given_name": given,
        "child_birth_date": _day(birth_on),
        "child_birth_time": f"{desk.rng.randrange(24):02d}:{desk.rng.randrange(60):02d}",
        "child_gender": "Nữ" if girl else "Nam",
        "child_ethnic_group": KINH,
        "child_nationality": VIET_NAM,
        "child_birth_place": desk.rng.choice(HOSPITALS),
        "child_home_town": who.place,
        "birth_proof_type": "Giấy chứng sinh bản giấy",
        "birth_proof_no": f"{desk.rng.randint(1, 900):03d}/{birth_on.year}",
        **_person("mother", mother, who.address),
        **_person("father", father, who.address),
        "parents_married": "Có",
        "marriage_certificate_no": f"{desk.rng.randint(1, 90):02d}/{married_on.year}, ngày {_day(married_on)}",
        "marriage_registry_agency": f"UBND {who.place}",
        **_result(who, desk.rng.choice([0, 0, 2, 3])),
    }


def _birth_again(who: Applicant, desk: Desk) -> dict[str, Any]:
    someone = who.someone
    mother = desk.invention.someone(
        born=(someone.birth_on.year - 30, someone.birth_on.year - 20), female=True
    )
    return {
        **_applicant(who, "Bản thân"),
        **_person("person", someone, who.address, gender=True),
        "person_birth_place": who.place,
        "person_home_town": who.place,
        **_person("mother", mother, who.address),
        "old_registry_agency": f"UBND {who.place}",
        "old_registry_date": str(someone.birth_on.year),
        "loss_reason": "Bản chính bị mất, sổ gốc không còn",
        "evidence": [
            _row(desk.rng, evidence_name="Căn cước"),
            _row(desk.rng, evidence_name="Bằng tốt nghiệp"),
        ],
        "public_employee": "Không",
        **_result(who, desk.rng.choice([0, 2])),
    }


def _marriage(who: Applicant, desk: Desk) -> dict[str, Any]:
    spouse = _spouse(who, desk)
    bride, groom = (who.someone, spouse) if who.someone.female else (spouse, who.someone)
    answers: dict[str, Any] = {}
    for side, someone in (("bride", bride), ("groom", groom)):
        answers |= {
            **_person(side, someone, who.address),
            f"{side}_marital_status": "Chưa kết hôn lần nào",
            f"{side}_marriage_count": 1,
            f"{side}_phone": someone.phone,
        }
    return {
        **answers,
        "not_prohibited": "Đồng ý",
        "registry_commune": "Nơi cư trú bên nữ" if who.someone.female else "Nơi cư trú bên nam",
        "ceremony_date": _day(desk.working_day_after(who.on + timedelta(days=3))),
        **_result(who, desk.rng.choice([0, 0, 2])),
    }


def _death(who: Applicant, desk: Desk) -> dict[str, Any]:
    deceased = desk.invention.someone(born=(1930, 1955))
    died_on = desk.invention.day(who.on - timedelta(days=12), who.on - timedelta(days=2))
    return {
        **_applicant(who, "Con"),
        **_person("deceased", deceased, who.address, gender=True),
        "death_date": _day(died_on),
        "death_time": f"{desk.rng.randrange(24):02d}:{desk.rng.randrange(60):02d}",
        "death_place": f"Tại nhà, {who.place}",
        "death_cause": desk.rng.choice(CAUSES),
        "death_notice_type": "Giấy báo tử bản giấy",
        "death_notice_no": f"{desk.rng.randint(1, 300):03d}/GBT, ngày {_day(died_on)}",
        "death_notice_agency": f"Trạm Y tế {who.place}",
        **_result(who, desk.rng.choice([0, 1, 2])),
    }


def _single(who: Applicant, desk: Desk) -> dict[str, Any]:
    purpose = desk.rng.choice(["Kết hôn trong nước", "Mua bán, chuyển nhượng tài sản", "Vay vốn"])
    answers: dict[str, Any] = {}
    if purpose.startswith("Kết hôn"):
        partner = _spouse(who, desk)
        answers = {
            "partner_full_name": partner.full_name,
            "partner_citizen_id": partner.number,
            "partner_registry_place": f"UBND {who.place}",
        }
    return {
        **_applicant(who, "Bản thân"),
        **_person("subject", who.someone, who.address, gender=True),
        "marital_status": "Chưa đăng ký kết hôn với ai",
        "residence_history": [
            _row(
                desk.rng,
                lived_address=who.address,
                lived_from=str(who.someone.birth_on.year + 18),
                lived_to="",
            )
        ],
        "purpose": purpose,
        **answers,
        "copies_requested": 1,
        "previous_certificate": "Không",
        **_result(who),
    }


def _certified_copy(who: Applicant, desk: Desk) -> dict[str, Any]:
    papers = desk.rng.sample(["Bằng tốt nghiệp đại học", "Giấy khai sinh", "Sổ hồng", "Bảng điểm"], 2)
    return {
        "requester_full_name": who.someone.full_name,
        "requester_citizen_id": who.someone.number,
        "requester_phone": who.someone.phone,
        "documents": [
            _row(
                desk.rng,
                document_name=name,
                issuing_agency="",
                page_count=desk.rng.randint(1, 4),
                copies_count=desk.rng.randint(1, 5),
                foreign_document="Không",
            )
            for name in papers
        ],
        "wants_electronic_copy": "Không",
        "appointment_time": _day(desk.working_day_after(who.on + timedelta(days=1))),
        "result_channel": RESULT_CHANNEL["counter"],
        **AGREED,
    }


def _business(who: Applicant, desk: Desk) -> dict[str, Any]:
    return {
        "owner_full_name": who.someone.full_name,
        "owner_citizen_id": who.someone.number,
        "owner_birth_date": _day(who.someone.birth_on),
        "owner_gender": "Nữ" if who.someone.female else "Nam",
        "owner_ethnic_group": KINH,
        "owner_nationality": VIET_NAM,
        "owner_residence": who.address,
        "owner_phone": who.someone.phone,
        "owner_email": who.email,
        "owner_contact_address": who.address,
        "business_name": f"Hộ kinh doanh {desk.rng.choice(SHOPS)} {who.someone.given}",
        "head_office": who.address,
        "industries": [
            _row(
                desk.rng,
                industry_code=desk.rng.choice(["4711", "5610", "9631", "4520"]),
                industry_detail="",
                is_main="Có",
            )
        ],
        "capital": desk.rng.choice([50, 80, 100, 200, 300]) * 1_000_000,
        "employees": desk.rng.randint(1, 5),
        "founder_type": "Cá nhân",
        "tax_notice_address": who.address,
        "tax_method": "Kê khai",
        **AGREED,
    }


def _building(who: Applicant, desk: Desk) -> dict[str, Any]:
    plot = desk.rng.randint(48, 160)
    ground = int(plot * 0.8)
    floors = desk.rng.randint(2, 4)
    return {
        "owner_name": who.someone.full_name,
        "owner_citizen_id": who.someone.number,
        "owner_address": who.address,
        "owner_phone": who.someone.phone,
        "plot_address": who.address,
        "plot_number": str(desk.rng.randint(10, 400)),
        "map_sheet": str(desk.rng.randint(1, 40)),
        "plot_area": plot,
        "land_paper_no": f"(mẫu) {desk.rng.randint(100000, 999999)}",
        "land_paper_type": "Giấy chứng nhận quyền sử dụng đất",
        "designer_name": desk.invention.someone(born=(1970, 1990)).full_name,
        "building_class": "Cấp IV" if floors < 3 else "Cấp III",
        "ground_floor_area": ground,
        "total_floor_area": ground * floors,
        "height": round(3.6 * floors, 1),
        "floors": floors,
        "adjacent_building": "Không",
        "completion_months": desk.rng.randint(6, 14),
        **AGREED,
    }


def _land(who: Applicant, desk: Desk) -> dict[str, Any]:
    area = desk.rng.randint(60, 420)
    return {
        "land_user_full_name": who.someone.full_name,
        "land_user_citizen_id": who.someone.number,
        "land_user_birth_date": _day(who.someone.birth_on),
        "land_user_nationality": VIET_NAM,
        "land_user_residence": who.address,
        "land_user_type": "Cá nhân",
        "land_user_phone": who.someone.phone,
        "requests": ["Đăng ký đất đai", "Cấp Giấy chứng nhận đối với đất"],
        "parcel_number": str(desk.rng.randint(10, 400)),
        "parcel_map_sheet": str(desk.rng.randint(1, 40)),
        "parcel_address": who.address,
        "parcel_area": area,
        "land_purpose": "Đất ở tại đô thị" if who.place.startswith("phường") else "Đất ở tại nông thôn",
        "used_since": str(desk.rng.randint(1985, 2008)),
        "land_term": "Lâu dài",
        "land_origin": desk.rng.choice(["Thừa kế, tặng cho", "Nhận chuyển quyền"]),
        "land_papers": [_row(desk.rng, paper_name=name) for name in who.papers[1:3]],
        **AGREED,
    }


def _pension(who: Applicant, desk: Desk) -> dict[str, Any]:
    elder = desk.invention.someone(born=(who.on.year - 88, who.on.year - 76))
    return {
        "elder_full_name": elder.full_name,
        "elder_citizen_id": elder.number,
        "elder_birth_date": _day(elder.birth_on),
        "elder_gender": "Nữ" if elder.female else "Nam",
        "elder_ethnic_group": KINH,
        "elder_residence": who.address,
        "elder_phone": who.someone.phone,
        "request_type": "Hưởng mới",
        "pension_status": "Không hưởng",
        "poor_household": "Không",
        "payment_method": "Tiền mặt tại điểm chi trả",
        **AGREED,
    }


WRITERS: dict[str, Callable[[Applicant, Desk], dict[str, Any]]] = {
    "1.001193": _birth,
    "1.004884": _birth_again,
    "1.000894": _marriage,
    "1.000656": _death,
    "1.004873": _single,
    "2.000815": _certified_copy,
    "1.001612": _business,
    "1.013225": _building,
    "1.013978": _land,
    "1.014027": _pension,
}
