"""The page of one form and one act: typed, checked, done, or the reason why not, with everything typed kept."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.errors import RuleError


def form_page(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[Any], str],
    *,
    title: str,
    submit: str,
    back_url: str,
    crumbs: list[tuple[Any, str]],
    sub: str = "",
    lead: str = "",
    facts: list[tuple[Any, Any]] | None = None,
    warning: str = "",
) -> HttpResponse:
    """`act` gets the cleaned answers and returns what to say; then one goes to `back_url`."""
    if request.method == "POST" and form.is_valid():
        try:
            said = act(form.cleaned_data)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said)
            return redirect(back_url)
    context = {
        "form": form,
        "title": title,
        "sub": sub,
        "lead": lead,
        "facts": facts or [],
        "warning": warning,
        "submit": submit,
        "back_url": back_url,
        "crumbs": crumbs,
    }
    return render(request, "org/form_page.html", context)
