"""Takes the words out of one file, alone in a process of its own with hard limits. Run by documents.texts, never imported.

Arguments: path, media type, most characters, most pages, folder for page pictures (empty: draw none). Prints a JSON
object: text, pages, drawn (names of the pictures drawn for recognition, when a PDF has no words of its own).
"""

import json
import resource
import sys
import zipfile

CPU_SECONDS, MEMORY_MB = 40, 1536
UNPACKED_MAX = 40 * 1024 * 1024  # of the one part that holds the words
FEW = 20  # letters on the first pages: fewer than these are a stamp on a scan, not a text
DRAWN_WIDTH = 1700  # pixels, about 200 dots an inch on A4
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def limit_myself() -> None:
    memory = MEMORY_MB << 20
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def of_pdf(path: str, most: int, pages: int, folder: str) -> dict[str, object]:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        parts: list[str] = []
        length = 0
        for number in range(min(len(document), 2000)):
            page = document[number]
            words = page.get_textpage().get_text_bounded()
            page.close()
            parts.append(words)
            length += len(words)
            if length > most:
                break
        text = "\n".join(parts)[:most]
        drawn = []
        if folder and sum(letter.isalpha() for letter in text) < FEW:
            for number in range(min(len(document), pages)):
                page = document[number]
                width, height = page.get_size()
                scale = DRAWN_WIDTH / max(width, height / 2, 1)
                name = f"{folder}/{number:04d}.png"
                page.render(scale=scale, grayscale=True).to_pil().save(name)
                page.close()
                drawn.append(name)
        return {"text": text, "pages": len(document), "drawn": drawn}


def of_office_file(path: str, most: int) -> dict[str, object]:
    """Paragraphs of a DOCX or ODT. Entities are never resolved, and a part that unpacks to too much is not read."""
    from lxml import etree  # type: ignore[import-untyped]

    with zipfile.ZipFile(path) as box:
        names = set(box.namelist())
        part = next((name for name in ("word/document.xml", "content.xml") if name in names), "")
        if not part or box.getinfo(part).file_size > UNPACKED_MAX:
            return {"text": "", "pages": 0, "drawn": []}
        with box.open(part) as source:
            data = source.read(UNPACKED_MAX)
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        return {"text": "", "pages": 0, "drawn": []}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    root = etree.fromstring(data, parser)
    paragraphs = (f"{WORD}p", f"{TEXT}p", f"{TEXT}h")
    found, length = [], 0
    for paragraph in root.iter(*paragraphs):
        if paragraph.tag.startswith(WORD):
            words = "".join(run.text or "" for run in paragraph.iter(f"{WORD}t"))
        else:
            words = "".join(paragraph.itertext())
        found.append(words)
        length += len(words)
        if length > most:
            break
    return {"text": "\n".join(found)[:most], "pages": 0, "drawn": []}


def main(path: str, media_type: str, most: str, pages: str, folder: str) -> int:
    limit_myself()
    if media_type == "application/pdf":
        answer = of_pdf(path, int(most), int(pages), folder)
    else:
        answer = of_office_file(path, int(most))
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:6]))
