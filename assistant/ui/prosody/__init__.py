"""Part of the desktop: the rules of verse, checked while a person writes."""
