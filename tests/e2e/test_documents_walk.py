"""The walk of a letter: written in a ward, signed and sealed, worked on and closed in a department and in a commune.

Each step is another person at his own screen, as in test_demo_walk; leaders and officers also on a phone. The words of
the letter carry a number of this run, so that it is found again among thousands.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.samples import pdf_bytes

HERE = "/lam-viec/van-ban/"
MOST_CLICKS = (
    5  # of a clerk, from the list of arrivals until a letter is registered and lies before the leader
)
DEPARTMENT, COMMUNE = "Sở Tài chính thành phố Hải Phòng", "Ủy ban nhân dân xã Vĩnh Bảo"
COUNT_CLICKS = """addEventListener("click", (event) => event.isTrusted &&
  sessionStorage.setItem("clicks", 1 + Number(sessionStorage.getItem("clicks"))), true)"""


@dataclass
class Letter:
    mark: str
    pk: int = 0
    number: str = ""

    @property
    def title(self) -> str:
        return f"rà soát trạm bơm tiêu úng mùa mưa, đợt {self.mark}"

    @property
    def body(self) -> str:
        return (
            f"Ủy ban nhân dân phường đề nghị quý cơ quan phối hợp kiểm kê máng xối hành lang đợt {self.mark}, "
            "gửi kết quả trước ngày 5 tháng 12 năm 2026 theo mẫu tại Phụ lục kèm theo./."
        )

    @property
    def page(self) -> str:
        return f"{HERE}di/{self.pk}/"


@pytest.fixture
def letter() -> Letter:
    return Letter(str(10**7 + secrets.randbelow(9 * 10**7)))


def test_a_letter_from_a_ward_closed_in_a_department_and_in_a_commune(stack, visitor, letter, tmp_path):
    officer = visitor(DESK, "hotich.nq")
    writes(officer, letter, tmp_path)
    proposes(officer, letter)
    head = visitor(DESK, "vanphong.nq")
    initials(head, letter)
    clerk = visitor(DESK, "vanthu.nq")
    checks_the_form(clerk, letter)
    leader = visitor(DESK, "chutich.nq")
    signs_two_at_once(leader, letter, stack.people["chutich.nq"].pin)
    seals(clerk, letter, stack.people["vanthu.nq"].pin)
    is_delivered(clerk, letter)

    registrar = visitor(DESK, "vanthu.stc")
    arrival = registers_and_forwards(registrar, letter, stack.people["giamdoc.stc"].name)
    directs_from_a_phone(visitor(PHONE, "giamdoc.stc"), letter)
    chief, worker = visitor(DESK, "truongphong.stc"), visitor(PHONE, "chuyenvien.stc")
    assigns(chief, letter, stack.people["chuyenvien.stc"].name)
    reports_and_asks_for_time(worker, letter)
    grants_time(chief, letter)
    finishes(worker, letter)
    confirms(chief, letter)
    files(worker, letter, arrival)

    keeper = visitor(DESK, "vanthu.vb")
    came = registers_and_forwards(keeper, letter, stack.people["chutich.vb"].name)
    directs_by_keyboard(visitor(DESK, "chutich.vb"), letter)
    office = visitor(DESK, "vanphong.vb")
    finishes(office, letter)
    files(office, letter, came)

    both_are_done(clerk, letter, [stack.people["vanthu.stc"].name, stack.people["vanthu.vb"].name])
    stands_in_the_register(clerk, letter, "di")
    stands_in_the_register(registrar, letter, "den")
    stands_in_the_register(keeper, letter, "den")
    is_found_by_its_words(registrar, letter)
    prints_the_register(registrar, tmp_path)
    for person in (officer, head, clerk, leader, registrar, chief, worker, keeper, office):
        person.calm()


# --- in the ward ----------------------------------------------------------------------------------------------


def writes(officer: Visitor, letter: Letter, folder: Path) -> None:
    page = officer.go(f"{HERE}di/")
    officer.follow("Soạn văn bản")
    officer.fill(title=letter.title)
    for asked, name in (("so tai chinh", DEPARTMENT), ("ubnd xa vinh bao", COMMUNE)):
        picks(page, asked, name)
    page.locator(".editor").fill(letter.body)
    officer.press("Lưu, thêm tệp, xin ý kiến")
    found = re.search(r"/di/(\d+)/$", page.url)
    assert found, page.url
    letter.pk = int(found[1])
    officer.sees(DEPARTMENT, COMMUNE, "Ngày dưới 10", "chưa có tệp phụ lục")
    appendix = folder / "phụ lục 1.pdf"
    appendix.write_bytes(pdf_bytes())
    page.locator('#tep input[type="file"][name="file"]').set_input_files(appendix)
    officer.press("Thêm vào dự thảo")
    officer.sees("phụ lục 1.pdf", "Ngày dưới 10")


def picks(page: Page, asked: str, name: str) -> None:
    """A recipient, by a name without marks; the list comes and goes without leaving the page."""
    page.fill("#q-noi-nhan", asked)
    page.keyboard.press("Enter")
    page.locator("#noi-nhan .found").get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#noi-nhan .picked")).to_contain_text(name)


def proposes(officer: Visitor, letter: Letter) -> None:
    officer.press("Ký nháy, trình trưởng đơn vị…", role="link")
    officer.press("Ký nháy, trình trưởng đơn vị", exact=True)
    officer.sees("Đã ký nháy và trình")


def opens_from_desk(person: Visitor, letter: Letter, *, look: bool = True) -> Page:
    """The work is on the person's own page, once, and a press opens it. Without `look`: seen like this before."""
    page = person.go(HERE, look=look)
    row = page.locator("main a", has_text=letter.mark)
    expect(row).to_have_count(1)
    row.click()
    if look:
        person.look()
    return page


