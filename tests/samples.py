"""Files as people send them."""

import io
import random

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def photo_bytes(*, seed: int = 0, size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG that differs by `seed`: stored files are shared by content."""
    buffer = io.BytesIO()
    picture = Image.new("RGB", size, "white")
    marks = random.Random(seed)
    for _dot in range(40):
        picture.putpixel((marks.randrange(size[0]), marks.randrange(size[1])), (0, 0, marks.randrange(255)))
    picture.save(buffer, "JPEG")
    return buffer.getvalue()


def pdf_bytes(pages: int = 1, **options: object) -> bytes:
    buffer = io.BytesIO()
    with pikepdf.new() as paper:
        for _page in range(pages):
            paper.add_blank_page(page_size=(595, 842))
        paper.save(buffer, **options)
    return buffer.getvalue()


def photo(name: str = "giay-chung-sinh.jpg", *, seed: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo_bytes(seed=seed), "image/jpeg")
