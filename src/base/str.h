/* Str: a view of bytes (usually UTF-8), pointer and length. It owns nothing and lives
 * as long as what it looks at: a Source, an Arena or a literal. It need not end in NUL.
 *
 * Buf: bytes that grow in an arena, for building text.
 *
 *     Buf out = buf_in(arena);
 *     buf_printf(&out, "%.*s has %u items", STR_ARGS(name), count);
 *     Str text = buf_str(&out);                   // valid until the arena is reset
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

typedef struct Str {
  const char *p;
  uint32_t n;
} Str;

#define STR(literal) ((Str){(literal), (uint32_t)(sizeof(literal) - 1)})
#define STR_ARGS(s) (int)(s).n, ((s).p != NULL ? (s).p : "")
#define STR_NONE ((Str){"", 0})

Str str_from(const char *text);  // a view of a NUL-terminated string; NULL is empty
static inline Str str_slice(Str s, uint32_t start, uint32_t stop) {
  if (stop > s.n) stop = s.n;
  if (start > stop) start = stop;
  return (Str){s.p + start, stop - start};
}
Str str_copy_in(Arena *arena, Str s);  // the copy is also NUL-terminated
const char *str_cstr_in(Arena *arena, Str s);
int str_cmp(Str a, Str b);  // byte order
bool str_ends(Str s, Str suffix);
Str str_trim(Str s);  // without ASCII white space at both ends
// The offset of the first `byte` at or after `from`, or `s.n`.
uint32_t str_find_byte(Str s, char byte, uint32_t from);
bool str_contains(Str s, Str part);
// The part after the last `byte`, or the whole.
Str str_after_last(Str s, char byte);
Str str_join_in(Arena *arena, Str a, const char *between, Str b);
Str str_printf_in(Arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool str_eq(Str a, Str b) {
  return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_starts(Str s, Str prefix) {
  return s.n >= prefix.n && str_eq((Str){s.p, prefix.n}, prefix);
}

// Most texts that are compared differ in their first byte: no call is made for those.
static inline bool str_is(Str a, const char *text) {
  if (a.n == 0) return text[0] == '\0';
  if (a.p[0] != text[0]) return false;
  size_t n = strlen(text);
  return a.n == n && memcmp(a.p, text, n) == 0;
}

// Among words that a NULL ends.
bool str_is_any(Str s, const char *const *words);
bool str_ends_any(Str s, const char *const *words);
// ASCII letters in lower case, in the buffer; empty where it does not fit.
Str str_lower(Str s, char *buffer, uint32_t size);

typedef struct Buf {
  Arena *arena;
  char *p;
  size_t n, capacity;
} Buf;

Buf buf_in(Arena *arena);
void buf_add(Buf *self, Str s);
void buf_add_bytes(Buf *self, const char *bytes, size_t n);
void buf_add_byte(Buf *self, char byte);
void buf_add_text(Buf *self, const char *text);
void buf_fill(Buf *self, char byte, size_t count);
void buf_printf(Buf *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
Str buf_str(const Buf *self);

#endif
