// Strings, numbers, booleans and dates. The grammar has checked their form; what is
// left are the values and the limits that a grammar cannot express.
#include <errno.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "syntax/toml_internal.h"

typedef struct Unquoting {
  TomlDoc *doc;
  Error *err;
  Str text;
  uint32_t at, stop;  // what is left between the quotes
  bool is_multiline;
  uint32_t quotes;  // unescaped ones, right before `at`
  Buf out;
} Unquoting;

static uint32_t hex_value(Str digits) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < digits.n; i++) {
    char c = digits.p[i];
    uint32_t digit = (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    value = value << 4 | digit;
  }
  return value;
}

// \uXXXX or \UXXXXXXXX, of which `at` is the letter.
static bool unquote_point(Unquoting *self, uint32_t digits) {
  uint32_t from = self->at + 1;
  if (self->stop - from < digits) {
    return toml_fail(self->doc, self->err, self->at - 1, "escape is cut short");
  }
  uint32_t point = hex_value(str_slice(self->text, from, from + digits));
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
    return toml_fail(self->doc, self->err, self->at - 1,
                     "escape is no Unicode character");
  }
  char bytes[4];
  buf_add_bytes(&self->out, bytes, utf8_put(bytes, point));
  self->at = from + digits;
  return true;
}

// A backslash at the end of a line joins it with the next text.
static bool unquote_line_end(Unquoting *self) {
  Str text = self->text;
  uint32_t at = self->at;
  while (at < self->stop && (text.p[at] == ' ' || text.p[at] == '\t')) at++;
  if (!self->is_multiline || at == self->stop ||
      (text.p[at] != '\n' && text.p[at] != '\r')) {
    return toml_fail(self->doc, self->err, self->at - 1, "unknown escape");
  }
  while (at < self->stop && strchr(" \t\r\n", text.p[at]) != NULL) at++;
  self->at = at;
  return true;
}

// `at` is behind the backslash.
static bool unquote_escape(Unquoting *self) {
  static const char LETTERS[] = "btnfr\"\\", BYTES[] = "\b\t\n\f\r\"\\";
  char letter = self->at < self->stop ? self->text.p[self->at] : '\0';
  if (letter == 'u') return unquote_point(self, 4);
  if (letter == 'U') return unquote_point(self, 8);
  const char *hit = letter != '\0' ? strchr(LETTERS, letter) : NULL;
  if (hit == NULL) return unquote_line_end(self);
  buf_add_byte(&self->out, BYTES[hit - LETTERS]);
  self->at += 1;
  return true;
}

static bool unquote_body(Unquoting *self, char quote) {
  while (self->at < self->stop) {
    char c = self->text.p[self->at++];
    self->quotes = c == quote ? self->quotes + 1 : 0;
    if (self->quotes == 3) {  // the grammar lets such strings go on
      return toml_fail(self->doc, self->err, self->at, "text behind the string's end");
    }
    if (c == '\\' && quote == '"') {
      if (!unquote_escape(self)) return false;
    } else if (c != '\r') {  // only "\r\n" can occur, and reads as "\n"
      buf_add_byte(&self->out, c);
    }
  }
  return true;
}

bool toml_unquote(TomlDoc *doc, Arena *arena, uint32_t start, uint32_t stop, Str *out,
                  Error *err) {
  Str quoted = str_slice(doc->text, start, stop);
  char quote = quoted.p[0];
  bool is_multiline = quoted.n >= 6 && quoted.p[1] == quote && quoted.p[2] == quote;
  uint32_t width = is_multiline ? 3 : 1;
  Unquoting self = {.doc = doc,
                    .err = err,
                    .text = doc->text,
                    .at = start + width,
                    .stop = stop - width,
                    .is_multiline = is_multiline,
                    .out = buf_in(arena)};
  if (is_multiline) {  // a line end right behind the quotes does not count
    Str body = str_slice(doc->text, self.at, self.stop);
    self.at += str_starts(body, STR("\r\n")) ? 2 : str_starts(body, STR("\n")) ? 1 : 0;
  }
  if (!unquote_body(&self, quote)) return false;
  *out = buf_str(&self.out);
  return true;
}

// The digits without underscores, NUL-terminated.
static const char *plain_digits(Arena *arena, Str text) {
  Buf out = buf_in(arena);
  for (uint32_t i = 0; i < text.n; i++) {
    if (text.p[i] != '_') buf_add_byte(&out, text.p[i]);
  }
  return str_cstr_in(arena, buf_str(&out));
}

static bool scalar_integer(TomlDoc *doc, Arena *arena, TomlValue *value, Error *err) {
  const char *digits = plain_digits(arena, value->string);
  int base = 10;
  if (digits[0] == '0' && digits[1] != '\0') {
    base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : 2;
    digits += 2;
  }
  errno = 0;
  value->type = TOML_INTEGER;
  value->integer = strtoll(digits, NULL, base);
  if (errno != ERANGE) return true;
  return toml_fail(doc, err, value->start, "integer does not fit in 64 bits");
}

bool toml_scalar(TomlDoc *doc, Arena *arena, TomlKind kind, TomlValue *value,
                 Error *err) {
  if (kind == SYNTAX_STRING) {
    value->type = TOML_STRING;
    return toml_unquote(doc, arena, value->start, value->stop, &value->string, err);
  }
  value->string = str_slice(doc->text, value->start, value->stop);
  switch (kind) {
    case SYNTAX_INTEGER: return scalar_integer(doc, arena, value, err);
    case SYNTAX_FLOAT:
      value->type = TOML_FLOAT;
      value->number = strtod(plain_digits(arena, value->string), NULL);
      return true;
    case SYNTAX_BOOLEAN:
      value->type = TOML_BOOLEAN;
      value->boolean = value->string.p[0] == 't';
      return true;
    case SYNTAX_DATE:
      value->type = TOML_DATE;
      // The grammar takes a year of any length; a time has its colon before that.
      if (value->string.p[4] == '-' || value->string.p[2] == ':') return true;
      return toml_fail(doc, err, value->start, "a year has four digits");
    default: return toml_fail(doc, err, value->start, "expected a value");
  }
}
