"""Floors: the least work that could answer the same question, behind the same middleware."""

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.html import escape

LIST_SQL = """
SELECT c.code, c.owner_name, c.business_status, c.submitted_at, c.due_at, p.name
FROM onecase_case c JOIN onecase_procedure p ON p.id = c.procedure_id
WHERE c.receiving_unit_id = %s AND c.business_status <> 'draft' ORDER BY c.id DESC LIMIT 50
"""


@login_required
def trivial(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


@login_required
def raw_list(request: HttpRequest, unit: int) -> HttpResponse:
    """The list's 50 rows by one SQL statement and a string join."""
    with connection.cursor() as cursor:
        cursor.execute(LIST_SQL, [unit])
        cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in cursor.fetchall())
        return HttpResponse("<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>")


urlpatterns = [
    path("bench/trivial/", trivial),
    path("bench/list/<int:unit>/", raw_list),
    path("", include("haiphong_egov.urls")),
]
