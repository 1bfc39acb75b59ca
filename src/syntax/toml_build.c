// From syntax to values: which table a key goes into, and what may be defined twice.
#include "base/fault.h"
#include "base/map.h"
#include "syntax/toml_internal.h"

enum { DEPTH_MAX = 64 };

// How a table or array came to be, which decides what may still be added to it.
typedef enum Origin {
  BY_PATH,    // on the way of a header: [a.b] makes `a`
  BY_HEADER,  // [a], or an element of [[a]]
  BY_DOTS,    // on the way of a key: a.b = 1 makes `a`
  INLINE,     // { } or [ ]: closed for good
} Origin;

// Every value is one of these; the public part comes first.
typedef struct Entry {
  TomlValue value;
  Origin origin;
  uint32_t depth;     // of the root: 0
  uint32_t capacity;  // of `items` or `pairs`
  Map keys;           // of a table: hash of the key -> index into `pairs`, from 1
} Entry;

typedef struct Build {
  TomlDoc *doc;
  Arena *arena;
  Error *err;
  const TomlItem *items;
} Build;

typedef struct Key {
  Str text;
  uint32_t start, stop;
} Key;

typedef struct KeyPath {
  Key parts[DEPTH_MAX];
  uint32_t count;
} KeyPath;

static bool build_value(Build *self, uint32_t index, uint32_t depth, TomlValue **out);

static Entry *entry_of(const TomlValue *value) { return (Entry *)value; }

static TomlValue *entry_new(Build *self, TomlType type, Origin origin, uint32_t depth,
                            const TomlItem *at) {
  Entry *entry = arena_new(self->arena, Entry);
  entry->value = (TomlValue){.type = type, .start = at->start, .stop = at->stop};
  entry->value.string = STR_NONE;
  entry->origin = origin;
  entry->depth = depth;
  entry->keys = map_in(self->arena);
  return &entry->value;
}

// The map's key for `key`: its hash, or the next free one should two keys share it.
static uint64_t key_slot(const Entry *table, Str key) {
  uint64_t slot = hash_str(key);
  for (;; slot++) {
    if (slot == 0) slot = 1;
    uint32_t index = map_get(&table->keys, slot);
    if (index == 0 || str_eq(table->value.pairs[index - 1].key, key)) return slot;
  }
}

const TomlValue *toml_find(const TomlValue *table, Str key) {
  if (table == NULL || table->type != TOML_TABLE) return NULL;
  const Entry *entry = entry_of(table);
  uint32_t index = map_get(&entry->keys, key_slot(entry, key));
  return index == 0 ? NULL : table->pairs[index - 1].value;
}

const TomlValue *toml_get(const TomlDoc *self, const char *path) {
  const TomlValue *value = self->root;
  Str left = str_from(path);
  for (uint32_t at = 0; value != NULL && at <= left.n;) {
    uint32_t dot = str_find_byte(left, '.', at);
    value = toml_find(value, str_slice(left, at, dot));
    at = dot + 1;
  }
  return value;
}

// Room for one more; grows as base/vec.h does.
static void *list_room(Build *self, Entry *entry, void *list, size_t size) {
  if (entry->value.count < entry->capacity) return list;
  return vec_grow(self->arena, list, size, entry->value.count, &entry->capacity, 1);
}

static void table_put(Build *self, TomlValue *table, const Key *key, TomlValue *value) {
  Entry *entry = entry_of(table);
  uint64_t slot = key_slot(entry, key->text);
  table->pairs = list_room(self, entry, table->pairs, sizeof *table->pairs);
  table->pairs[table->count++] = (TomlPair){key->text, key->start, key->stop, value};
  map_put(&entry->keys, slot, table->count);
}

static void array_put(Build *self, TomlValue *array, TomlValue *value) {
  Entry *entry = entry_of(array);
  array->items = list_room(self, entry, array->items, sizeof(TomlValue *));
  array->items[array->count++] = value;
}

static bool fail_depth(Build *self, uint32_t at) {
  return toml_fail(self->doc, self->err, at, "nested more than %d deep", DEPTH_MAX);
}

static bool fail_twice(Build *self, const Key *key) {
  Str shown = str_slice(key->text, 0, 80);
  return toml_fail(self->doc, self->err, key->start, "'%.*s' is defined twice",
                   STR_ARGS(shown));
}

// Reads a bare, quoted or dotted key. The parts of a dotted one are the leaves of its
// subtree, which lies in one run.
static bool key_read(Build *self, uint32_t index, KeyPath *out) {
  uint32_t after = self->items[index].after;
  out->count = 0;
  for (uint32_t i = index; i < after; i++) {
    const TomlItem *item = &self->items[i];
    if (item->kind == SYNTAX_DOTTED_KEY) continue;
    if (out->count == DEPTH_MAX) return fail_depth(self, item->start);
    Key *key = &out->parts[out->count++];
    *key = (Key){str_slice(self->doc->text, item->start, item->stop), item->start,
                 item->stop};
    if (item->kind == SYNTAX_QUOTED_KEY &&
        !toml_unquote(self->doc, self->arena, item->start, item->stop, &key->text,
                      self->err)) {
      return false;
    }
  }
  return out->count != 0;
}

