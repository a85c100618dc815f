"""Addresses of the one-stop mechanism: the citizens' side and the civil servants' side."""

from onecase.urls_citizen import urlpatterns as citizen
from onecase.urls_staff import urlpatterns as staff

app_name = "onecase"
urlpatterns = [*staff, *citizen]
