#include "base/diff.h"

#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"

typedef struct Lines {
  Str *items;
  uint64_t *hashes;
  uint32_t count;
} Lines;

typedef VEC(DiffLine) DiffLines;

static Lines lines_split(Arena *arena, Str text) {
  VEC(Str) items = {0};
  VEC(uint64_t) hashes = {0};
  for (uint32_t start = 0; start < text.n;) {
    uint32_t stop = str_find_byte(text, '\n', start);
    if (stop < text.n) stop += 1;
    Str line = str_slice(text, start, stop);
    vec_push(arena, &items, line);
    vec_push(arena, &hashes, hash_str(line));
    start = stop;
  }
  return (Lines){items.items, hashes.items, items.count};
}

static bool same_line(const Lines *a, uint32_t i, const Lines *b, uint32_t j) {
  return a->hashes[i] == b->hashes[j] && str_eq(a->items[i], b->items[j]);
}

typedef struct Myers {
  Arena *arena;
  const Lines *a, *b;
  uint32_t skip;    // common lines at the start
  int32_t n, m;     // lines between the common ends
  int32_t **trace;  // the furthest points of each round
  int32_t rounds;
} Myers;

static bool myers_same(const Myers *self, int32_t x, int32_t y) {
  return same_line(self->a, self->skip + (uint32_t)x, self->b,
                   self->skip + (uint32_t)y);
}

// One round: extends every diagonal by one edit and its snake; true when done.
static bool myers_round(Myers *self, int32_t d, const int32_t *before, int32_t *v) {
  for (int32_t k = -d; k <= d; k += 2) {
    int32_t at = k + d;  // v of round d holds diagonals -d..d
    int32_t x = 0;
    if (d > 0) {
      int32_t down = k < d ? before[k + 1 + d - 1] : -1;  // from diagonal k + 1
      int32_t right = k > -d ? before[k - 1 + d - 1] + 1 : -1;
      x = down >= right ? down : right;
    }
    int32_t y = x - k;
    while (x < self->n && y < self->m && y >= 0 && myers_same(self, x, y)) {
      x += 1;
      y += 1;
    }
    v[at] = x;
    if (x >= self->n && y >= self->m) return true;
  }
  return false;
}

static bool myers_solve(Myers *self) {
  int32_t most = self->n + self->m < DIFF_LIMIT ? self->n + self->m : DIFF_LIMIT;
  self->trace = arena_array(self->arena, int32_t *, (size_t)most + 1);
  for (int32_t d = 0; d <= most; d++) {
    self->trace[d] = arena_array(self->arena, int32_t, (size_t)d * 2 + 3);
    self->rounds = d;
    if (myers_round(self, d, d > 0 ? self->trace[d - 1] : NULL, self->trace[d])) {
      return true;
    }
  }
  return false;
}

static DiffLine line_old(const Myers *self, char sign, int32_t x) {
  uint32_t i = self->skip + (uint32_t)x;
  return (DiffLine){sign, self->a->items[i], i};
}

static DiffLine line_new(const Myers *self, int32_t y) {
  uint32_t i = self->skip + (uint32_t)y;
  return (DiffLine){'+', self->b->items[i], i};
}

// Walks the trace back from the end; `out` is filled from behind.
static uint32_t myers_walk(const Myers *self, DiffLine *out, uint32_t at) {
  int32_t x = self->n, y = self->m;
  for (int32_t d = self->rounds; d > 0; d--) {
    int32_t k = x - y;
    const int32_t *before = self->trace[d - 1];
    int32_t down = k < d ? before[k + 1 + d - 1] : -1;
    int32_t right = k > -d ? before[k - 1 + d - 1] + 1 : -1;
    bool is_down = down >= right;
    int32_t start = is_down ? down : right;
    while (x > start) {
      x -= 1;
      y -= 1;
      out[--at] = line_old(self, ' ', x);
    }
    if (is_down) {
      y -= 1;
      out[--at] = line_new(self, y);
    } else {
      x -= 1;
      out[--at] = line_old(self, '-', x);
    }
  }
  while (x > 0) {
    x -= 1;
    out[--at] = line_old(self, ' ', x);
  }
  return at;
}

static void add_middle(Arena *arena, Myers *myers, DiffLines *out) {
  if (!myers_solve(myers)) {  // too different: everything old, then everything new
    for (int32_t x = 0; x < myers->n; x++)
      vec_push(arena, out, line_old(myers, '-', x));
    for (int32_t y = 0; y < myers->m; y++) vec_push(arena, out, line_new(myers, y));
    return;
  }
  uint32_t room = (uint32_t)(myers->n + myers->m);
  DiffLine *lines = arena_array(arena, DiffLine, room);
  for (uint32_t i = myers_walk(myers, lines, room); i < room; i++) {
    vec_push(arena, out, lines[i]);
  }
}

