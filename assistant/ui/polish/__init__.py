"""Part of the desktop: polishing a poem (推敲), character by character."""
