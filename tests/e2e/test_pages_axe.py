"""Every page that a person can reach: no axe violation at 375 and 1440 px, no sideways scrolling even at 320 px.

Each journey begins at a few addresses and follows the links: one page of every shape, and a case in every status. What
two people have been shown is not looked at again for the third.
"""

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from playwright.sync_api import Error

from tests.e2e.conftest import DESK, Visitor, axe

CODE = r"[\w.]+-\d{6}-\d{4,}"
SHAPES = [
    (re.compile(r"^/thu-tuc/[\w-]+/"), "/thu-tuc/#/"),
    (re.compile(r"^/lam-viec/tiep-nhan/[\w-]+/"), "/lam-viec/tiep-nhan/#/"),
    (re.compile(r"^/don-vi/ubnd-[\w-]+/"), "/don-vi/ubnd-#/"),
    (re.compile(r"^/don-vi/(?!ubnd-)[\w-]+/"), "/don-vi/#/"),
    (re.compile(r"^/lam-viec/don-vi/[\w-]+/$"), "/lam-viec/don-vi/#/"),
    (re.compile(r"^/kiem-tra/[\w-]+/"), "/kiem-tra/#/"),
    (re.compile(CODE), "#"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}"), "#"),
    (re.compile(r"(?<=/)\d+(?=/)"), "#"),
]
# Files, other people's doors, and what ends the visit.
NOT_PAGES = re.compile(
    r"/quan-tri/|/logout/|/static/|/tep/|/phieu/|/bien-nhan/|/ban-goc/|/xem-truoc/|/to-khai/|/phieu-kiem-soat/"
    r"|/ho-so/[^/]+/van-ban/|/lam-viec/ky/van-ban/|/giay/|/phieu-giai-quyet/|/muc-luc/|/tai-lieu/|/ban-sao/\d|/tim/xuat/|/danh-muc/tep|[?&](?:in|tai)(?:$|&)"
    r"|[.](?:json|py)(?:$|[?])|/danh-ba/xuat/|/lam-viec/ho-so/[^/]+/mau/|/co-chu/|/usersessions|/tai-khoan/2fa/|/tai-khoan/(confirm|email|reauth)"
)
MOST_PAGES = 70
STATUSES_OF_LIST = re.compile(
    rf'href="/lam-viec/ho-so/({CODE})/".*?status-\w+"><svg.*?</svg><span>([^<]+)<', re.S
)

PUBLIC = [
    "/", "/?xa=le+chan", "/thu-tuc/", "/thu-tuc/?q=khai+sinh", "/thu-tuc/?q=lam+giay+cho+con", "/thu-tuc/?q=zzzz",
    "/don-vi/", "/don-vi/?xem=dia-ban-cu", "/don-vi/?xem=co-quan", "/don-vi/?q=tran+hung+dao",
    "/don-vi/quan-le-chan/", "/don-vi/ubnd-quan-le-chan/", "/don-vi/phuong-gia-vien/", "/don-vi/sldtbxh/", "/tra-cuu/", "/kiem-tra/", "/tai-khoan/login/", "/tai-khoan/signup/", "/tai-khoan/password/reset/",
]  # fmt: skip
MISSING = ["/kiem-tra/KHONGCOMA1/", "/khong-co-trang-nay/", "/thu-tuc/khong-co-thu-tuc-nay/"]
CITIZENS = ["congdan1", "congdan2", "congdan3"]
# Who, and how many statuses of a case he is shown.
STAFF = {
    "motcua.nq": 20, "hotich.nq": 8, "vanphong.nq": 4, "chutich.nq": 4, "vanthu.nq": 3, "vanxa.nq": 2, "tochuc.nq": 1,
    "chuyenvien.stc": 3, "quantri.nq": 0, "kiemtra.nq": 0, "sapxep.tp": 0, "lanhdao.tp": 0, "kiemtra.tp": 0, "dulieu.tp": 0,
}  # fmt: skip


# The same for everybody in service: the unit's administrator looks at them for all.
FOR_ALL = "quantri.nq", r"|^/lam-viec/(danh-ba|don-vi)/"


# Pages of documents: a clerk, a leader and an officer go through them, and through one document in each of these states.
READERS: dict[str, dict[str, list[str]]] = {
    "vanthu.nq": {
        "den": ["cho-tiep-nhan", "chua-trinh", "dang-xu-ly", "hoan-thanh", "tra-lai", "thu-hoi"],
        "di": ["dang-trinh", "cho-dong-dau", "da-phat-hanh", "da-bo"],
    },
    "chutich.nq": {"den": ["cho-chi-dao", "dang-xu-ly"], "di": ["dang-trinh"]},
    "hotich.nq": {"den": ["dang-xu-ly"], "di": ["du-thao"]},
}
NO_DOCUMENTS = r"|/lam-viec/van-ban/"
PAPERS = "/lam-viec/van-ban/"
FILTERED = re.compile(
    r"^/lam-viec/van-ban/(den|di|viec|tim|so|ho-so|theo-doi(/[\w-]+)?)/$"
)  # one filter stands for all


# What a page is made of, whatever it says: every kind of element with its class and the names of its attributes.
STRUCTURE = """[...new Set([...document.querySelectorAll("body *")].map(one =>
  [one.tagName, one.getAttribute("class"), one.getAttribute("role"), one.getAttribute("type"), ...one.getAttributeNames()]
    .join(" ")))].sort().join("\\n")"""
LOOKED_AT: set[int] = set()  # in this process; colleagues meet the same pages again and again
VISITORS: Counter[str] = Counter()  # how many people have followed a link to a page of this shape
ENOUGH_VISITORS = 2


