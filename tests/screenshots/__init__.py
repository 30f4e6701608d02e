"""Pictures of the real window, for looking at: ``python -m tests.screenshots``."""
