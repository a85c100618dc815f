"""Names of people, as they or an officer type them."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 100
BETWEEN = " '’.-"  # Nguyễn Văn An, H'Hen Niê, Anne-Marie, J. Smith


def cleaned(text: str) -> str:
    """Single spaces, marks joined to their letters. ValidationError: no name, in any script."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    strange = {sign for sign in name if not _is_letter(sign) and sign not in BETWEEN}
    if strange:
        raise ValidationError(
            _("Họ và tên chỉ gồm chữ cái, dấu cách, dấu nháy, gạch nối và dấu chấm; không dùng: %(signs)s"),
            code="strange_name",
            params={"signs": " ".join(sorted(strange))},
        )
    if name and not any(_is_letter(sign) for sign in name):
        raise ValidationError(_("Họ và tên phải có chữ cái."), code="strange_name")
    return name


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM"  # M: marks that many scripts write apart from their letters