def shape_of(address: str) -> str:
    """Two addresses of one shape show the same page with other data."""
    parts = urlsplit(address)
    path = parts.path
    for pattern, sign in SHAPES:
        path = pattern.sub(sign, path)
    if parts.query and FILTERED.search(path):
        return f"{path}?"
    asked = sorted({name for name, _value in parse_qsl(parts.query)} - {"next", "truoc", "sau"})
    return path + ("?" + "&".join(asked) if asked else "")


def examine(person: Visitor, address: str, *, status: int = 200) -> list[str]:
    """Look at one page at three widths. Returns what is wrong with it."""
    page, wrong = person.page, []
    page.set_viewport_size({"width": 1440, "height": 900})
    answer = page.goto(urljoin(person.stack.address, address))
    if answer is None or answer.status != status:
        return [f"{address}: {answer and answer.status}"]
    for width, height in ((1440, 900), (375, 812), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        if wide[0] > wide[1]:
            wrong.append(f"{address} scrolls sideways at {width} px: {wide[0]}")
        if width == 320:  # only the width is asked there
            continue
        made_of = hash((width, shape_of(address), page.evaluate(STRUCTURE)))
        if made_of not in LOOKED_AT:
            try:
                axe(page)
                LOOKED_AT.add(made_of)
            except AssertionError as found:
                wrong.append(str(found).split("\nassert")[0])
    wrong += person.troubles
    person.troubles.clear()
    return wrong


def links_of(person: Visitor) -> list[str]:
    found = person.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    own = [
        link.removeprefix(person.stack.address).split("#")[0]
        for link in found
        if link.startswith(person.stack.address)
    ]
    return [link for link in own if link and not NOT_PAGES.search(link)]


def explore(
    person: Visitor, begin: Iterable[str], *, within: str = "/", avoid: str = "$-", at_least: int = 3
) -> None:
    """Follow links until one page of every shape was looked at; then say everything that was wrong."""
    waiting, seen, wrong = list(begin), set(), []
    known = {shape_of(one) for one in waiting}
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        seen.add(address)
        try:
            wrong += examine(person, address)
        except Error as error:
            wrong.append(f"{address}: {error.message[:300]}")
            continue
        for link in links_of(person):
            shape = shape_of(link)
            if shape in known or not link.startswith(within) or re.search(avoid, link):
                continue
            known.add(shape)
            VISITORS[shape] += 1
            if VISITORS[shape] <= ENOUGH_VISITORS:
                waiting.append(link)
    assert not wrong, f"{len(seen)} pages, {len(wrong)} problems:\n" + "\n".join(wrong)
    assert len(known) >= at_least


def one_case_per_status(person: Visitor) -> list[str]:
    """Addresses of cases that this person sees, one in each status."""
    found: dict[str, str] = {}
    address = "/lam-viec/ho-so/"
    for _page in range(6):
        text = person.context.request.get(person.stack.address + address).text()
        for code, status in STATUSES_OF_LIST.findall(text):
            found.setdefault(status, f"/lam-viec/ho-so/{code}/")
        older = re.search(r'href="([^"]*truoc=[^"]*)"', text)
        if not older:
            break
        address = urljoin("/lam-viec/ho-so/", older[1].replace("&amp;", "&"))
    return list(found.values())


def one_paper_per_state(person: Visitor, who: str) -> list[str]:
    """Addresses of documents that this person sees: one that came and one that goes out, in each state."""
    found = []
    for way, states in READERS[who].items():
        for state in states:
            listed = person.context.request.get(f"{person.stack.address}{PAPERS}{way}/?trang-thai={state}")
            if link := re.search(rf'href="({PAPERS}{way}/\d+/)"', listed.text()):
                found.append(link[1])
    return found


def test_public_pages(visitor):
    explore(visitor(DESK), PUBLIC, avoid="^/(lam-viec|ho-so)/")


def test_pages_that_are_not_there(visitor):
    anyone = visitor(DESK)
    wrong = [line for address in MISSING for line in examine(anyone, address, status=404)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", CITIZENS)
def test_pages_of_a_citizen(visitor, who):
    citizen = visitor(DESK, who)
    citizen.page.goto(f"{citizen.stack.address}/ho-so/")
    own = [link for link in links_of(citizen) if re.search(CODE, link) and "bo-sung" not in link]
    begin = ["/ho-so/", "/thu-tuc/?q=khai+sinh", *dict.fromkeys(own)]
    explore(citizen, begin, within="/ho-so/", at_least=2)


def test_a_citizen_at_a_staff_door(visitor):
    wrong = examine(visitor(DESK, "congdan1"), "/lam-viec/", status=403)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", STAFF)
def test_pages_of_staff(visitor, who):
    person = visitor(DESK, who)
    # A notice to another post of the same person leads to a case that the present post does not serve.
    avoid = r"/mau/$|/thong-bao/\d" if who == "vanxa.nq" else "/mau/$"
    avoid += "" if who == FOR_ALL[0] else FOR_ALL[1]
    cases = one_case_per_status(person)[: STAFF[who]]
    explore(person, ["/lam-viec/", *cases], within="/lam-viec/", avoid=avoid + NO_DOCUMENTS)


@pytest.mark.parametrize("who", READERS)
def test_pages_of_documents(visitor, who):
    person = visitor(DESK, who)
    explore(person, [PAPERS, *one_paper_per_state(person, who)], within=PAPERS)


def test_the_page_of_components(visitor):
    wrong = examine(visitor(DESK, "motcua.nq"), "/lam-viec/mau/")
    assert not wrong, "\n".join(wrong)