// The table `key` of `*table`, made when missing. `by` says whether a header or a
// dotted key goes this way.
static bool table_enter(Build *self, TomlValue **table, const Key *key, Origin by) {
  TomlValue *next = (TomlValue *)toml_find(*table, key->text);
  if (next == NULL) {
    TomlItem at = {.start = key->start, .stop = key->stop};
    uint32_t depth = entry_of(*table)->depth + 1;
    if (depth > DEPTH_MAX) return fail_depth(self, key->start);
    next = entry_new(self, TOML_TABLE, by, depth, &at);
    table_put(self, *table, key, next);
  } else if (by == BY_PATH && next->type == TOML_ARRAY &&
             entry_of(next)->origin == BY_HEADER) {
    next = next->items[next->count - 1];
  }
  Origin origin = entry_of(next)->origin;
  if (next->type != TOML_TABLE || origin == INLINE) return fail_twice(self, key);
  if (by == BY_DOTS) {
    // A dotted key may not reach into a table that has a header of its own.
    if (origin == BY_HEADER) return fail_twice(self, key);
    entry_of(next)->origin = BY_DOTS;
  }
  *table = next;
  return true;
}

static bool build_pair(Build *self, uint32_t index, TomlValue *table) {
  KeyPath path;
  uint32_t key = index + 1, value_index = self->items[key].after;
  if (!key_read(self, key, &path)) return false;
  for (uint32_t i = 0; i + 1 < path.count; i++) {
    if (!table_enter(self, &table, &path.parts[i], BY_DOTS)) return false;
  }
  const Key *last = &path.parts[path.count - 1];
  if (toml_find(table, last->text) != NULL) return fail_twice(self, last);
  TomlValue *value;
  if (!build_value(self, value_index, entry_of(table)->depth + 1, &value)) return false;
  table_put(self, table, last, value);
  return true;
}

// Recursion ends at DEPTH_MAX.
static bool build_value(Build *self, uint32_t index, uint32_t depth, TomlValue **out) {
  const TomlItem *item = &self->items[index];
  if (depth > DEPTH_MAX) return fail_depth(self, item->start);
  bool is_array = item->kind == SYNTAX_ARRAY;
  bool is_table = item->kind == SYNTAX_INLINE_TABLE;
  // A table is closed only when it is complete: its own dotted keys may share parts.
  TomlValue *value = entry_new(self, is_array ? TOML_ARRAY : TOML_TABLE,
                               is_array ? INLINE : BY_HEADER, depth, item);
  *out = value;
  if (!is_array && !is_table) {
    return toml_scalar(self->doc, self->arena, item->kind, value, self->err);
  }
  for (uint32_t i = index + 1; i < item->after; i = self->items[i].after) {
    TomlValue *element;
    if (is_table) {
      if (!build_pair(self, i, value)) return false;
    } else {
      if (!build_value(self, i, depth + 1, &element)) return false;
      array_put(self, value, element);
    }
  }
  entry_of(value)->origin = INLINE;
  return true;
}

// The table that a [header] opens.
static bool open_table(Build *self, TomlValue **table, const Key *key,
                       const TomlItem *at) {
  TomlValue *known = (TomlValue *)toml_find(*table, key->text);
  if (known == NULL) {
    uint32_t depth = entry_of(*table)->depth + 1;
    if (depth > DEPTH_MAX) return fail_depth(self, key->start);
    known = entry_new(self, TOML_TABLE, BY_HEADER, depth, at);
    table_put(self, *table, key, known);
  } else if (known->type != TOML_TABLE || entry_of(known)->origin != BY_PATH) {
    return fail_twice(self, key);
  }
  entry_of(known)->origin = BY_HEADER;
  known->start = at->start;
  known->stop = at->stop;
  *table = known;
  return true;
}

// The table that a [[header]] adds.
static bool open_element(Build *self, TomlValue **table, const Key *key,
                         const TomlItem *at) {
  TomlValue *array = (TomlValue *)toml_find(*table, key->text);
  uint32_t depth = entry_of(*table)->depth + 1;
  if (depth + 1 > DEPTH_MAX) return fail_depth(self, key->start);
  if (array == NULL) {
    array = entry_new(self, TOML_ARRAY, BY_HEADER, depth, at);
    table_put(self, *table, key, array);
  } else if (array->type != TOML_ARRAY || entry_of(array)->origin != BY_HEADER) {
    return fail_twice(self, key);
  }
  *table = entry_new(self, TOML_TABLE, BY_HEADER, depth + 1, at);
  array->stop = at->stop;
  array_put(self, array, *table);
  return true;
}

static bool build_section(Build *self, uint32_t index) {
  KeyPath path;
  const TomlItem *item = &self->items[index];
  TomlValue *table = self->doc->root;
  if (!key_read(self, index + 1, &path)) return false;
  for (uint32_t i = 0; i + 1 < path.count; i++) {
    if (!table_enter(self, &table, &path.parts[i], BY_PATH)) return false;
  }
  const Key *last = &path.parts[path.count - 1];
  bool ok = item->kind == SYNTAX_TABLE ? open_table(self, &table, last, item)
                                       : open_element(self, &table, last, item);
  if (!ok) return false;
  uint32_t first = self->items[index + 1].after;
  for (uint32_t i = first; i < item->after; i = self->items[i].after) {
    if (!build_pair(self, i, table)) return false;
  }
  return true;
}

bool toml_build(TomlDoc *doc, Arena *arena, const TomlItems *syntax, Error *err) {
  Build self = {doc, arena, err, syntax->items};
  const TomlItem *document = &syntax->items[0];
  doc->root = entry_new(&self, TOML_TABLE, BY_HEADER, 0, document);
  for (uint32_t i = 1; i < document->after; i = self.items[i].after) {
    bool ok = self.items[i].kind == SYNTAX_PAIR ? build_pair(&self, i, doc->root)
                                                : build_section(&self, i);
    if (!ok) return false;
  }
  return true;
}
