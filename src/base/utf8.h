/* UTF-8: decoding, validation, length in the units that outputs want, display width.
 *
 * Every offset inside the program is a byte offset into UTF-8 text. Only outputs convert,
 * once, with the functions here and in base/lines.h.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"

// Decodes the code point at `*at` and moves `*at` behind it. A malformed sequence is
// U+FFFD and one byte long. `*at` must be less than `s.n`.
uint32_t utf8_next(Str s, uint32_t *at);
// The offset of the first byte that is not part of well-formed UTF-8 (surrogates and
// overlong forms are not), or `s.n`.
uint32_t utf8_first_invalid(Str s);
// Writes one code point, 1 to 4 bytes; returns how many.
uint32_t utf8_put(char out[4], uint32_t code_point);

uint32_t utf8_count_points(Str s);  // code points
uint32_t utf8_count_utf16(Str s);   // UTF-16 code units

// Columns on a terminal: 0 for combining marks, joiners and control characters, 2 for
// East Asian wide and emoji, else 1. Source of the ranges: Unicode 15.1,
// EastAsianWidth.txt and the general categories Mn, Me, Cf.
uint32_t utf8_point_width(uint32_t code_point);
uint32_t utf8_width(Str s);  // sum; a tab counts 1 (callers expand tabs first)

// True for what must never reach a terminal or a log raw: C0 and C1 controls except
// tab and newline, DEL, and the bidirectional overrides and isolates.
bool utf8_is_hostile(uint32_t code_point);
// Appends `s` with every hostile code point, newline and malformed byte shown as an
// escape (\x1b, \u202e), so that one input line stays one harmless output line.
void buf_add_escaped(Buf *out, Str s);

#endif
