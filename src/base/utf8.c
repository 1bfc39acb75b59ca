#include "base/utf8.h"

enum { REPLACEMENT = 0xfffd };

// The length of the well-formed sequence at `p` with `n` > 0 bytes left, or 0. The
// second byte's range is what keeps out overlong forms, surrogates and more than
// U+10FFFF.
static uint32_t sequence_length(const unsigned char *p, size_t n) {
  unsigned char lead = p[0];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  uint32_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (n < length) return 0;
  unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (p[1] < low || p[1] > high) return 0;
  for (uint32_t i = 2; i < length; i++) {
    if ((p[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

uint32_t utf8_next(Str s, uint32_t *at) {
  const unsigned char *p = (const unsigned char *)s.p + *at;
  uint32_t length = sequence_length(p, s.n - *at);
  *at += length != 0 ? length : 1;
  switch (length) {
    case 0: return REPLACEMENT;
    case 1: return p[0];
    case 2: return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    case 3: return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    default:
      return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 |
             (p[3] & 0x3fu);
  }
}

// How many of the first bytes are ASCII, at least; eight at a time, since source code
// is nearly all ASCII.
static size_t ascii_run(const unsigned char *p, size_t n) {
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t word;
    memcpy(&word, p + i, 8);
    if ((word & UINT64_C(0x8080808080808080)) != 0) break;
  }
  while (i < n && p[i] < 0x80) i++;
  return i;
}

uint32_t utf8_first_invalid(Str s) {
  const unsigned char *p = (const unsigned char *)s.p;
  size_t i = 0;
  while (i < s.n) {
    if (p[i] < 0x80) {
      i += ascii_run(p + i, s.n - i);
      continue;
    }
    uint32_t length = sequence_length(p + i, s.n - i);
    if (length == 0) return (uint32_t)i;
    i += length;
  }
  return s.n;
}

uint32_t utf8_put(char out[4], uint32_t c) {
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (char)(0xc0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3f));
    return 2;
  }
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = REPLACEMENT;
  if (c < 0x10000) {
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
  }
  out[0] = (char)(0xf0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 0x3f));
  out[2] = (char)(0x80 | (c >> 6 & 0x3f));
  out[3] = (char)(0x80 | (c & 0x3f));
  return 4;
}

uint32_t utf8_count_points(Str s) {
  uint32_t count = 0;
  for (uint32_t at = 0; at < s.n; count++) {
    uint32_t run = (uint32_t)ascii_run((const unsigned char *)s.p + at, s.n - at);
    if (run != 0) {
      at += run;
      count += run - 1;
    } else {
      utf8_next(s, &at);
    }
  }
  return count;
}

uint32_t utf8_count_utf16(Str s) {
  uint32_t count = 0;
  for (uint32_t at = 0; at < s.n;) {
    uint32_t run = (uint32_t)ascii_run((const unsigned char *)s.p + at, s.n - at);
    at += run;
    count += run;
    if (at < s.n) count += utf8_next(s, &at) >= 0x10000 ? 2 : 1;
  }
  return count;
}

uint32_t utf8_width(Str s) {
  uint32_t width = 0;
  for (uint32_t at = 0; at < s.n;) width += utf8_point_width(utf8_next(s, &at));
  return width;
}

bool utf8_is_hostile(uint32_t c) {
  if (c < 0x20) return c != '\t' && c != '\n';
  if (c < 0x7f) return false;
  return c < 0xa0 ||                      // DEL and C1
         c == 0x61c ||                    // Arabic letter mark
         (c >= 0x200e && c <= 0x200f) ||  // left-to-right, right-to-left mark
         (c >= 0x2028 && c <= 0x202e) ||  // line separators, embeddings, overrides
         (c >= 0x2066 && c <= 0x2069);    // isolates
}

void buf_add_escaped(Buf *out, Str s) {
  uint32_t clean = 0;  // start of the run that needs no escape
  for (uint32_t at = 0; at < s.n;) {
    uint32_t start = at;
    unsigned char first = (unsigned char)s.p[at];
    uint32_t c = utf8_next(s, &at);
    bool is_malformed = c == REPLACEMENT && at - start == 1;
    if (!is_malformed && c != '\n' && !utf8_is_hostile(c)) continue;
    buf_add(out, str_slice(s, clean, start));
    clean = at;
    if (is_malformed) {
      buf_printf(out, "\\x%02x", first);
    } else if (c == '\n') {
      buf_add_text(out, "\\n");
    } else {
      buf_printf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    }
  }
  buf_add(out, str_slice(s, clean, s.n));
}