def initials(head: Visitor, letter: Letter) -> None:
    opens_from_desk(head, letter)
    head.press("Ký nháy, chuyển kiểm tra thể thức…", role="link")
    head.press("Ký nháy, chuyển kiểm tra thể thức", exact=True)
    head.sees("Đã ký nháy và chuyển văn thư")


def checks_the_form(clerk: Visitor, letter: Letter) -> None:
    """A warning may be passed over, but not in silence."""
    page = opens_from_desk(clerk, letter)
    clerk.press("Đạt thể thức, trình lãnh đạo…", role="link")
    clerk.press("Đạt thể thức, trình lãnh đạo", exact=True)
    reasons = page.locator('input[name^="ly-do-"]')
    assert reasons.count() >= 1
    assert page.url.endswith("/buoc/pass_form/"), "a warning needs a reason"
    for one in reasons.all():
        one.fill("Giữ nguyên cách viết theo mẫu của phường")
    clerk.press("Đạt thể thức, trình lãnh đạo", exact=True)
    clerk.sees("Đã trình lãnh đạo ký.", "Giữ nguyên cách viết")


def signs_two_at_once(leader: Visitor, letter: Letter, pin: str) -> None:
    """One PIN for what was read, whatever the number of papers."""
    page = leader.go(f"{HERE}trinh-ky/?xem={letter.pk}")
    leader.sees("Bỏ qua cảnh báo", "phụ lục 1.pdf")
    own = page.locator(f"#chon-{letter.pk}")
    own.check()
    other = page.locator(f'#ky input[name="chon"]:not([id="chon-{letter.pk}"])')
    if other.count():  # an installation where the walk went before may have run out of the demo's papers
        other.first.check()
    count = 1 + bool(other.count())
    leader.press(f"Ký {count} văn bản…")
    leader.sees(f"Ký {count} văn bản", letter.title)
    page.fill("#id_pin", pin)
    leader.press(f"Ký {count} văn bản", exact=True, look=False)
    leader.arrives(f"{HERE}trinh-ky/tien-do/")
    expect(page.get_by_text("đã cấp số, chờ đóng dấu")).to_have_count(count, timeout=60_000)
    leader.look()
    line = page.locator("#tien-do li", has_text=letter.mark).inner_text()
    number = re.search(r"\d+/[\w-]+", line)
    assert number, line
    letter.number = number[0]


def seals(clerk: Visitor, letter: Letter, pin: str) -> None:
    page = clerk.go(f"{HERE}dong-dau/?xem={letter.pk}")
    clerk.sees("Kiểm tra chữ ký trước khi đóng dấu", letter.number, "phụ lục 1.pdf")
    clerk.press("Chỉ đóng dấu văn bản này…")
    page.fill("#id_pin", pin)
    clerk.press("Đóng dấu 1 văn bản", exact=True, look=False)
    clerk.arrives(f"{HERE}dong-dau/tien-do/")
    clerk.until("đã phát hành")


