#!/usr/bin/env python3
"""Prints src/base/utf8_width.c: which code points take 0 or 2 columns of a terminal.

The figures are those of Python's unicodedata. Run it with a Python whose
unicodedata.unidata_version is the one wanted (3.13 has 15.1.0), then
`python3 tools/width_table.py > src/base/utf8_width.c`, then `make format`.
"""
import sys
import unicodedata

ZERO = ("Mn", "Me", "Cf")

HEAD = """\
// Made by tools/width_table.py from Unicode {version}; do not edit.
#include "base/utf8.h"

typedef struct Range {{
  uint32_t first, last;
}} Range;
"""

TAIL = """\
static bool ranges_hold(const Range *ranges, uint32_t count, uint32_t code_point) {
  uint32_t low = 0, high = count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (ranges[middle].last < code_point) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count && ranges[low].first <= code_point;
}

uint32_t utf8_point_width(uint32_t code_point) {
  if (code_point < 0x7f) return code_point >= ' ' || code_point == '\\t' ? 1 : 0;
  if (code_point < 0xa0) return 0;
  if (ranges_hold(ZERO, sizeof ZERO / sizeof *ZERO, code_point)) return 0;
  return ranges_hold(WIDE, sizeof WIDE / sizeof *WIDE, code_point) ? 2 : 1;
}"""


def is_zero(char):
    return unicodedata.category(char) in ZERO


def is_wide(char):
    return unicodedata.east_asian_width(char) in "WF" and not is_zero(char)


def ranges_of(holds):
    first = None
    for point in range(0x80, 0x110001):
        if point < 0x110000 and holds(chr(point)):
            first = point if first is None else first
        elif first is not None:
            yield first, point - 1
            first = None


def print_table(name, comment, ranges):
    print(f"// {comment}\nstatic const Range {name}[] = {{")
    line = " "
    for first, last in ranges:
        item = f" {{0x{first:x}, 0x{last:x}}},"
        if len(line) + len(item) > 88:
            print(line)
            line = " "
        line += item
    print(line + "\n};\n")


def main():
    print(HEAD.format(version=unicodedata.unidata_version))
    print_table("ZERO", "General categories Mn, Me and Cf.", ranges_of(is_zero))
    print_table("WIDE", "East Asian Width W and F, without the above.",
                ranges_of(is_wide))
    print(TAIL)


if __name__ == "__main__":
    sys.exit(main())
