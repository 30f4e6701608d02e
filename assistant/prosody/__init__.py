"""Forms of verse: how many lines of how many characters. Pure Python."""
