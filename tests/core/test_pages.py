"""Pictures of pages: drawn once, in limits, and only pages that exist."""

import pytest
from django.http import Http404
from PIL import Image

from core import files, pages, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper():
    made = pdf.render_html("<!doctype html><html lang='vi'><title>x</title><p>Giấy khai sinh</p></html>")
    return files.store_bytes(made.data, "application/pdf", pages=made.pages)


def test_a_page_becomes_a_picture_once(paper):
    place = pages.picture(paper, 1)
    drawn_at = place.stat().st_mtime_ns
    with Image.open(place) as image:
        assert image.width == 900
        assert image.getextrema() != ((255, 255),) * 3, "the page is blank"
    assert pages.picture(paper, 1).stat().st_mtime_ns == drawn_at


@pytest.mark.parametrize(("number", "width"), [(0, 900), (2, 900), (1, 12345)])
def test_what_is_not_there_is_404(paper, number, width):
    with pytest.raises(Http404):
        pages.picture(paper, number, width=width)


def test_a_damaged_file_is_not_drawn_and_leaves_no_rest(paper):
    bad = files.store_bytes(b"%PDF-1.7 nonsense", "application/pdf")
    with pytest.raises(pages.NotDrawable):
        pages.picture(bad, 1)
    assert not list(files.path_of(bad).parent.parent.parent.glob("pages/**/*.part"))
