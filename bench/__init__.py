"""One script a question, each prints one JSON line: `python -m bench.flow`. Importing this package sets Django up.

Absolute figures move with the machine and the day, so every bench also measures its references in the same run, in
turns, and says the ratios. All of them work in a scratch database of the configured server and drop it at the end.
"""

import os
import sys

import django
from django.conf import settings

from riskreview import embedded
from riskreview.env import PROJECT
from riskreview.env_file import load_file

load_file(PROJECT / ".env", os.environ)
# A bench never serves anybody: where nothing is configured, the secrets of a developer's machine will do.
os.environ.setdefault("RISKREVIEW_DEBUG", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskreview.settings")
# One thread a process, as `demo` gives its workers.
os.environ.setdefault("OMP_NUM_THREADS", "1")
embedded.use_if_unset(lambda text: print(text, file=sys.stderr, flush=True))
django.setup()
# With DEBUG on, Django keeps a copy of every statement: that would be measured too.
settings.DEBUG = False
