"""Opening, encoding and saving texts. No widgets."""

from assistant.documents.counting import TextCount, count_text
from assistant.documents.text_file import TextFile, open_text, save_text
from assistant.documents.utf16 import to_code_point, to_utf16, utf16_length

__all__ = [
    "TextCount",
    "TextFile",
    "count_text",
    "open_text",
    "save_text",
    "to_code_point",
    "to_utf16",
    "utf16_length",
]
