"""The parts that every commune has, by the template of the reference data."""

from functools import lru_cache

from core.loading import read_csv
from core.search import fold
from org.choices import OrganizationKind, UnitKind
from org.loading import HERE
from org.restructuring.switch import NewUnit


@lru_cache(maxsize=1)
def commune_template() -> tuple[dict[str, str], ...]:
    return tuple(row for row in read_csv(HERE / "agencies.csv") if row["level"] == "commune_template")


def commune_parts(full_name: str, kind: str, code: str, committee: str) -> list[NewUnit]:
    """HĐND and the parts of a commune by the template (domain/organisation.md §9) beside its committee, a slug."""
    place = place_of(committee, full_name)
    ward = kind == UnitKind.WARD
    lower = full_name[:1].lower() + full_name[1:]
    found = []
    for row in commune_template():
        stem = row["slug"].removeprefix("tpl-").rsplit("-", 1)[0]
        if stem == ("kt" if ward else "kthtdt"):
            continue
        name, slot, _rest = row["name"].partition("{")
        if row["kind"] == OrganizationKind.COMMITTEE:
            continue
        below = bool(row["parent_slug"])
        found.append(
            NewUnit(
                slug=f"{stem}-{place}",
                name=f"{name.strip()} {lower}",
                short_name=f"{row['short_name']} {lower}" if slot else row["name"],
                symbol=row["symbol"],
                kind=row["kind"],
                parent=committee if below else "",
                agency=committee if below else "",
                territory=code,
            )
        )
    return found


def place_of(committee: str, full_name: str) -> str:
    """What the slugs of a commune's units end with: «phuong-gia-vien»."""
    return committee.removeprefix("ubnd-") if committee.startswith("ubnd-") else slug_of(full_name)


def slug_of(name: str) -> str:
    return fold(name).replace(" ", "-")[:80]
