#include "syntax/source.h"

#include "base/utf8.h"
#include "syntax/source_internal.h"

static const Str BOM = {"\xef\xbb\xbf", 3};

// The first line end at or after `from`, or `s.n`. A lone CR counts, as it does in
// CPython's reader.
static uint32_t line_end(Str s, uint32_t from) {
  while (from < s.n && s.p[from] != '\n' && s.p[from] != '\r') from++;
  return from;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

static bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '-' || c == '_' || c == '.';
}

// The name behind the first "coding:" or "coding=" of a comment line, or empty.
// `goes_on` is false when the line holds anything else than a comment: then no later
// line may have the cookie.
static Str line_cookie(Str line, bool *goes_on) {
  static const char WORD[] = "coding";
  uint32_t at = 0;
  while (at < line.n && is_blank(line.p[at])) at++;
  *goes_on = at == line.n || line.p[at] == '#';
  if (at == line.n || !*goes_on) return STR_NONE;
  for (; at + sizeof WORD <= line.n; at++) {
    if (memcmp(line.p + at, WORD, sizeof WORD - 1) != 0) continue;
    uint32_t start = at + (uint32_t)sizeof WORD - 1;
    if (line.p[start] != ':' && line.p[start] != '=') continue;
    start += 1;
    while (start < line.n && (line.p[start] == ' ' || line.p[start] == '\t')) start++;
    uint32_t stop = start;
    while (stop < line.n && is_name_char(line.p[stop])) stop++;
    if (stop > start) return str_slice(line, start, stop);
  }
  return STR_NONE;
}

static Str find_cookie(Str bytes) {
  bool goes_on = true;
  uint32_t at = 0;
  for (int line = 0; line < 2 && goes_on && at < bytes.n; line++) {
    uint32_t end = line_end(bytes, at);
    Str cookie = line_cookie(str_slice(bytes, at, end), &goes_on);
    if (cookie.n != 0) return cookie;
    bool is_crlf = str_starts(str_slice(bytes, end, bytes.n), STR("\r\n"));
    at = end + (is_crlf ? 2 : 1);
  }
  return STR_NONE;
}

static const char *first_newline(Str text) {
  uint32_t at = line_end(text, 0);
  if (at == text.n || text.p[at] == '\n') return "\n";
  return at + 1 < text.n && text.p[at + 1] == '\n' ? "\r\n" : "\r";
}

static uint32_t next_lone_cr(Str text, uint32_t from) {
  for (;;) {
    uint32_t at = str_find_byte(text, '\r', from);
    if (at == text.n || at + 1 == text.n || text.p[at + 1] != '\n') return at;
    from = at + 2;
  }
}

// Lone CRs as "\n"; the text is copied only when it has one. Offsets stay.
static Str replace_lone_cr(Arena *arena, Str text) {
  uint32_t at = next_lone_cr(text, 0);
  if (at == text.n) return text;
  char *copy = arena_alloc_raw(arena, text.n);
  memcpy(copy, text.p, text.n);
  for (; at < text.n; at = next_lone_cr(text, at + 1)) copy[at] = '\n';
  return (Str){copy, text.n};
}

static const Codec *source_codec(Source *self, Str body, Error *err) {
  Str cookie = find_cookie(body);
  self->encoding_name = cookie.n != 0 ? cookie : STR("utf-8");
  const Codec *codec = codec_find(self->encoding_name);
  Str shown = str_slice(cookie, 0, 60);
  if (codec == NULL) {
    error_set(err, "unknown encoding '%.*s'", STR_ARGS(shown));
    return NULL;
  }
  if (self->has_bom && cookie.n != 0 && !codec_is_plain_utf8(cookie)) {
    error_set(err, "encoding '%.*s' in a file that starts with a UTF-8 BOM",
              STR_ARGS(shown));
    return NULL;
  }
  return codec;
}

bool source_decode(Source *self, Arena *arena, Str path, Str bytes, Error *err) {
  *self = (Source){.path = path, .bytes = bytes};
  self->is_stub = str_ends(path, STR(".pyi"));
  self->text = STR_NONE;
  self->newline = "\n";
  self->nul_at = UINT32_MAX;
  // UINT32_MAX itself is no offset: `nul_at` needs it, and so does one past the end.
  if (bytes.n == UINT32_MAX) return error_set(err, "file is larger than 4 GiB");
  self->has_bom = str_starts(bytes, BOM);
  Str body = self->has_bom ? str_slice(bytes, BOM.n, bytes.n) : bytes;
  const Codec *codec = source_codec(self, body, err);
  if (codec == NULL) return false;
  self->encoding = codec->encoding;
  self->text = body;
  if (!source_transcode(self, codec, arena, err)) return false;
  self->newline = first_newline(self->text);
  self->text = replace_lone_cr(arena, self->text);
  self->lines = lines_in(arena, self->text);
  uint32_t nul = str_find_byte(self->text, '\0', 0);
  if (nul < self->text.n) self->nul_at = nul;
  return true;
}

uint32_t source_origin(const Source *self, uint32_t offset) {
  if (offset > self->text.n) offset = self->text.n;
  if (self->origins != NULL) return self->origins[offset];
  return offset + (self->has_bom ? BOM.n : 0);
}

// `text` with each "\n" or "\r\n" as `newline`.
static Str with_newlines(Arena *arena, Str text, Str newline) {
  Buf out = buf_in(arena);
  for (uint32_t at = 0; at < text.n;) {
    uint32_t end = str_find_byte(text, '\n', at);
    uint32_t stop = end < text.n && end > at && text.p[end - 1] == '\r' ? end - 1 : end;
    buf_add(&out, str_slice(text, at, stop));
    if (end < text.n) buf_add(&out, newline);
    at = end + 1;
  }
  return buf_str(&out);
}

bool source_encode(const Source *self, Str text, Buf *out, Error *err) {
  uint32_t bad = utf8_first_invalid(text);
  if (bad != text.n) {
    return error_set(err, "replacement text is not UTF-8 at byte %u", bad);
  }
  const Codec *codec = codec_find(self->encoding_name);
  if (codec == NULL) {
    return error_set(err, "encoding of %.*s is unknown", STR_ARGS(self->path));
  }
  Str lines = with_newlines(out->arena, text, str_from(self->newline));
  return source_encode_points(self, codec, lines, out, err);
}
