#include "index/facts_text.h"

#include <string.h>

enum {
  SHORT_COUNT = 12,  // characters of one half byte; the other four begin a second
  LONG_COUNT = 64,
  RAW = LONG_COUNT - 1,  // two half bytes follow
  RUN_FIRST = 51,        // of LONG: runs of characters
};

static const char SHORT[SHORT_COUNT + 1] = "et_saironlcp";
static const char LONG[RUN_FIRST + 1] =
    "bdfghjkmquvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
static const char *const RUNS[RAW - RUN_FIRST] = {
    "__init__", "module", "value", "class", "Error", "test_",
    "tion",     "name",   "self",  "ype",   "ing",   "get"};

// --- packing -------------------------------------------------------------------------

enum { BEGINS_RUN = 128 };

typedef struct Packer {
  char *at;            // has room for two bytes a character
  bool has_half;       // the byte at `at` waits for its second half
  uint8_t codes[256];  // SHORT, SHORT_COUNT + LONG; BEGINS_RUN
} Packer;

static void codes_fill(Packer *self) {
  memset(self->codes, SHORT_COUNT + RAW, sizeof self->codes);
  for (uint32_t i = 0; i < SHORT_COUNT; i++)
    self->codes[(uint8_t)SHORT[i]] = (uint8_t)i;
  for (uint32_t i = 0; i < RUN_FIRST; i++)
    self->codes[(uint8_t)LONG[i]] = (uint8_t)(SHORT_COUNT + i);
  for (uint32_t i = 0; i < RAW - RUN_FIRST; i++)
    self->codes[(uint8_t)RUNS[i][0]] |= BEGINS_RUN;
}

static inline void half_add(Packer *self, uint32_t half) {
  if (self->has_half) {
    *self->at = (char)((uint8_t)*self->at | half << 4);
    self->at++;
  } else {
    *self->at = (char)half;
  }
  self->has_half = !self->has_half;
}

static inline void code_add(Packer *self, uint32_t code) {
  if (code < SHORT_COUNT) {
    half_add(self, code);
    return;
  }
  half_add(self, SHORT_COUNT + (code - SHORT_COUNT) / 16);
  half_add(self, (code - SHORT_COUNT) % 16);
}

// The run that the text begins with, or RAW.
static uint32_t run_at(Str text) {
  for (uint32_t i = RUN_FIRST; i < RAW; i++) {
    const char *run = RUNS[i - RUN_FIRST];
    if (run[0] == text.p[0] && str_starts(text, str_from(run))) return i;
  }
  return RAW;
}

void text_pack(Buf *out, Str text) {
  Packer packer = {0};
  size_t before = out->n;
  codes_fill(&packer);
  buf_fill(out, 0, (size_t)text.n * 2 + 1);
  packer.at = out->p + before;
  for (uint32_t i = 0; i < text.n;) {
    uint8_t c = (uint8_t)text.p[i];
    uint32_t code = packer.codes[c], run = RAW;
    if ((code & BEGINS_RUN) != 0) run = run_at(str_slice(text, i, text.n));
    if (run != RAW) {
      code_add(&packer, SHORT_COUNT + run);
      i += (uint32_t)strlen(RUNS[run - RUN_FIRST]);
      continue;
    }
    code &= BEGINS_RUN - 1;
    code_add(&packer, code);
    if (code == SHORT_COUNT + RAW) {
      half_add(&packer, c & 15);
      half_add(&packer, c >> 4);
    }
    i++;
  }
  out->n = (size_t)(packer.at - out->p) + packer.has_half;
}

// --- unpacking -----------------------------------------------------------------------

static uint32_t half_take(const uint8_t *packed, size_t *at) {
  uint32_t byte = packed[*at / 2];
  return (*at)++ % 2 == 0 ? byte & 15 : byte >> 4;
}

void text_unpack(const uint8_t *packed, size_t n, char *out) {
  size_t at = 0;
  for (size_t i = 0; i < n;) {
    uint32_t half = half_take(packed, &at);
    if (half < SHORT_COUNT) {
      out[i++] = SHORT[half];
      continue;
    }
    uint32_t index = (half - SHORT_COUNT) * 16;
    index += half_take(packed, &at);
    if (index < RUN_FIRST) {
      out[i++] = LONG[index];
    } else if (index < RAW) {
      size_t length = strlen(RUNS[index - RUN_FIRST]);
      if (length > n - i) length = n - i;
      memcpy(out + i, RUNS[index - RUN_FIRST], length);
      i += length;
    } else {
      uint32_t low = half_take(packed, &at);
      out[i++] = (char)(low | half_take(packed, &at) << 4);
    }
  }
}
