"""Prints the words of a PDF's first page, a run a line, alone in a process of its own with hard limits. Run, never imported."""

import resource
import sys

CPU_SECONDS, MEMORY_MB = 5, 512
CHARACTERS, RUNS = 4000, 120


def main(source: str) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pypdfium2

    with pypdfium2.PdfDocument(source) as document:
        if len(document):
            text = document[0].get_textpage()
            runs = (text.get_text_bounded(*text.get_rect(n)) for n in range(min(text.count_rects(), RUNS)))
            words = "\n".join(" ".join(run.split()) for run in runs)
            sys.stdout.buffer.write(words[:CHARACTERS].encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
