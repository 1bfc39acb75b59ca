"""Prints what CPython's own symbol table says of files, for test_symtable.py.

    python symtable_oracle.py < LIST      one path a line

The output has the form of `pymemlint dump symbols`: `# path`, then one line a symbol,
tab separated: path of the scope, its kind, its line, the name, the flags.  A file that
this Python refuses has one line `! reason` instead.  Runs on every supported CPython.
"""

import symtable
import sys
import warnings

KINDS = {
    "module": "module",
    "class": "class",
    "function": "function",
    "type alias": "type value",  # 3.12, 3.13
    "TypeVar bound": "type value",  # 3.12
    "type variable": "type value",  # 3.13
    "type parameter": "type parameters",  # 3.12
    "type parameters": "type parameters",  # 3.13
}
FLAGS = (
    ("local", "is_local"),
    ("global", "is_global"),
    ("free", "is_free"),
    ("parameter", "is_parameter"),
    ("imported", "is_imported"),
    ("referenced", "is_referenced"),
    ("assigned", "is_assigned"),
    ("annotated", "is_annotated"),
    ("nonlocal", "is_nonlocal"),
    ("declared_global", "is_declared_global"),
)


def table_print(table, path, out):
    stack = [(table, path)]
    while stack:
        table, path = stack.pop()
        # 3.13 has an enum here, whose text is the type's name.
        kind = table.get_type()
        kind = KINDS[str(getattr(kind, "value", kind))]
        # `def listcomp()` has the name of a comprehension, but not its parameter.
        unnamed = table.get_name() == "lambda" or ".0" in table.get_identifiers()
        if kind == "function" and unnamed:
            kind = table.get_name()
        head = f"{path}\t{kind}\t{table.get_lineno()}\t"
        symbols = table.get_symbols()
        for symbol in symbols:
            flags = [flag for flag, method in FLAGS if getattr(symbol, method)()]
            # The module takes every scope named "top" for the module.
            if kind != "module" and table.get_name() == "top" and "local" in flags:
                flags = [flag for flag in flags if flag != "global"]
            out.write(f"{head}{symbol.get_name()}\t{','.join(flags)}\n")
        if not symbols:
            out.write(f"{head}\t\n")
        for i, child in enumerate(table.get_children(), 1):
            stack.append((child, f"{path}/{child.get_name()}#{i}"))


def main():
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(10000)
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    for line in sys.stdin:
        path = line.rstrip("\n")
        print("#", path)
        with open(path, "rb") as file:
            text = file.read()
        try:
            table = symtable.symtable(text, path, "exec")
        except (SyntaxError, ValueError, RecursionError) as error:
            print("!", type(error).__name__)
            continue
        table_print(table, "top", sys.stdout)


if __name__ == "__main__":
    main()
