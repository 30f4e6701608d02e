"""Loading weights and decoding: the only room with torch, which is imported where it is first needed."""
