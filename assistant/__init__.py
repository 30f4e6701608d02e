"""笔伴 (Biban): a desktop writing assistant for Chinese poems, couplets, news and prose."""

__version__ = "0.1.0"