def is_delivered(clerk: Visitor, letter: Letter) -> None:
    clerk.page.goto(clerk.stack.address + letter.page)
    clerk.until("Theo dõi nơi nhận")
    clerk.look()
    clerk.follow("Theo dõi nơi nhận")
    clerk.until("Đã đến")
    expect(clerk.page.locator("tbody").get_by_text("Đã đến", exact=True)).to_have_count(2)
    clerk.sees(DEPARTMENT, COMMUNE, "2 đã đến, chưa mở")


# --- where it arrives -----------------------------------------------------------------------------------------


def registers_and_forwards(registrar: Visitor, letter: Letter, leader: str) -> int:
    """From the list of arrivals into the register and to the leader. Gives the number of arrival."""
    page = registrar.page
    page.add_init_script(COUNT_CLICKS)
    registrar.go(f"{HERE}den/")
    page.evaluate("sessionStorage.setItem('clicks', 0)")
    page.locator("main td a", has_text=letter.mark).first.click()
    registrar.until("Tiếp nhận và trình")
    registrar.look()
    registrar.sees("Chữ ký số hợp lệ", "số đến dự kiến")
    choice = page.locator('select[name="leader"]')
    chooses = leader not in choice.locator("option:checked").inner_text()
    if chooses:
        choice.select_option(label=leader)
    registrar.press("Tiếp nhận và trình")
    registrar.sees("Đã tiếp nhận, số đến", leader)
    clicks = int(page.evaluate("sessionStorage.getItem('clicks')")) + 2 * chooses
    print(f"registered and forwarded in {clicks} clicks")
    assert clicks <= MOST_CLICKS, f"{clicks} clicks to register and forward"
    number = re.search(r"Đã tiếp nhận, số đến ([\d.]+)", page.locator("body").inner_text())
    assert number
    return int(number[1].replace(".", ""))


def directs_from_a_phone(leader: Visitor, letter: Letter) -> None:
    page = opens_from_desk(leader, letter)
    leader.sees("Ý kiến chỉ đạo", letter.number)
    leader.fill(text="Chủ trì rà soát, báo cáo kết quả trước hạn.")
    row = page.locator("tr", has_text="Phòng Đăng ký kinh doanh")
    row.get_by_text("Chủ trì", exact=True).click()
    leader.press("Giao việc", exact=True)
    leader.sees("Đã cho ý kiến và giao 1 nơi.")


