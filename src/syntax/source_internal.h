// What source.c, codec.c and transcode.c share.
#ifndef SYNTAX_SOURCE_INTERNAL_H
#define SYNTAX_SOURCE_INTERNAL_H

#include "syntax/source.h"

typedef struct Codec {
  const char *names;  // all that a cookie may say, normalised, between blanks
  Encoding encoding;
  const char *iconv_name;  // for ENCODING_OTHER
  bool is_stateful;        // a byte's meaning depends on escapes before it
} Codec;

// The codec that CPython would take for a cookie, or NULL.
const Codec *codec_find(Str cookie);
// What CPython compares with "utf-8" when a file has a BOM: only the spellings that its
// tokenizer knows count, not every alias of the codec.
bool codec_is_plain_utf8(Str cookie);

// Sets `text` and `origins` from `bytes`; the caller has set all that says how.
bool source_transcode(Source *self, const Codec *codec, Arena *arena, Error *err);
// Appends UTF-8 `text` in the file's encoding, line ends untouched.
bool source_encode_points(const Source *self, const Codec *codec, Str text, Buf *out,
                          Error *err);

#endif
