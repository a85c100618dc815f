"""Specimen hand signatures and seals for the demo, drawn from the name alone: the same name, the same picture."""

import hashlib
import itertools
import math
import random
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from core.pdf import FONTS

BLUE = (24, 58, 143)
RED = (200, 16, 46)
SCALE = 3  # drawn larger, then reduced: smooth edges
Point = tuple[float, float]


@lru_cache(maxsize=64)
def hand_signature(name: str, *, width: int = 400, height: int = 166) -> bytes:
    """A PNG with a transparent ground: a loop, a wave and a flourish in blue ink."""
    dice = random.Random(hashlib.sha256(name.encode()).digest())  # noqa: S311  # a picture, not a secret
    picture = Image.new("RGBA", (width * SCALE, height * SCALE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for stroke in _strokes(dice, width * SCALE, height * SCALE):
        _ink(draw, stroke, thickest=5.2 * SCALE)
    return _png(picture, (width, height), BLUE)


def _strokes(dice: random.Random, width: int, height: int) -> list[list[Point]]:
    middle = height * 0.55
    capital = [
        (width * (0.06 + 0.16 * dice.random()), middle + height * dice.uniform(-0.42, 0.34))
        for _n in range(5)
    ]
    letters = dice.randint(6, 9)
    wave = [
        (
            width * (0.2 + 0.58 * step / letters),
            middle + height * (0.2 if step % 2 else -0.2) * dice.uniform(0.35, 1.1) * (1 - 0.05 * step),
        )
        for step in range(letters + 1)
    ]
    sweep = [
        (width * 0.8, middle + height * 0.1),
        (width * 0.95, middle - height * dice.uniform(0.1, 0.4)),
        (width * 0.6, middle + height * dice.uniform(0.22, 0.34)),
        (width * 0.12, middle + height * dice.uniform(0.24, 0.38)),
        (width * 0.9, middle + height * dice.uniform(0.16, 0.3)),
    ]
    return [[*capital, *wave], sweep]


def _ink(draw: ImageDraw.ImageDraw, knots: list[Point], *, thickest: float) -> None:
    """Dots along a Catmull-Rom curve; a fast pen draws thin."""
    path = _curve(knots)
    for (x1, y1), (x2, y2) in itertools.pairwise(path):
        speed = math.hypot(x2 - x1, y2 - y1)
        radius = max(thickest * 0.24, thickest * 0.5 - speed * 0.16)
        draw.ellipse((x2 - radius, y2 - radius, x2 + radius, y2 + radius), fill=(*BLUE, 255))
        draw.line((x1, y1, x2, y2), fill=(*BLUE, 255), width=max(1, round(radius * 1.8)))


def _curve(knots: list[Point], steps: int = 40) -> list[Point]:
    padded = [knots[0], *knots, knots[-1]]
    path: list[Point] = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            path.append((_between(a[0], b[0], c[0], d[0], t), _between(a[1], b[1], c[1], d[1], t)))
    return path


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


@lru_cache(maxsize=64)
def seal(unit_name: str, *, size: int = 320) -> bytes:
    """A red round specimen seal: the unit's name on the ring, a flower, and HÌNH DẤU MẪU."""
    side = size * SCALE
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    middle = side / 2
    for share, thickness in ((0.485, 0.02), (0.315, 0.008)):
        radius = side * share
        draw.ellipse(
            (middle - radius, middle - radius, middle + radius, middle + radius),
            outline=(*RED, 255),
            width=max(2, round(side * thickness)),
        )
    _ring_text(
        picture, unit_name.upper(), radius=side * 0.392, middle_angle=-90, room=250, largest=side * 0.085
    )
    _ring_text(
        picture,
        "HÌNH DẤU MẪU",
        radius=side * 0.392,
        middle_angle=90,
        room=88,
        largest=side * 0.062,
        inward=True,
    )
    _flower(draw, middle, middle, side * 0.23)
    return _png(picture, (size, size), RED)


def _ring_text(
    picture: Image.Image,
    text: str,
    *,
    radius: float,
    middle_angle: float,
    room: float,
    largest: float,
    inward: bool = False,
) -> None:
    """Letters along a circle, each turned on its own; the size shrinks until the text fits `room` degrees."""
    size = largest
    while size > 8:
        font = _font(round(size))
        advances = [font.getlength(letter) + size * 0.04 for letter in text]
        if math.degrees(sum(advances) / radius) <= room:
            break
        size *= 0.95
    direction = -1 if inward else 1
    angle = middle_angle - direction * math.degrees(sum(advances) / radius) / 2
    for letter, advance in zip(text, advances, strict=True):
        half = math.degrees(advance / radius) / 2
        angle += direction * half
        _letter(picture, letter, font, angle, radius, size, inward=inward)
        angle += direction * half


def _letter(
    picture: Image.Image,
    letter: str,
    font: ImageFont.FreeTypeFont,
    angle: float,
    radius: float,
    size: float,
    *,
    inward: bool,
) -> None:
    tile = Image.new("RGBA", (round(size * 2), round(size * 2)), (0, 0, 0, 0))
    ImageDraw.Draw(tile).text((size, size * 1.08), letter, font=font, fill=(*RED, 255), anchor="mm")
    turned = tile.rotate(-(angle + (-90 if inward else 90)), resample=Image.Resampling.BICUBIC)
    x = picture.width / 2 + radius * math.cos(math.radians(angle))
    y = picture.height / 2 + radius * math.sin(math.radians(angle))
    picture.alpha_composite(turned, (round(x - size), round(y - size)))


def _flower(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    """Five petals of a flamboyant, one up, as in the mark of the portal: never an emblem of the state."""
    for petal in range(5):
        ahead = petal * 2 * math.pi / 5
        corners = []
        for step in range(-30, 31):
            along = 1 - abs(step) / 30
            round_end = math.sqrt(max(0, 0.36**2 - max(0, along - 0.64) ** 2))
            aside = math.copysign(max(0, min(round_end, 0.68 * along - 0.04)), step)
            corners.append(
                (
                    x + radius * (along * math.sin(ahead) + aside * math.cos(ahead)),
                    y - radius * (along * math.cos(ahead) - aside * math.sin(ahead)),
                )
            )
        draw.polygon(corners, fill=(*RED, 255))


@lru_cache(maxsize=128)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / "Tinos-Bold.ttf"), size)


def _png(picture: Image.Image, size: tuple[int, int], ink: tuple[int, int, int]) -> bytes:
    """One ink throughout, only its cover varies: a tenth of the bytes in every signed file."""
    cover = picture.getchannel("A").resize(size, Image.Resampling.LANCZOS)
    inked = Image.new("RGBA", size, (*ink, 0))
    inked.putalpha(cover)
    out = BytesIO()
    inked.save(out, "PNG")
    return out.getvalue()