Diff diff_in(Arena *arena, Str before, Str after) {
  Lines a = lines_split(arena, before), b = lines_split(arena, after);
  uint32_t head = 0, tail = 0;
  while (head < a.count && head < b.count && same_line(&a, head, &b, head)) head += 1;
  while (tail < a.count - head && tail < b.count - head &&
         same_line(&a, a.count - 1 - tail, &b, b.count - 1 - tail)) {
    tail += 1;
  }
  DiffLines out = {0};
  for (uint32_t i = 0; i < head; i++) {
    vec_push(arena, &out, (DiffLine){' ', a.items[i], i});
  }
  Myers myers = {.arena = arena,
                 .a = &a,
                 .b = &b,
                 .skip = head,
                 .n = (int32_t)(a.count - head - tail),
                 .m = (int32_t)(b.count - head - tail)};
  add_middle(arena, &myers, &out);
  for (uint32_t i = a.count - tail; i < a.count; i++) {
    vec_push(arena, &out, (DiffLine){' ', a.items[i], i});
  }
  return (Diff){out.items, out.count};
}

// --- unified form --------------------------------------------------------------------

static void add_line(const DiffLine *line, Buf *out) {
  buf_add_byte(out, line->sign);
  buf_add(out, line->text);
  if (line->text.n == 0 || line->text.p[line->text.n - 1] != '\n') {
    buf_add(out, STR("\n\\ No newline at end of file\n"));
  }
}

static void add_range(char sign, uint32_t start, uint32_t count, Buf *out) {
  // An empty range names the line before it, as diff(1) does.
  uint32_t first = count == 0 ? start : start + 1;
  if (count == 1) {
    buf_printf(out, "%c%u", sign, first);
  } else {
    buf_printf(out, "%c%u,%u", sign, first, count);
  }
}

static void add_hunk(const Diff *diff, uint32_t from, uint32_t to, uint32_t old_start,
                     uint32_t new_start, Buf *out) {
  uint32_t old_count = 0, new_count = 0;
  for (uint32_t i = from; i < to; i++) {
    old_count += diff->lines[i].sign != '+';
    new_count += diff->lines[i].sign != '-';
  }
  buf_add(out, STR("@@ "));
  add_range('-', old_start, old_count, out);
  buf_add_byte(out, ' ');
  add_range('+', new_start, new_count, out);
  buf_add(out, STR(" @@\n"));
  for (uint32_t i = from; i < to; i++) add_line(&diff->lines[i], out);
}

static bool path_is_plain(Str path) {
  if (utf8_first_invalid(path) < path.n) return false;
  for (uint32_t at = 0; at < path.n;) {
    uint32_t c = utf8_next(path, &at);
    if (c < ' ' || c == '"' || c == '\\' || utf8_is_hostile(c)) return false;
  }
  return true;
}

// As git quotes it: what is not plain stands in quotes, in octal escapes.
static void add_path(const char *before, Str path, Buf *out) {
  bool plain = path_is_plain(path);
  buf_printf(out, plain ? "%.4s%s" : "%.4s\"%s", before, before + 4);
  for (uint32_t i = 0; i < path.n; i++) {
    unsigned char c = (unsigned char)path.p[i];
    if (plain || (c >= ' ' && c < 0x7f && c != '"' && c != '\\')) {
      buf_add_byte(out, path.p[i]);
    } else {
      buf_printf(out, "\\%03o", c);
    }
  }
  buf_add_text(out, plain ? "\n" : "\"\n");
}

void diff_unified(Arena *arena, Str path, Str before, Str after, uint32_t context,
                  Buf *out) {
  if (str_eq(before, after)) return;
  Diff diff = diff_in(arena, before, after);
  add_path("--- a/", path, out);
  add_path("+++ b/", path, out);
  uint32_t old_line = 0, new_line = 0, i = 0;
  while (i < diff.count) {
    uint32_t change = i;
    while (change < diff.count && diff.lines[change].sign == ' ') change += 1;
    if (change == diff.count) return;
    uint32_t from = change - i > context ? change - context : i;
    old_line += from - i;
    new_line += from - i;
    uint32_t to = change, same = 0;
    for (; to < diff.count && same <= context * 2; to++) {
      same = diff.lines[to].sign == ' ' ? same + 1 : 0;
    }
    to -= same > context ? same - context : 0;
    add_hunk(&diff, from, to, old_line, new_line, out);
    for (i = from; i < to; i++) {
      old_line += diff.lines[i].sign != '+';
      new_line += diff.lines[i].sign != '-';
    }
  }
}
