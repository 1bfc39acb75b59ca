"""Runs programs in two forms and writes down which differ: what they print and raise,
and the files that they leave.

    child.py LIST REPORT SECONDS

A line of LIST is the path of a program, a tab, and the path of its other form.  REPORT
gets a JSON object a line for each that differs, and the number that ran at its end.
What differs from itself, as it shows addresses or the time, is left out.
"""
import contextlib
import gc
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import types
import warnings

from world import ADDRESS, Endless

MOST_BYTES = 1 << 31
HERE = os.path.dirname(os.path.abspath(__file__))
alarms = []  # one for each time that a program was told to end


def on_alarm(*ignored):
    alarms.append(1)
    raise Endless("the program does not end")


def outcome_of(path, seconds):
    """What can be seen of the program: lines printed, how it ends, files left."""
    with open(path, "rb") as f:
        text = f.read()
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    printed = io.StringIO()
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    end = "ends"
    alarms.clear()
    signal.setitimer(signal.ITIMER_PROF, seconds, seconds)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(text, "program.py", "exec"), module.__dict__)
    except BaseException as error:  # SystemExit is an outcome as well
        end = "%s: %s" % (type(error).__name__, error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    module.__dict__.clear()
    gc.collect(1)
    files = files_in(folder)
    os.chdir(HERE)
    shutil.rmtree(folder)
    text = ADDRESS.sub("", printed.getvalue().replace(folder, "."))
    if alarms:  # it may have caught the exception
        end = "Endless: " + end
    return {"printed": text, "end": end, "files": files}


def files_in(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as f:
            found[name] = ascii(f.read())
    return found


def main():
    programs, report, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES >> 7, MOST_BYTES >> 7))
    signal.signal(signal.SIGPROF, on_alarm)
    warnings.simplefilter("ignore")
    gc.freeze()
    ran = 0
    with open(report, "w", encoding="utf-8") as out, open(programs, encoding="utf-8") as f:
        for line in f:
            before, after = line.rstrip("\n").split("\t")
            expected, got = outcome_of(before, seconds), outcome_of(after, seconds)
            endless = expected["end"].startswith("Endless") and got["end"].startswith("Endless")
            if expected != got and not endless and outcome_of(before, seconds) == expected:
                json.dump({"before": before, "after": after, "expected": expected,
                           "got": got}, out)
                out.write("\n")
            ran += 1
        out.write("%d\n" % ran)


if __name__ == "__main__":
    main()
