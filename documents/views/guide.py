"""A short guide with pictures, for clerk, officer and leader."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from documents.views.doors import staff_only


@staff_only
def guide(request: HttpRequest) -> HttpResponse:
    return render(request, "documents/guide.html")
