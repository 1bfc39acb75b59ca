#include "index/facts_block.h"
#include "index/facts_internal.h"

enum { NAME_MAX_BYTES = 480 };  // so that deep nesting cannot make names quadratic

FactText text_of(FactsBuilder *b, Str text) {
  return (FactText){intern(&b->texts, text).i};
}

FactText text_join(FactsBuilder *b, Str owner, const char *between, Str name) {
  if (owner.n == 0) return text_of(b, name);
  if (name.n == 0) return text_of(b, owner);
  char joined[NAME_MAX_BYTES];
  uint32_t middle = (uint32_t)strlen(between), total = owner.n + middle + name.n;
  bool is_long =
      owner.n >= NAME_MAX_BYTES || name.n >= NAME_MAX_BYTES || total > NAME_MAX_BYTES;
  if (is_long) return text_of(b, STR("<deep>"));
  memcpy(joined, owner.p, owner.n);
  memcpy(joined + owner.n, between, middle);
  memcpy(joined + owner.n + middle, name.p, name.n);
  return text_of(b, (Str){joined, total});
}

FactWord word_of(FactsBuilder *b, Str text) {
  return (FactWord){intern(&b->texts, text).i};
}

// What the last name stood below.
typedef struct Owner {
  Str text;  // below the root
  uint32_t name, root;
} Owner;

// Rows under way into the block.
typedef struct Packing {
  FactsBuilder *b;
  FactRows rows;
  FactSectionRows sections[SECTION_COUNT];
  VEC(uint32_t) word_of;  // by text of the builder: the word, 0 = none so far
  VEC(uint32_t) words;    // their texts
  Map name_of;            // (name, word) -> name
  VEC(FactName) names;    // item 1 is the module
  uint32_t *given, *own;  // by text of the builder: the name, 0 = none so far
  Owner inside, outside;  // of the module
  uint64_t *marks;        // bit set of the nodes that are places
  uint32_t *ranks;        // by 64 nodes: the number of places before them
} Packing;

// --- names ---------------------------------------------------------------------------

static FactWord word_number(Packing *p, uint32_t text) {
  while (p->word_of.count <= text) vec_push(p->b->arena, &p->word_of, 0);
  uint32_t *word = &p->word_of.items[text];
  if (*word == 0) {
    *word = p->words.count;
    vec_push(p->b->arena, &p->words, text);
  }
  return (FactWord){*word};
}

static uint32_t name_below(Packing *p, uint32_t owner, uint32_t text) {
  FactWord word = word_number(p, text);
  uint64_t key = map_pair(owner, word.i);
  uint32_t name = map_get(&p->name_of, key);
  if (name != 0) return name;
  name = p->names.count;
  vec_push(p->b->arena, &p->names, (FactName){{owner}, word});
  map_put(&p->name_of, key, name);
  return name;
}

// Every dot between two words parts them; other dots belong to the word. Names come in
// series with the same owner, which is looked up once.
static uint32_t name_number(Packing *p, Owner *last, uint32_t text, uint32_t start) {
  Str whole = sym_str(&p->b->texts, (Sym){text});
  Str name = str_slice(whole, start, whole.n);
  uint32_t stop = last->text.n, word = 0;
  bool is_same = stop != 0 && name.n > stop + 1 && str_starts(name, last->text) &&
                 name.p[stop] == '.' && name.p[stop + 1] != '.';
  uint32_t owner = is_same ? last->name : last->root;
  if (is_same) word = stop + 1;
  for (uint32_t i = word + 1; i + 1 < name.n; i++) {
    if (name.p[i] != '.' || i == word) continue;
    owner = name_below(p, owner, text_of(p->b, str_slice(name, word, i)).i);
    word = i + 1;
  }
  last->text = str_slice(name, 0, word != 0 ? word - 1 : 0);
  last->name = owner;
  bool is_whole = start + word == 0;
  uint32_t own = is_whole ? text : text_of(p->b, str_slice(name, word, name.n)).i;
  return name_below(p, owner, own);
}

static uint32_t given_name(Packing *p, uint32_t text) {
  if (text == 0 || p->given[text] != 0) return p->given[text];
  Str name = sym_str(&p->b->texts, (Sym){text}), module = p->b->module;
  bool is_inside = name.n > module.n + 1 && str_starts(name, module) &&
                   name.p[module.n] == '.' && name.p[module.n + 1] != '.';
  p->given[text] = str_eq(name, module) ? FACT_MODULE_NAME
                   : is_inside          ? name_number(p, &p->inside, text, module.n + 1)
                                        : name_number(p, &p->outside, text, 0);
  return p->given[text];
}

static uint32_t own_name(Packing *p, uint32_t text) {
  if (text == 0 || p->own[text] != 0) return p->own[text];
  p->own[text] = name_number(p, &p->inside, text, 0);
  return p->own[text];
}

// --- places --------------------------------------------------------------------------

static uint32_t place_number(const Packing *p, uint32_t node) {
  uint64_t before = p->marks[node / 64] & ((UINT64_C(1) << node % 64) - 1);
  return p->ranks[node / 64] + (uint32_t)__builtin_popcountll(before);
}

