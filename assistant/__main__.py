"""``python -m assistant`` is ``biban``."""

import sys

from assistant.app import main

if __name__ == "__main__":
    sys.exit(main())
