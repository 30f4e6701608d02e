"""Rhyme books, tones, forms and tunes: tables that ship with the program, and the scripts that make them."""
