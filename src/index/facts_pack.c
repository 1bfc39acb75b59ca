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

// Rows under way into the block.
typedef struct Packing {
  FactsBuilder *b;
  FactRows rows;
  FactSectionRows sections[SECTION_COUNT];
  Interner words;
  Map name_of;            // (name, word) -> name
  VEC(FactName) names;    // item 1 is the module
  uint32_t *given, *own;  // by text of the builder: the name, 0 = not yet numbered
} Packing;

// --- names ---------------------------------------------------------------------------

static uint32_t name_below(Packing *p, uint32_t owner, Str text) {
  FactWord word = {intern(&p->words, text).i};
  uint64_t key = map_pair(owner, word.i);
  uint32_t name = map_get(&p->name_of, key);
  if (name != 0) return name;
  name = p->names.count;
  vec_push(p->b->arena, &p->names, (FactName){{owner}, word});
  map_put(&p->name_of, key, name);
  return name;
}

// Every dot between two words parts them; other dots belong to the word.
static uint32_t name_number(Packing *p, uint32_t owner, Str text) {
  uint32_t start = 0;
  for (uint32_t i = 1; i + 1 < text.n; i++) {
    if (text.p[i] != '.' || i == start) continue;
    owner = name_below(p, owner, str_slice(text, start, i));
    start = i + 1;
  }
  return name_below(p, owner, str_slice(text, start, text.n));
}

static uint32_t given_name(Packing *p, uint32_t text) {
  if (text == 0 || p->given[text] != 0) return p->given[text];
  Str name = sym_str(&p->b->texts, (Sym){text}), module = p->b->module;
  bool is_module = str_eq(name, module);
  bool is_own = str_starts(name, module) && name.n > module.n + 1 &&
                name.p[module.n] == '.' && name.p[module.n + 1] != '.';
  p->given[text] =
      is_module ? FACT_MODULE_NAME
      : is_own ? name_number(p, FACT_MODULE_NAME, str_slice(name, module.n + 1, name.n))
               : name_number(p, 0, name);
  return p->given[text];
}

static uint32_t own_name(Packing *p, uint32_t text) {
  if (text == 0 || p->own[text] != 0) return p->own[text];
  p->own[text] = name_number(p, FACT_MODULE_NAME, sym_str(&p->b->texts, (Sym){text}));
  return p->own[text];
}

// --- places --------------------------------------------------------------------------

// Numbers the nodes that some row points to, in the order of the source.
static uint32_t *places_number(Packing *p) {
  FactsBuilder *b = p->b;
  uint32_t *ordinals = arena_array(b->arena, uint32_t, b->t->count);
  for (const Column *c = facts_columns; c->section < SECTION_COUNT; c++) {
    const FactSectionRows *s = &p->sections[c->section];
    for (uint32_t i = 0; c->kind == COLUMN_PLACE && i < s->count; i++) {
      ordinals[column_get(c, s->rows + (size_t)s->row_size * i)] = 1;
    }
  }
  uint32_t count = 1;
  ordinals[0] = 0;
  for (uint32_t i = 1; i < b->t->count; i++) {
    if (ordinals[i] != 0) ordinals[i] = count++;
  }
  p->rows.places = arena_array(b->arena, FactPlaceScope, count);
  p->rows.spans = arena_array(b->arena, FactSpan, count);
  p->rows.place_count = p->rows.span_count = count;
  for (uint32_t i = 1; i < b->t->count; i++) {
    if (ordinals[i] == 0) continue;
    Span span = node_span(b->t, (NodeId){i});
    p->rows.spans[ordinals[i]] = (FactSpan){span.start, span.stop - span.start};
    p->rows.places[ordinals[i]].scope = b->scope_names[scope_at(b->m, (NodeId){i}).i];
  }
  facts_sections(&p->rows, p->sections);
  return ordinals;
}

// --- the block -----------------------------------------------------------------------

static uint32_t cell_number(Packing *p, const uint32_t *ordinals, ColumnKind kind,
                            uint32_t cell) {
  switch (kind) {
    case COLUMN_PLACE: return ordinals[cell];
    case COLUMN_WORD: return intern(&p->words, sym_str(&p->b->texts, (Sym){cell})).i;
    case COLUMN_NAME: return given_name(p, cell);
    case COLUMN_OWN: return own_name(p, cell);
    case COLUMN_NUMBER: break;
  }
  return cell;
}

// Nodes become ordinals, texts words and names.
static void cells_number(Packing *p, const uint32_t *ordinals) {
  for (const Column *c = facts_columns; c->section < SECTION_COUNT; c++) {
    const FactSectionRows *s = &p->sections[c->section];
    for (uint32_t i = 0; c->kind != COLUMN_NUMBER && i < s->count; i++) {
      char *row = s->rows + (size_t)s->row_size * i;
      uint32_t cell = column_get(c, row);
      if (cell != 0) {
        column_set(c, row, cell_number(p, ordinals, (ColumnKind)c->kind, cell));
      }
    }
  }
}

static void words_pack(Packing *p) {
  Arena *arena = p->b->arena;
  Buf bytes = buf_in(arena);
  p->rows.word_count = p->words.texts.count;
  p->rows.words = arena_array(arena, FactWordSize, p->rows.word_count);
  for (uint32_t i = 0; i < p->rows.word_count; i++) {
    p->rows.words[i].n = p->words.texts.items[i].n;
    buf_add(&bytes, p->words.texts.items[i]);
  }
  p->rows.word_bytes = buf_str(&bytes).p;
}

Facts *facts_pack(FactsBuilder *b, Arena *results) {
  Facts *facts = arena_new(results, Facts);
  Packing p = {.b = b, .name_of = map_in(b->arena)};
#define SECTION_TAKE(rows_, row) \
  p.rows.rows_ = b->rows_.items; \
  p.rows.row##_count = b->rows_.count;
  SECTION_TAKE(classes, class)
  SECTION_TAKE(bases, base)
  SECTION_TAKE(attributes, attribute)
  SECTION_TAKE(functions, function)
  SECTION_TAKE(calls, call)
  SECTION_TAKE(touches, touch)
  SECTION_TAKE(containers, container)
  SECTION_TAKE(operations, operation)
  SECTION_TAKE(registrations, registration)
  SECTION_TAKE(imports, import)
  SECTION_TAKE(exports, export)
#undef SECTION_TAKE
  facts_sections(&p.rows, p.sections);
  interner_init(&p.words, b->arena);
  p.given = arena_array(b->arena, uint32_t, b->texts.texts.count);
  p.own = arena_array(b->arena, uint32_t, b->texts.texts.count);
  vec_push(b->arena, &p.names, (FactName){{0}, {0}});
  vec_push(b->arena, &p.names, (FactName){{0}, {0}});
  cells_number(&p, places_number(&p));
  words_pack(&p);
  p.rows.names = p.names.items;
  p.rows.name_count = p.names.count;
  facts->flags = b->flags;
  facts_fill(facts, b->module, &p.rows, b->arena, results);
  facts->path = b->t->source->path;
  return facts;
}
