"""Looks inside one uploaded file, alone in a process of its own with hard limits. Run by core.gate, never imported.

Takes a JSON object on stdin: path, media_type, max_pages, cpu_seconds, memory_mb, rewrite_to. Prints a JSON object:
findings (codes that core.gate puts into words), pages, detail. It knows nothing of Django, so that it starts in
0.2 seconds and holds no secret; heavy libraries are imported only by the check that needs them.
"""

import json
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PIXELS_MAX = 50_000_000
JPEG_PIXELS_MAX = 400_000_000  # decoded at a fraction of its size
MEMBERS_MAX = 5_000
UNPACKED_MAX = 300 * 1024 * 1024
# A cheap look at the printed form of an object; only a hit is examined word by word.
SUSPECT = re.compile(
    rb"/(JavaScript|JS|Launch|ImportData|SubmitForm|GoToE|XFA|EmbeddedFile|EF|RichMedia|Rendition)(?![A-Za-z0-9])"
)
ACTIONS = {
    "/Launch": "launch",
    "/ImportData": "import_data",
    "/SubmitForm": "submit_form",
    "/GoToE": "goto_embedded",
}
PROGRAM_STARTS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
PROGRAM_NAMES = re.compile(
    r"\.(exe|dll|com|scr|pif|bat|cmd|ps1|vbs|vbe|js|jse|wsf|wsh|hta|msi|msp|cpl|jar|lnk|reg|sh|app|apk|iso|img)\s*$",
    re.IGNORECASE,
)


def limit_myself(cpu_seconds: int, memory_mb: int) -> None:
    memory = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (UNPACKED_MAX, UNPACKED_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


# --- PDF --------------------------------------------------------------------------------------------------


def look_at_pdf(path: str, max_pages: int) -> dict[str, Any]:
    import pikepdf

    try:
        # No repair: what has to be repaired first can neither be signed nor shown the same way everywhere.
        pdf = pikepdf.open(path, attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        return {"findings": ["password"]}
    except (pikepdf.PdfError, ValueError, RecursionError) as error:
        return {"findings": ["damaged"], "detail": str(error)[:200]}
    with pdf:
        if pdf.is_encrypted:
            return {"findings": ["owner_password"]}
        try:
            pages = len(pdf.pages)
            if pages == 0:
                return {"findings": ["no_pages"], "pages": 0}
            if pages > max_pages:
                return {"findings": ["too_many_pages"], "pages": pages}
            findings = {finding for thing in pdf.objects for finding in suspicions(thing)}
            findings |= set(suspicions(pdf.trailer))
        except (pikepdf.PdfError, ValueError, RecursionError) as error:
            return {"findings": ["damaged"], "detail": str(error)[:200]}
        warnings = pdf.get_warnings()
        if warnings:
            findings.add("damaged")
        return {
            "findings": sorted(findings),
            "pages": pages,
            "detail": str(warnings[0])[:200] if warnings else "",
        }


def suspicions(thing: Any) -> Iterator[str]:
    """What one indirect object does that a paper has no business doing."""
    import pikepdf

    if isinstance(thing, pikepdf.Name):  # a word kept apart, so that its user looks innocent
        if str(thing) in {"/JavaScript", *ACTIONS}:
            yield ACTIONS.get(str(thing), "javascript")
        return
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream):
        return
    is_stream = isinstance(thing, pikepdf.Stream)
    words = thing.stream_dict if is_stream else thing
    if not SUSPECT.search(words.unparse(resolved=True)):
        return
    for inner in dictionaries(words):
        yield from dictionary_suspicions(inner)
    if is_stream and words.get("/Type") == "/EmbeddedFile" and starts_like_a_program(thing):
        yield "embedded_program"


def dictionaries(thing: Any) -> Iterator[Any]:
    """The dictionary itself and those written inside it; references are objects of their own and come by themselves."""
    import pikepdf

    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary):
            yield one
            inner = list(one.as_dict().values())
        else:
            inner = list(one.as_list())
        containers = (pikepdf.Dictionary, pikepdf.Array)
        waiting.extend(value for value in inner if isinstance(value, containers) and not value.is_indirect)


