"""`python -m jepilot_train` is `jepilot-train`."""

from .cli import main

main()
