// Between other encodings and UTF-8, character by character: that is what makes the
// origin of every character exact. Files that need it are rare, so it need not be fast.
#include <errno.h>
#include <iconv.h>

#include "base/utf8.h"
#include "syntax/source_internal.h"

enum {
  SEQUENCE_MAX = 8,  // longest byte sequence of one character, escapes included
  OUT_MAX = 32,      // bytes of UTF-8 that one sequence may become
  GROWTH = 4,        // bytes that one byte of UTF-8 may become on the way back
};

static const uint16_t CP1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
    0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

// The character at `byte`, from 0x80 on, or 0.
static uint32_t cp1252_point(unsigned char byte) {
  return byte < 0xa0 ? CP1252[byte - 0x80] : byte;
}

typedef struct Decoder {
  const Codec *codec;
  iconv_t iconv;  // for ENCODING_OTHER
  Str bytes;
  char *text;         // NULL in the first pass, which only counts
  uint32_t *origins;  // likewise
  uint64_t n;         // bytes of text so far
} Decoder;

static void decoder_emit(Decoder *self, const char *text, size_t n, uint32_t origin) {
  if (self->text != NULL) {
    memcpy(self->text + self->n, text, n);
    for (size_t i = 0; i < n; i++) self->origins[self->n + i] = origin;
  }
  self->n += n;
}

// One character through iconv: the shortest run of bytes that it takes. Codecs without
// shift state are reset each time: some hold a letter back to compose it with an accent
// that follows, which Python does not do and which would blur origins.
static bool decoder_iconv(Decoder *self, uint32_t *at) {
  bool is_stateful = self->codec->is_stateful;
  for (uint32_t n = 1; n <= SEQUENCE_MAX && n <= self->bytes.n - *at; n++) {
    char out[OUT_MAX], *to = out, *from = (char *)self->bytes.p + *at;
    size_t left = n, room = sizeof out;
    if (!is_stateful) iconv(self->iconv, NULL, NULL, NULL, NULL);
    if (iconv(self->iconv, &from, &left, &to, &room) == (size_t)-1 || left != 0) {
      if (errno != EINVAL) return false;
      continue;  // needs more bytes
    }
    if (!is_stateful && iconv(self->iconv, NULL, NULL, &to, &room) == (size_t)-1) {
      return false;
    }
    decoder_emit(self, out, (size_t)(to - out), *at);
    *at += n;
    return true;
  }
  return false;
}

static bool decoder_step(Decoder *self, uint32_t *at) {
  unsigned char byte = (unsigned char)self->bytes.p[*at];
  uint32_t point = byte;
  // ASCII is itself in every codec of ours that has no shift state, even where iconv
  // reads backslash as a yen sign.
  if (self->codec->is_stateful) return decoder_iconv(self, at);
  if (byte >= 0x80) {
    switch (self->codec->encoding) {
      case ENCODING_LATIN1: break;
      case ENCODING_CP1252: point = cp1252_point(byte); break;
      case ENCODING_OTHER: return decoder_iconv(self, at);
      case ENCODING_UTF8:
      case ENCODING_ASCII: return false;
    }
    if (point == 0) return false;
  }
  char out[4];
  decoder_emit(self, out, utf8_put(out, point), *at);
  *at += 1;
  return true;
}

// Returns the offset of the first byte that cannot be decoded, or `bytes.n`.
static uint32_t decoder_run(Decoder *self) {
  uint32_t at = 0;
  self->n = 0;
  if (self->codec->encoding == ENCODING_OTHER) {
    self->iconv = iconv_open("UTF-8", self->codec->iconv_name);
  }
  while (at < self->bytes.n && decoder_step(self, &at)) continue;
  if (self->codec->encoding == ENCODING_OTHER) iconv_close(self->iconv);
  return at;
}

static bool is_ascii(Str s) {
  unsigned char all = 0;
  for (uint32_t i = 0; i < s.n; i++) all |= (unsigned char)s.p[i];
  return all < 0x80;
}

static bool has_iconv(const Codec *codec) {
  if (codec->encoding != ENCODING_OTHER) return true;
  iconv_t converter = iconv_open("UTF-8", codec->iconv_name);
  if (converter == (iconv_t)-1) return false;
  iconv_close(converter);
  return true;
}

static bool undecodable(const Source *self, Str bytes, uint32_t at, Error *err) {
  uint32_t line = 1;
  for (uint32_t i = 0; i < at; i++) {
    bool is_crlf = bytes.p[i] == '\r' && bytes.p[i + 1] == '\n';
    if (bytes.p[i] == '\n' || (bytes.p[i] == '\r' && !is_crlf)) line += 1;
  }
  Str name = str_slice(self->encoding_name, 0, 60);
  return error_set(err, "line %u: byte 0x%02x is not valid %.*s", line,
                   (unsigned)(unsigned char)bytes.p[at], STR_ARGS(name));
}

