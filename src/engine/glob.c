// Globs. Both loops go back to the last star only, so that no pattern is exponential.

#include "engine/discover.h"

// The end of a bracket expression that starts at `at`, or `at` when it is not closed.
static uint32_t bracket_end(Str pattern, uint32_t at) {
  uint32_t i = at + 1;
  if (i < pattern.n && (pattern.p[i] == '!' || pattern.p[i] == '^')) i += 1;
  if (i < pattern.n && pattern.p[i] == ']') i += 1;  // a first `]` stands for itself
  i = str_find_byte(pattern, ']', i);
  return i < pattern.n ? i : at;
}

static bool bracket_has(Str set, unsigned char c) {
  bool negated = set.n > 0 && (set.p[0] == '!' || set.p[0] == '^');
  bool found = false;
  for (uint32_t i = negated ? 1 : 0; i < set.n; i++) {
    unsigned char first = (unsigned char)set.p[i], last = first;
    if (i + 2 < set.n && set.p[i + 1] == '-') {
      last = (unsigned char)set.p[i + 2];
      i += 2;
    }
    found = found || (first <= c && c <= last);
  }
  return found != negated;
}

// Matches one character; `*at` moves behind what was used of the pattern.
static bool one_matches(Str pattern, uint32_t *at, char c) {
  char want = pattern.p[*at];
  uint32_t end = want == '[' ? bracket_end(pattern, *at) : *at;
  if (end > *at) {
    Str set = str_slice(pattern, *at + 1, end);
    *at = end + 1;
    return bracket_has(set, (unsigned char)c);
  }
  if (want == '\\' && *at + 1 < pattern.n)
    want = pattern.p[++*at];
  else if (want == '?')
    want = c;
  *at += 1;
  return want == c;
}

// One component against one component: no slashes.
static bool name_matches(Str pattern, Str name) {
  uint32_t p = 0, n = 0, star = UINT32_MAX, star_name = 0;
  while (n < name.n) {
    if (p < pattern.n && pattern.p[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.n && one_matches(pattern, &p, name.p[n])) {
      n += 1;
    } else if (star != UINT32_MAX) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.n && pattern.p[p] == '*') p += 1;
  return p == pattern.n;
}

static Str part_at(Str path, uint32_t at) {
  return str_slice(path, at, str_find_byte(path, '/', at));
}

// Component by component; a pattern that is used up matches the folder and all below.
static bool parts_match(Str pattern, Str path) {
  uint32_t p = 0, n = 0, star = UINT32_MAX, star_path = 0;
  while (n < path.n) {
    if (p >= pattern.n) return true;
    Str want = part_at(pattern, p), have = part_at(path, n);
    if (str_is(want, "**")) {
      star = p + 3;
      star_path = n;
      p = star;
    } else if (name_matches(want, have)) {
      p += want.n + 1;
      n += have.n + 1;
    } else if (star != UINT32_MAX) {
      star_path += part_at(path, star_path).n + 1;
      p = star;
      n = star_path;
    } else {
      return false;
    }
  }
  return p >= pattern.n;
}

bool glob_matches(Str pattern, Str path) {
  while (str_starts(pattern, STR("./"))) pattern = str_slice(pattern, 2, pattern.n);
  bool anchored = str_starts(pattern, STR("/"));
  if (anchored) pattern = str_slice(pattern, 1, pattern.n);
  if (str_ends(pattern, STR("/"))) pattern = str_slice(pattern, 0, pattern.n - 1);
  if (pattern.n == 0) return false;
  if (anchored || str_find_byte(pattern, '/', 0) < pattern.n) {
    return parts_match(pattern, path);
  }
  for (uint32_t at = 0; at < path.n; at += part_at(path, at).n + 1) {
    if (name_matches(pattern, part_at(path, at))) return true;
  }
  return false;
}
