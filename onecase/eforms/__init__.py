"""Electronic forms: a JSON schema becomes steps, fields, rules and messages. No database, no HTTP, no clock.

The words of a schema are a small closed language. A rule that is not known is refused when the form is loaded, so
that no condition of a form is ever skipped in silence. Answers are plain JSON: texts as typed, dates as dd/mm/yyyy
(partial ones as yyyy or mm/yyyy), numbers as numbers, groups as lists of rows that carry their own `_id`.
"""

from onecase.eforms.answers import (
    ROW_LIMIT,
    TEXT_LIMIT,
    hint_of,
    is_sometimes_needed,
    new_row,
    path,
    prefilled,
    show,
    typed,
)
from onecase.eforms.checking import check, needed
from onecase.eforms.loading import load, shipped_lists
from onecase.eforms.schema import (
    Field,
    Form,
    Outcome,
    SchemaError,
    Section,
    Situation,
    asking,
    closing,
    papers,
)
from onecase.eforms.words import read_date, read_number, show_date, show_number

__all__ = [
    "ROW_LIMIT",
    "TEXT_LIMIT",
    "Field",
    "Form",
    "Outcome",
    "SchemaError",
    "Section",
    "Situation",
    "asking",
    "check",
    "closing",
    "hint_of",
    "is_sometimes_needed",
    "load",
    "needed",
    "new_row",
    "papers",
    "path",
    "prefilled",
    "read_date",
    "read_number",
    "shipped_lists",
    "show",
    "show_date",
    "show_number",
    "typed",
]
