"""What a delegation can be narrowed to here: procedures and their fields."""

from django.utils.translation import gettext_lazy as _

from onecase.models import Procedure
from org import scopes


def register() -> None:
    scopes.register("fields", _("lĩnh vực"), _fields)
    scopes.register("procedures", _("thủ tục"), _procedures)


def _fields() -> list[tuple[str, str]]:
    names = Procedure.objects.published().order_by("field").values_list("field", flat=True).distinct()
    return [(name, name) for name in names]


def _procedures() -> list[tuple[str, str]]:
    return list(Procedure.objects.published().order_by("name").values_list("code", "name"))
