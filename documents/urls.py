"""Addresses of documents. Each part keeps its own list."""

from documents.urls_incoming import urlpatterns as incoming
from documents.urls_office import urlpatterns as office
from documents.urls_outgoing import urlpatterns as outgoing
from documents.urls_search import urlpatterns as search

app_name = "documents"
urlpatterns = [*incoming, *outgoing, *office, *search]
