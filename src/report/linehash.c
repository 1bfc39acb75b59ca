#include "base/vec.h"
#include "report/report_internal.h"

/* The hash that GitHub's upload action computes for a line where a result starts, and
 * by which it follows an alert from one commit to the next. It runs over UTF-16 units,
 * without blanks, with one LF for each line end, and 0xFFFF behind the end. A line's
 * hash covers the WINDOW units from the line's first on. */

enum { WINDOW = 100, BASE = 37, END_OF_FILE = 0xffff, REPLACEMENT = 0xfffd };

typedef struct Roller {
  Arena *arena;
  LineHashes hashes;
  uint32_t capacity;
  Map seen;             // hash -> how often so far
  uint32_t zeros;       // the same for hash 0, which a Map does not take
  uint64_t hash, drop;  // drop: BASE to the power of WINDOW
  uint16_t window[WINDOW];
  uint32_t lines[WINDOW];  // the line that starts with this unit, + 1
  uint32_t at;
  uint32_t started;  // lines so far
  bool at_line_start, after_cr;
} Roller;

static void roller_emit(Roller *self) {
  uint32_t line = self->lines[self->at];
  if (line == 0) return;
  self->lines[self->at] = 0;
  uint32_t occurrence;
  if (self->hash == 0) {
    occurrence = ++self->zeros;
  } else {
    occurrence = map_get(&self->seen, self->hash) + 1;
    map_put(&self->seen, self->hash, occurrence);
  }
  VEC(LineHash) list = {self->hashes.items, self->hashes.count, self->capacity};
  vec_push(self->arena, &list, (LineHash){self->hash, occurrence});
  self->hashes = (LineHashes){list.items, list.count};
  self->capacity = list.capacity;
}

static void roller_shift(Roller *self, uint16_t unit) {
  uint16_t out = self->window[self->at];
  self->window[self->at] = unit;
  self->hash = BASE * self->hash + unit - self->drop * out;
  self->at = (self->at + 1) % WINDOW;
}

static void roller_add(Roller *self, uint16_t unit) {
  bool is_skipped = unit == ' ' || unit == '\t' || (self->after_cr && unit == '\n');
  self->after_cr = unit == '\r';
  if (is_skipped) return;
  if (unit == '\r') unit = '\n';
  roller_emit(self);
  if (self->at_line_start) self->lines[self->at] = ++self->started;
  self->at_line_start = unit == '\n';
  roller_shift(self, unit);
}

// The bytes that follow `lead`, and the range of the first of them, by the table of
// well-formed UTF-8 sequences; 0 for bytes that lead nothing.
static uint32_t lead_length(unsigned char lead, unsigned char *low,
                            unsigned char *high) {
  *low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  *high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
}

// Decodes as JavaScript does, whatever the file's encoding: one U+FFFD stands for the
// longest start of a sequence that breaks off.
static uint32_t decode_next(Str bytes, uint32_t *at) {
  unsigned char lead = (unsigned char)bytes.p[(*at)++];
  if (lead < 0x80) return lead;
  unsigned char low, high;
  uint32_t length = lead_length(lead, &low, &high);
  uint32_t c = lead & (length == 1 ? 0x1fu : length == 2 ? 0x0fu : 0x07u);
  for (uint32_t i = 0; i < length; i++) {
    unsigned char next = *at < bytes.n ? (unsigned char)bytes.p[*at] : 0;
    if (next < low || next > high) return REPLACEMENT;
    c = c << 6 | (next & 0x3fu);
    *at += 1;
    low = 0x80;
    high = 0xbf;
  }
  return length == 0 ? REPLACEMENT : c;
}

LineHashes line_hashes_in(Arena *arena, Str bytes) {
  Roller *self = arena_new(arena, Roller);
  self->arena = arena;
  self->seen = map_in(arena);
  self->at_line_start = true;
  self->drop = 1;
  for (uint32_t i = 0; i < WINDOW; i++) self->drop *= BASE;
  for (uint32_t at = 0; at < bytes.n;) {
    uint32_t c = decode_next(bytes, &at);
    if (c >= 0x10000) {
      roller_add(self, (uint16_t)(0xd7c0 + (c >> 10)));
      roller_add(self, (uint16_t)(0xdc00 + (c & 0x3ff)));
    } else {
      roller_add(self, (uint16_t)c);
    }
  }
  roller_add(self, END_OF_FILE);
  for (uint32_t i = 0; i < WINDOW; i++) {
    roller_emit(self);
    roller_shift(self, 0);
  }
  return self->hashes;
}
