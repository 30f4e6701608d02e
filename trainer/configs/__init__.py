"""Configurations of the shipped starters."""
