#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/fault.h"

Str str_from(const char *text) {
  return text == NULL ? STR_NONE : (Str){text, (uint32_t)strlen(text)};
}

Str str_copy_in(Arena *arena, Str s) {
  char *copy = arena_alloc_raw(arena, (size_t)s.n + 1);
  if (s.n != 0) memcpy(copy, s.p, s.n);
  copy[s.n] = '\0';
  return (Str){copy, s.n};
}

const char *str_cstr_in(Arena *arena, Str s) { return str_copy_in(arena, s).p; }

int str_cmp(Str a, Str b) {
  uint32_t n = a.n < b.n ? a.n : b.n;
  int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
  if (order != 0) return order;
  return (a.n > b.n) - (a.n < b.n);
}

bool str_ends(Str s, Str suffix) {
  return s.n >= suffix.n && str_eq(str_slice(s, s.n - suffix.n, s.n), suffix);
}

static bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Str str_trim(Str s) {
  while (s.n > 0 && is_white(s.p[0])) s = (Str){s.p + 1, s.n - 1};
  while (s.n > 0 && is_white(s.p[s.n - 1])) s.n -= 1;
  return s;
}

uint32_t str_find_byte(Str s, char byte, uint32_t from) {
  if (from >= s.n) return s.n;
  const char *hit = memchr(s.p + from, byte, s.n - from);
  return hit == NULL ? s.n : (uint32_t)(hit - s.p);
}

bool str_contains(Str s, Str part) {
  return part.n == 0 || (s.n >= part.n && memmem(s.p, s.n, part.p, part.n) != NULL);
}

Str str_after_last(Str s, char byte) {
  for (uint32_t i = s.n; i > 0; i--) {
    if (s.p[i - 1] == byte) return str_slice(s, i, s.n);
  }
  return s;
}

bool str_is_any(Str s, const char *const *words) {
  for (; *words != NULL; words++) {
    if (str_is(s, *words)) return true;
  }
  return false;
}

bool str_ends_any(Str s, const char *const *words) {
  for (; *words != NULL; words++) {
    if (str_ends(s, str_from(*words))) return true;
  }
  return false;
}

Str str_lower(Str s, char *buffer, uint32_t size) {
  if (s.n > size) return STR_NONE;
  for (uint32_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    buffer[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
  }
  return (Str){buffer, s.n};
}

Str str_join_in(Arena *arena, Str a, const char *between, Str b) {
  size_t n = strlen(between);
  char *joined = arena_alloc_raw(arena, a.n + n + b.n + 1);
  if (a.n != 0) memcpy(joined, a.p, a.n);
  memcpy(joined + a.n, between, n);
  if (b.n != 0) memcpy(joined + a.n + n, b.p, b.n);
  joined[a.n + n + b.n] = '\0';
  return (Str){joined, (uint32_t)(a.n + n + b.n)};
}

Buf buf_in(Arena *arena) { return (Buf){.arena = arena}; }

static void buf_reserve(Buf *self, size_t more) {
  if (self->capacity - self->n >= more) return;
  size_t capacity = self->capacity < 64 ? 64 : self->capacity * 2;
  while (capacity - self->n < more) capacity *= 2;
  char *grown = arena_alloc_raw(self->arena, capacity);
  if (self->n != 0) memcpy(grown, self->p, self->n);
  self->p = grown;
  self->capacity = capacity;
}

void buf_add_bytes(Buf *self, const char *bytes, size_t n) {
  if (n == 0) return;
  buf_reserve(self, n);
  memcpy(self->p + self->n, bytes, n);
  self->n += n;
}

void buf_add(Buf *self, Str s) { buf_add_bytes(self, s.p, s.n); }

void buf_add_byte(Buf *self, char byte) { buf_add_bytes(self, &byte, 1); }

void buf_add_text(Buf *self, const char *text) {
  buf_add_bytes(self, text, strlen(text));
}

void buf_fill(Buf *self, char byte, size_t count) {
  if (count == 0) return;
  buf_reserve(self, count);
  memset(self->p + self->n, byte, count);
  self->n += count;
}

static void buf_vprintf(Buf *self, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  INVARIANT(n >= 0);
  buf_reserve(self, (size_t)n + 1);
  vsnprintf(self->p + self->n, (size_t)n + 1, format, again);
  va_end(again);
  self->n += (size_t)n;
}

void buf_printf(Buf *self, const char *format, ...) {
  va_list args;
  va_start(args, format);
  buf_vprintf(self, format, args);
  va_end(args);
}

Str buf_str(const Buf *self) {
  return self->n == 0 ? STR_NONE : (Str){self->p, (uint32_t)self->n};
}

Str str_printf_in(Arena *arena, const char *format, ...) {
  Buf buf = buf_in(arena);
  va_list args;
  va_start(args, format);
  buf_vprintf(&buf, format, args);
  va_end(args);
  return str_copy_in(arena, buf_str(&buf));
}
