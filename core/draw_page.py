"""Draws one page of a PDF as PNG, alone in a process of its own with hard limits. Run by core.pages, never imported.

Arguments: path of the PDF, page from 1, width in pixels, path of the PNG. Exit code 3: there is no such page.
"""

import resource
import sys

CPU_SECONDS, MEMORY_MB = 15, 1024
NO_SUCH_PAGE = 3
TALLEST = 4  # times the width: a ribbon of a page is cut


def main(source: str, number: str, width: str, target: str) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pypdfium2

    with pypdfium2.PdfDocument(source) as document:
        if not 1 <= int(number) <= len(document):
            return NO_SUCH_PAGE
        document.init_forms()  # visible signatures are form fields
        page = document[int(number) - 1]
        page_width, page_height = page.get_size()
        scale = int(width) / max(page_width, page_height / TALLEST, 1)
        page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB").save(
            target, "PNG", optimize=True
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
