#!/usr/bin/env python
"""Django's command-line utility for this project."""

import os
import sys

from django.core.management import execute_from_command_line

from project.configuration.environment import WrongEnvironment


def main() -> None:
    """Run the management command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    try:
        execute_from_command_line(sys.argv)
    except WrongEnvironment as error:
        sys.exit(str(error))  # exit code 1; a traceback would hide the sentence


if __name__ == "__main__":
    main()
