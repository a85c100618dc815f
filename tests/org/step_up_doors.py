"""Addresses for test_step_up: the portal's own, and a page that binds."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from haiphong_egov.urls import urlpatterns as own
from org.step_up import step_up_required

done: list[dict[str, list[str]]] = []


@step_up_required
def binding_act(request):
    if request.method == "POST":
        done.append(dict(request.POST.lists()))
        messages.success(request, "Đã làm.")
        return redirect("/thu/xong/")
    return HttpResponse("Trang ký")


urlpatterns = [path("thu/ky/", binding_act), path("thu/xong/", lambda request: HttpResponse("Xong")), *own]
