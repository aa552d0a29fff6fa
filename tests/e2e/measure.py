# SPDX-License-Identifier: MIT
"""What a program takes."""

import subprocess
import sys

# A process that is started here is charged with this one's memory up to its exec, so a small one
# stands between, starts the program and tells what that one used.
MEASURE = """
import os, sys
child = os.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def run_measured(command, folder, environment=None):
    """The ended process with its standard output, and its peak memory in MiB."""
    peak = folder / "peak"
    result = subprocess.run([sys.executable, "-S", "-c", MEASURE, str(peak), *map(str, command)],
                            stdout=subprocess.PIPE, check=False, env=environment)
    return result, int(peak.read_text()) / 1024
