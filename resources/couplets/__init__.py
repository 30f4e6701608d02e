"""Couplets: which characters stand opposite each other, words of occasions, well-known 横批."""