def dictionary_suspicions(words: Any) -> Iterator[str]:
    kind = str(words.get("/S", ""))
    if kind == "/JavaScript" or "/JS" in words or "/JavaScript" in words:
        yield "javascript"
    if kind in ACTIONS:
        yield ACTIONS[kind]
    if "/XFA" in words:
        yield "xfa"
    if str(words.get("/Subtype", "")) == "/RichMedia":
        yield "rich_media"
    if "/EF" in words:
        names = [str(words.get(key, "")) for key in ("/F", "/UF", "/DOS", "/Unix", "/Mac")]
        if any(PROGRAM_NAMES.search(name) for name in names):
            yield "embedded_program"


def starts_like_a_program(stream: Any) -> bool:
    """The first bytes only: an attachment is never unpacked whole, it could be a bomb."""
    filters = stream.stream_dict.get("/Filter")
    raw = stream.read_raw_bytes()
    if filters is None:
        head = raw[:8]
    elif str(filters) == "/FlateDecode":
        try:
            head = zlib.decompressobj().decompress(raw[:65536], 8)
        except zlib.error:
            return True  # hides what it is
    else:
        head = stream.read_bytes()[:8]
    return head.startswith(PROGRAM_STARTS)


# --- photos -----------------------------------------------------------------------------------------------


def look_at_image(path: str, media_type: str, rewrite_to: str) -> dict[str, Any]:
    """Decode the whole picture and write it anew, upright and without position, camera or comments."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # counted below, before anything is decoded
    jpeg = media_type == "image/jpeg"
    try:
        with Image.open(path, formats=["JPEG" if jpeg else "PNG"]) as image:
            pixels = image.width * image.height
            if pixels > (JPEG_PIXELS_MAX if jpeg else PIXELS_MAX):
                return {"findings": ["too_many_pixels"]}
            if jpeg and pixels > PIXELS_MAX:
                image.draft("RGB", (image.width // 2, image.height // 2))
            if image.width * image.height > PIXELS_MAX:
                image.draft("RGB", (image.width // 4, image.height // 4))
            if image.width * image.height > PIXELS_MAX:
                return {"findings": ["too_many_pixels"]}
            image.load()
            upright = ImageOps.exif_transpose(image)
            profile = upright.info.get("icc_profile")
            if jpeg and upright.mode not in ("L", "RGB"):
                upright, profile = upright.convert("RGB"), None
            if rewrite_to and jpeg:
                bare(upright).save(rewrite_to, "JPEG", quality=88, icc_profile=profile)
            elif rewrite_to:
                bare(upright).save(rewrite_to, "PNG", icc_profile=profile)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, IndexError) as error:
        return {"findings": ["damaged"], "detail": str(error)[:200]}
    return {"findings": [], "pages": 1}


def bare(image: Any) -> Any:
    """Forget every note that came with the picture; transparency is part of the picture and stays."""
    kept = {key: value for key, value in image.info.items() if key == "transparency"}
    image.info.clear()
    image.info.update(kept)
    return image


# --- office files -----------------------------------------------------------------------------------------


def look_at_office_file(path: str) -> dict[str, Any]:
    findings = set()
    try:
        with zipfile.ZipFile(path) as box:
            members = box.infolist()
            if len(members) > MEMBERS_MAX or sum(member.file_size for member in members) > UNPACKED_MAX:
                return {"findings": ["too_complex"]}
            for member in members:
                name = member.filename.lower()
                if member.flag_bits & 0x1:
                    findings.add("password")
                if name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/")):
                    findings.add("macros")
                if PROGRAM_NAMES.search(name) or ("/embeddings/" in name and name.endswith(".bin")):
                    findings.add("embedded_program")
            if not findings and box.testzip() is not None:
                findings.add("damaged")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error) as error:
        return {"findings": ["damaged"], "detail": str(error)[:200]}
    return {"findings": sorted(findings)}


def main() -> None:
    order = json.load(sys.stdin)
    limit_myself(order["cpu_seconds"], order["memory_mb"])
    try:
        if order["media_type"] == "application/pdf":
            answer = look_at_pdf(order["path"], order["max_pages"])
        elif order["media_type"].startswith("image/"):
            answer = look_at_image(order["path"], order["media_type"], order.get("rewrite_to", ""))
        else:
            answer = look_at_office_file(order["path"])
    except MemoryError:
        answer = {"findings": ["too_complex"]}
    if answer["findings"] and order.get("rewrite_to"):
        Path(order["rewrite_to"]).unlink(missing_ok=True)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
