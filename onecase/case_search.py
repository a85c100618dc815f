"""What a clerk types to find a case: any end of its code, the owner's name, the procedure, a telephone number.

Every clause is answered by an index; the rights stand in the list that is narrowed by it.
"""

import re
from typing import Any, Final

from django.db.models import Q
from django.db.models.functions import Reverse

from core.search import Folded, fold
from onecase.models import Party
from onecase.querysets import CaseQuerySet, code_tail

CODE_PART: Final = re.compile(r"[0-9A-Za-z.]*[0-9][0-9A-Za-z.-]*")
PHONE: Final = re.compile(r"\+?[\d\s.()-]{6,20}")
NUMBER_DIGITS: Final = 4  # of the number of the day in a code, with zeros in front
PHONE_DIGITS: Final = 6
PHONES_AT_MOST: Final = 500


def narrowed(cases: CaseQuerySet, text: str, procedures: dict[int, str]) -> CaseQuerySet:
    """`cases` that the words mean. `procedures`: folded names by id, kept by the caller."""
    cases = cases.alias(owner_folded=Folded("owner_name"), code_end=Reverse("code"), code_tail=code_tail())
    return cases.filter(_of_code(text) | _of_owner(text) | _of_procedure(text, procedures) | _of_phone(text))


def _of_code(text: str) -> Q:
    """Its beginning; the part from the day on («261120-00»); its end («0027», «27» for the number of the day)."""
    typed = "".join(text.upper().split())
    rule = Q(code__startswith=typed)
    if not CODE_PART.fullmatch(typed):
        return rule
    end = f"-{typed.zfill(NUMBER_DIGITS)}" if typed.isdigit() and len(typed) <= NUMBER_DIGITS else typed
    return rule | Q(code_tail__startswith=typed) | Q(code_end__startswith=end[::-1])


def _of_owner(text: str) -> Q:
    name = fold(text)
    return Q(owner_folded__startswith=name) if name and not name.isdigit() else Q()


def _of_procedure(text: str, procedures: dict[int, str]) -> Q:
    """Two words or more that stand side by side in its name, the last one perhaps only begun."""
    words = fold(text)
    if " " not in words or words.replace(" ", "").isdigit():
        return Q()
    found = [pk for pk, name in procedures.items() if f" {words}" in f" {name}"]
    return Q(procedure_id__in=found) if found else Q()


def _of_phone(text: str) -> Q:
    """The number of anybody who is a party, or its end; +84 is 0. Whose case it is, the list decides."""
    digits = re.sub(r"^(\+?84)(?=\d{9})", "0", re.sub(r"[^\d+]", "", text)).lstrip("+")
    if not PHONE.fullmatch(text.strip()) or len(digits) < PHONE_DIGITS:
        return Q()
    parties = Party.objects.alias(phone_end=Reverse("phone")).filter(phone_end__startswith=digits[::-1])
    found: list[Any] = list(parties.values_list("case_id", flat=True)[:PHONES_AT_MOST])
    return Q(pk__in=found) if found else Q()
