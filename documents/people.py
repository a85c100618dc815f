"""Words for the people of an act, frozen as they are at its moment."""

from typing import Any


def printed(user: Any) -> str:
    """«Trần Thị Hằng, Văn thư, Văn phòng UBND thành phố»: name, post and unit of the present hat; empty for the system."""
    if user is None:
        return ""
    hat = getattr(user, "hat", None)
    parts = [user.full_name, hat.position.title, hat.organization.name] if hat else [user.full_name]
    return ", ".join(part for part in parts if part)[:320]


def post_of(user: Any) -> str:
    """«Phó Chủ tịch»: the title of the present hat."""
    hat = getattr(user, "hat", None)
    return hat.position.title if hat else ""
