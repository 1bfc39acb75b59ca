/* Source: one Python file as bytes and as text.
 *
 * `text` is what everything downstream reads: UTF-8 without BOM, lone CR turned into
 * "\n" ("\r\n" stays). Offsets are bytes into `text`. `bytes` is the file as it lies on
 * the disk; fixes copy untouched spans from it through `source_origin`.
 *
 *     Source source;
 *     if (!source_decode(&source, arena, path, bytes, &err)) report_002(err.text);
 *
 * Decoding follows PEP 263: a BOM, else a coding cookie on line 1 or 2, else UTF-8.
 * UTF-8, ASCII, latin-1 and cp1252 are decoded here, other encodings by iconv(3). What
 * cannot be decoded (unknown encoding, bytes that the encoding lacks, a BOM beside
 * another cookie, more than 4 GiB) is false with the reason in `err`.
 *
 * Everything is borrowed from the caller's bytes or allocated in the arena.
 */
#ifndef SYNTAX_SOURCE_H
#define SYNTAX_SOURCE_H

#include "base/error.h"
#include "base/lines.h"

typedef enum Encoding {
  ENCODING_UTF8,
  ENCODING_ASCII,
  ENCODING_LATIN1,
  ENCODING_CP1252,
  ENCODING_OTHER,  // through iconv, by `encoding_name`
} Encoding;

typedef struct Source {
  Str path;   // as given, for messages
  Str bytes;  // the original
  Str text;
  LineIndex lines;  // of `text`
  Encoding encoding;
  Str encoding_name;  // as the cookie spells it; "utf-8" without one
  bool has_bom;
  bool is_stub;             // the path ends in .pyi
  const char *newline;      // the file's first line end: "\n", "\r\n" or "\r"
  uint32_t nul_at;          // offset of the first NUL character, or UINT32_MAX
  const uint32_t *origins;  // text offset -> byte offset, text.n + 1 items; NULL when
                            // offsets differ by the BOM only
} Source;

bool source_decode(Source *self, Arena *arena, Str path, Str bytes, Error *err);
// Offset into `bytes` of what stands at `offset` of `text`.
uint32_t source_origin(const Source *self, uint32_t offset);
// Encodes replacement text for writing into the file: its encoding, its line ends
// (each "\n" of `text` becomes the file's). False when the encoding lacks a character.
bool source_encode(const Source *self, Str text, Buf *out, Error *err);

#endif