static void places_mark(Packing *p) {
  uint32_t size = p->b->t->count / 64 + 1, count = 1;
  p->marks = arena_array(p->b->arena, uint64_t, size);
  p->ranks = arena_array(p->b->arena, uint32_t, size);
  for (const Column *c = facts_columns; c->section < SECTION_COUNT; c++) {
    const FactSectionRows *s = &p->sections[c->section];
    for (uint32_t i = 0; c->kind == COLUMN_PLACE && i < s->count; i++) {
      uint32_t node = column_get(c, s->rows + (size_t)s->row_size * i);
      p->marks[node / 64] |= UINT64_C(1) << node % 64;
    }
  }
  p->marks[0] &= ~UINT64_C(1);  // no place
  for (uint32_t i = 0; i < size; i++) {
    p->ranks[i] = count;
    count += (uint32_t)__builtin_popcountll(p->marks[i]);
  }
  p->rows.place_count = p->rows.span_count = count;
}

// Numbers the nodes that some row points to, in the order of the source.
static void places_number(Packing *p) {
  FactsBuilder *b = p->b;
  places_mark(p);
  p->rows.places = arena_array(b->arena, FactPlaceScope, p->rows.place_count);
  p->rows.spans = arena_array(b->arena, FactSpan, p->rows.span_count);
  uint32_t at = 1;
  for (uint32_t i = 0; i <= b->t->count / 64; i++) {
    for (uint64_t left = p->marks[i]; left != 0; left &= left - 1) {
      NodeId node = {i * 64 + (uint32_t)__builtin_ctzll(left)};
      Span span = node_span(b->t, node);
      p->rows.spans[at] = (FactSpan){span.start, span.stop - span.start};
      p->rows.places[at++].scope = b->scope_names[scope_at(b->m, node).i];
    }
  }
  facts_sections(&p->rows, p->sections);
}

// --- the block -----------------------------------------------------------------------

static uint32_t cell_number(Packing *p, ColumnKind kind, uint32_t cell) {
  switch (kind) {
    case COLUMN_PLACE: return place_number(p, cell);
    case COLUMN_WORD: return word_number(p, cell).i;
    case COLUMN_NAME: return given_name(p, cell);
    case COLUMN_OWN: return own_name(p, cell);
    case COLUMN_NUMBER: break;
  }
  return cell;
}

// Nodes become ordinals, texts words and names.
static void cells_number(Packing *p) {
  for (const Column *c = facts_columns; c->section < SECTION_COUNT; c++) {
    const FactSectionRows *s = &p->sections[c->section];
    for (uint32_t i = 0; c->kind != COLUMN_NUMBER && i < s->count; i++) {
      char *row = s->rows + (size_t)s->row_size * i;
      uint32_t cell = column_get(c, row);
      if (cell != 0) {
        column_set(c, row, cell_number(p, (ColumnKind)c->kind, cell));
      }
    }
  }
}

static void words_pack(Packing *p) {
  Arena *arena = p->b->arena;
  Buf bytes = buf_in(arena);
  p->rows.word_count = p->words.count;
  p->rows.words = arena_array(arena, FactWordSize, p->words.count);
  for (uint32_t i = 0; i < p->words.count; i++) {
    Str word = sym_str(&p->b->texts, (Sym){p->words.items[i]});
    p->rows.words[i].n = word.n;
    buf_add(&bytes, word);
  }
  p->rows.word_bytes = buf_str(&bytes).p;
}

Facts *facts_pack(FactsBuilder *b, Arena *results) {
  Facts *facts = arena_new(results, Facts);
  Packing p = {
      .b = b, .name_of = map_in(b->arena), .inside = {.root = FACT_MODULE_NAME}};
#define SECTION_TAKE(rows_, row) \
  p.rows.rows_ = b->rows_.items; \
  p.rows.row##_count = b->rows_.count;
  SECTION_TAKE(classes, class)
  SECTION_TAKE(bases, base)
  SECTION_TAKE(attributes, attribute)
  SECTION_TAKE(functions, function)
  SECTION_TAKE(calls, call)
  SECTION_TAKE(objects, object)
  SECTION_TAKE(listings, listing)
  SECTION_TAKE(walks, walk)
  SECTION_TAKE(makings, making)
  SECTION_TAKE(intermediates, intermediate)
  SECTION_TAKE(touches, touch)
  SECTION_TAKE(exposures, exposure)
  SECTION_TAKE(knots, knot)
  SECTION_TAKE(keeps, keep)
  SECTION_TAKE(closings, closing)
  SECTION_TAKE(containers, container)
  SECTION_TAKE(operations, operation)
  SECTION_TAKE(registrations, registration)
  SECTION_TAKE(publishers, publisher)
  SECTION_TAKE(imports, import)
  SECTION_TAKE(exports, export)
  SECTION_TAKE(zeros, zero)
  SECTION_TAKE(glances, glance)
#undef SECTION_TAKE
  facts_sections(&p.rows, p.sections);
  p.given = arena_array(b->arena, uint32_t, b->texts.texts.count);
  p.own = arena_array(b->arena, uint32_t, b->texts.texts.count);
  vec_push(b->arena, &p.words, 0);
  vec_push(b->arena, &p.names, (FactName){{0}, {0}});
  vec_push(b->arena, &p.names, (FactName){{0}, {0}});
  places_number(&p);
  cells_number(&p);
  words_pack(&p);
  p.rows.names = p.names.items;
  p.rows.name_count = p.names.count;
  facts->flags = b->flags;
  facts_fill(facts, b->module, &p.rows, b->arena, results);
  facts->path = b->t->source->path;
  return facts;
}