def directs_by_keyboard(leader: Visitor, letter: Letter) -> None:
    """From the row on the desk to the end without a mouse."""
    page = leader.go(HERE, look=False)
    expect(page.locator("main a", has_text=letter.mark)).to_have_count(1)
    for _press in range(30):
        page.keyboard.press("j")
        if letter.mark in page.evaluate("document.activeElement.innerText"):
            break
    page.keyboard.press("Enter")
    leader.arrives(f"{HERE}den/")
    tabs_to(page, page.locator("#id_text"))
    page.keyboard.insert_text("Văn phòng chủ trì; các phòng phối hợp, báo cáo trước hạn.")
    for unit, presses in (("Văn phòng", 1), ("Phòng Kinh tế", 2), ("Phòng Văn hóa - Xã hội", 3)):
        row = page.locator("tr", has=page.locator("b", has_text=re.compile(f"^{unit}")))
        tabs_to(page, row.locator('input[type="radio"]'))
        for _press in range(presses):
            page.keyboard.press("ArrowRight")
    leader.look()
    tabs_to(page, page.get_by_role("button", name="Giao việc", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/den/\d+/$"))
    leader.look()
    leader.sees("Đã cho ý kiến và giao 3 nơi.", "Chủ trì", "Phối hợp", "Để biết")


def tabs_to(page: Page, wanted: Locator) -> None:
    """Press Tab, or Shift+Tab, until the focus is there: whatever cannot be reached by keyboard fails."""
    expect(wanted.first).to_be_visible()
    for key in ("Tab", "Shift+Tab"):
        for _press in range(120):
            if any(one.evaluate("one => one === document.activeElement") for one in wanted.all()):
                return
            page.keyboard.press(key)
    raise AssertionError(f"not reached by keyboard: {wanted}")


# --- the work -------------------------------------------------------------------------------------------------


def assigns(chief: Visitor, letter: Letter, person: str) -> None:
    page = opens_from_desk(chief, letter)
    chief.follow("Giao người trong đơn vị")
    page.locator("tr", has_text=person).get_by_text("Chủ trì", exact=True).click()
    chief.press("Giao việc", exact=True)
    chief.sees("Đã giao việc trong đơn vị.", person)


def reports_and_asks_for_time(worker: Visitor, letter: Letter) -> None:
    page = opens_from_desk(worker, letter)
    worker.sees("Nội dung giao", letter.number)
    worker.fill(text="Đã kiểm kê 3 trên 5 trạm", progress="60")
    worker.press("Ghi tiến độ")
    worker.sees("Đã ghi tiến độ.", "60 %")
    until = timezone.localdate() + timedelta(days=60)
    page.locator("summary", has_text="Xin gia hạn").click()
    worker.fill(reason="Hai trạm còn ngập, chưa vào được", until=f"{until:%d/%m/%Y}")
    worker.press("Gửi đề nghị")
    worker.sees("Đã gửi đề nghị gia hạn.")


def grants_time(chief: Visitor, letter: Letter) -> None:
    page = chief.go(HERE)
    group = page.locator("section", has=page.get_by_role("heading", name=re.compile("^Xin gia hạn")))
    group.locator("a", has_text=letter.mark).first.click()
    chief.look()
    chief.sees("Hai trạm còn ngập")
    chief.press("Đồng ý gia hạn")
    chief.sees("Đã quyết định đề nghị gia hạn.")


def finishes(worker: Visitor, letter: Letter) -> None:
    page = opens_from_desk(worker, letter, look=False)
    worker.fill(result="Đã kiểm kê đủ 5 trạm, gửi kết quả theo mẫu")
    page.locator("main").get_by_role("button", name="Hoàn thành", exact=True).click()
    worker.look()
    worker.sees("Đã hoàn thành việc.")


def confirms(chief: Visitor, letter: Letter) -> None:
    """What his people did is the unit's result when the head says so; the words are there already."""
    page = opens_from_desk(chief, letter, look=False)
    assert "5 trạm" in page.input_value("#id_result")
    page.locator("main").get_by_role("button", name="Hoàn thành", exact=True).click()
    chief.look()
    chief.sees("Đã hoàn thành việc.")


def files(worker: Visitor, letter: Letter, arrival: int) -> None:
    """The letter goes into a work file that is opened for it, and is filed with that."""
    page = worker.page
    page.locator('section[aria-labelledby="giao"] a').click()
    worker.look()
    worker.sees(letter.number, "Hoàn thành", str(arrival))
    paper = page.url
    page.locator(".record-more > summary").click()
    page.locator(".file-into summary").click()
    worker.look()
    worker.follow("Mở hồ sơ mới")
    worker.fill(title=f"Hồ sơ trạm bơm đợt {letter.mark}")
    page.locator("#id_retention").select_option(label="10 năm")
    worker.press("Mở hồ sơ", exact=True)
    assert page.url == paper
    worker.sees("Đã đưa vào hồ sơ", "Đã lập hồ sơ")


# --- afterwards -----------------------------------------------------------------------------------------------


def both_are_done(clerk: Visitor, letter: Letter, openers: list[str]) -> None:
    page = clerk.go(letter.page, look=False)
    clerk.follow("Theo dõi nơi nhận")
    for place, who in zip((DEPARTMENT, COMMUNE), openers, strict=True):
        row = page.locator("tr", has_text=place)
        expect(row).to_contain_text("Hoàn thành")
        expect(row).to_contain_text(who)
        expect(row).to_contain_text(f"{timezone.localdate():%d/%m/%Y}")


def stands_in_the_register(clerk: Visitor, letter: Letter, which: str) -> None:
    page = clerk.go(f"{HERE}so/?so={which}", look=which == "di")
    row = page.locator("main tbody tr", has_text=letter.mark)
    expect(row).to_have_count(1)
    expect(row).to_contain_text(letter.number if which == "den" else letter.number.split("/")[0])


def is_found_by_its_words(registrar: Visitor, letter: Letter) -> None:
    """By words that stand in the PDF alone, without marks."""
    page = registrar.go(f"{HERE}tim/")
    page.fill("#tim-q", f"mang xoi hanh lang {letter.mark}")
    registrar.press("Tìm", exact=True)
    registrar.until(letter.title)
    expect(page.locator("main tbody tr")).to_have_count(1)


def prints_the_register(registrar: Visitor, folder: Path) -> None:
    page = registrar.go(f"{HERE}so/?so=den")
    registrar.press("In sổ (PDF)")
    registrar.until("xong lúc")
    registrar.look()
    address = page.get_by_role("link", name="Mở bản in (PDF)").get_attribute("href")
    assert address
    book = registrar.download(address, folder / "so-den.pdf")
    assert book.read_bytes().startswith(b"%PDF")
