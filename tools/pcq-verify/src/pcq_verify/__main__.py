"""`python -m pcq_verify`."""

import sys

from pcq_verify.cli import main

sys.exit(main())
