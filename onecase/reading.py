"""Staff who read a case leave an event: its page, each file, each paper, each search by name or number.

The applicant's own reading leaves none: the data are his. Work lists leave none either: they show a name and a code to
those who have to handle the case, and what they open from there is noted (docs/identity.md).
"""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.pages import PAGE
from core.search import fold
from onecase import rules
from onecase.models import Case, CaseFile

SAME_READING_SECONDS = 600
SENTENCES = {
    "case.read": gettext_lazy("Mở hồ sơ"),
    "case.read_file": gettext_lazy("Xem giấy tờ"),
    "case.read_form": gettext_lazy("Xem phiếu theo mẫu"),
    "case.read_result": gettext_lazy("Xem văn bản kết quả"),
    "case.read_application": gettext_lazy("In tờ khai"),
    "case.read_control_sheet": gettext_lazy("In phiếu kiểm soát"),
    "case.read_number": gettext_lazy("Xem số định danh, số điện thoại"),
    "case.search": gettext_lazy("Tìm hồ sơ theo họ tên hoặc mã"),
}


def note(request: HttpRequest, case: Case, what: str, name: str = "") -> None:
    """One reading. The pages of one paper, asked for one by one as pictures, count as one for ten minutes."""
    if rules.is_applicant(request.user, case) or case.opened_in_emergency:
        return  # the door of emergencies has noted it, with the reason
    if PAGE in request.GET:
        key = f"read:{request.user.pk}:{what}:{case.pk}:{request.path}"
        if cache.get(key):
            return
        cache.set(key, 1, SAME_READING_SECONDS)
    audit.record_read(request.user, case, what, name)


def words_for(file: CaseFile) -> str:
    """Which paper it is. The name that its owner gave the file may hold names and numbers, so it is left out."""
    paper = file.component.name if file.component else _("giấy tờ khác")
    return _("%(paper)s (tệp %(number)s)") % {"paper": paper, "number": file.pk}


def note_search(user: Any, text: str, hits: int) -> None:
    """What was searched for stands as a keyed hash: the trail must not become a list of names by itself."""
    unit = user.hat.organization
    digest = hmac.new(settings.BLIND_INDEX_KEY.encode(), fold(text).encode(), hashlib.sha256).hexdigest()
    words = _("%(hits)s kết quả, dấu vết câu tìm %(digest)s") % {"hits": hits, "digest": digest[:16]}
    audit.record_read(user, unit, "case.search", words)
