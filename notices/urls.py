"""The inbox. Included twice: for staff under the desk, for citizens under /thong-bao/."""

from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("da-doc/", views.mark_read, name="mark_read"),
    path("<int:notice_id>/", views.open_notice, name="open"),
]