bool source_transcode(Source *self, const Codec *codec, Arena *arena, Error *err) {
  Str bytes = self->text;
  if (codec->encoding == ENCODING_UTF8) {
    uint32_t bad = utf8_first_invalid(bytes);
    return bad == bytes.n || undecodable(self, bytes, bad, err);
  }
  if (!codec->is_stateful && is_ascii(bytes)) return true;
  if (!has_iconv(codec)) {
    return error_set(err, "encoding '%.*s' is not supported on this system",
                     STR_ARGS(self->encoding_name));
  }
  Decoder decoder = {.codec = codec, .bytes = bytes};
  uint32_t bad = decoder_run(&decoder);
  if (bad != bytes.n) return undecodable(self, bytes, bad, err);
  if (decoder.n >= UINT32_MAX) return error_set(err, "file is larger than 4 GiB");
  decoder.text = arena_alloc_raw(arena, decoder.n);
  decoder.origins = arena_alloc_raw(arena, arena_bytes(4, decoder.n + 1));
  decoder_run(&decoder);
  decoder.origins[decoder.n] = bytes.n;
  self->text = (Str){decoder.text, (uint32_t)decoder.n};
  self->origins = decoder.origins;
  return true;
}

static uint32_t narrow_byte(Encoding encoding, uint32_t point) {
  if (point < 0x80) return point;
  if (encoding == ENCODING_LATIN1 && point <= 0xff) return point;
  for (uint32_t byte = 0x80; encoding == ENCODING_CP1252 && byte <= 0xff; byte++) {
    if (cp1252_point((unsigned char)byte) == point) return byte;
  }
  return UINT32_MAX;
}

// Writes one non-ASCII character to `to`; false when the encoding lacks it.
static bool iconv_put(iconv_t converter, Str character, char **to) {
  char *from = (char *)character.p;
  size_t left = character.n, room = (size_t)GROWTH * character.n;
  iconv(converter, NULL, NULL, NULL, NULL);
  // More than 0 would be characters that iconv replaced by similar ones.
  if (iconv(converter, &from, &left, to, &room) != 0) return false;
  return iconv(converter, NULL, NULL, to, &room) != (size_t)-1;
}

// Encodes into `to`, which has room; returns the offset of the first character that
// the encoding lacks, or `text.n`.
static uint32_t encode_run(const Codec *codec, iconv_t converter, Str text, char **to) {
  for (uint32_t at = 0; at < text.n;) {
    uint32_t start = at;
    uint32_t point = utf8_next(text, &at);
    if (point < 0x80 || codec->encoding != ENCODING_OTHER) {
      uint32_t byte = narrow_byte(codec->encoding, point);
      if (byte == UINT32_MAX) return start;
      *(*to)++ = (char)byte;
    } else if (!iconv_put(converter, str_slice(text, start, at), to)) {
      return start;
    }
  }
  return text.n;
}

bool source_encode_points(const Source *self, const Codec *codec, Str text, Buf *out,
                          Error *err) {
  if (codec->encoding == ENCODING_UTF8) {
    buf_add(out, text);
    return true;
  }
  // A span of the file may start or end between escapes, where new text would be read
  // in the wrong state.
  if (codec->is_stateful) {
    return error_set(err, "cannot edit text in the encoding %.*s",
                     STR_ARGS(self->encoding_name));
  }
  // Allocated before iconv_open: a fault must not leak the converter.
  char *block = arena_alloc_raw(out->arena, arena_bytes(GROWTH, text.n));
  char *to = block;
  iconv_t converter = (iconv_t)-1;
  if (codec->encoding == ENCODING_OTHER) {
    converter = iconv_open(codec->iconv_name, "UTF-8");
    if (converter == (iconv_t)-1) {
      return error_set(err, "encoding '%.*s' is not supported on this system",
                       STR_ARGS(self->encoding_name));
    }
  }
  uint32_t bad = encode_run(codec, converter, text, &to);
  if (converter != (iconv_t)-1) iconv_close(converter);
  if (bad == text.n) {
    buf_add_bytes(out, block, (size_t)(to - block));
    return true;
  }
  uint32_t point = utf8_next(text, &bad);
  return error_set(err, "U+%04X does not exist in the encoding %.*s", point,
                   STR_ARGS(self->encoding_name));
}
