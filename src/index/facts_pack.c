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

// --- places --------------------------------------------------------------------------

typedef struct Places {
  uint32_t *ordinals;  // by node
  Span *spans;
  FactText *scopes;
  uint32_t count;
} Places;

// P(rows, field): every field that holds a place.
// clang-format off: one row a line
#define PLACE_FIELDS(P) \
  P(classes, place) \
  P(calls, place) \
  P(listings, place) \
  P(listings, walked) \
  P(walks, walked) \
  P(touches, place) \
  P(containers, place) \
  P(operations, place) \
  P(registrations, place)
// clang-format on

static Places places_number(FactsBuilder *b) {
  Places places = {.ordinals = arena_array(b->arena, uint32_t, b->t->count),
                   .count = 1};
#define PLACES_MARK(rows, field) \
  for (uint32_t i = 0; i < b->rows.count; i++) { \
    places.ordinals[b->rows.items[i].field.i] = 1; \
  }
  PLACE_FIELDS(PLACES_MARK)
#undef PLACES_MARK
  places.ordinals[0] = 0;
  for (uint32_t i = 1; i < b->t->count; i++) {
    if (places.ordinals[i] != 0) places.ordinals[i] = places.count++;
  }
  places.spans = arena_array(b->arena, Span, places.count);
  places.scopes = arena_array(b->arena, FactText, places.count);
  for (uint32_t i = 1; i < b->t->count; i++) {
    uint32_t ordinal = places.ordinals[i];
    if (ordinal == 0) continue;
    ScopeId s = scope_at(b->m, (NodeId){i});
    places.spans[ordinal] = node_span(b->t, (NodeId){i});
    places.scopes[ordinal] = b->scope_names[s.i];
  }
#define PLACES_SET(rows, field) \
  for (uint32_t i = 0; i < b->rows.count; i++) { \
    FactPlace *place = &b->rows.items[i].field; \
    place->i = places.ordinals[place->i]; \
  }
  PLACE_FIELDS(PLACES_SET)
#undef PLACES_SET
  return places;
}

// --- texts ---------------------------------------------------------------------------

// T(rows, field): every field that holds a text.
// clang-format off: one row a line
#define TEXT_FIELDS(T) \
  T(classes, name) \
  T(classes, metaclass) \
  T(bases, name) \
  T(attributes, name) \
  T(functions, name) \
  T(calls, callee) \
  T(calls, caller) \
  T(listings, name) \
  T(walks, name) \
  T(touches, owner) \
  T(touches, name) \
  T(containers, name) \
  T(containers, class_name) \
  T(containers, function) \
  T(operations, owner) \
  T(operations, caller) \
  T(operations, other) \
  T(registrations, method) \
  T(registrations, receiver) \
  T(registrations, caller) \
  T(registrations, callback) \
  T(imports, name) \
  T(imports, target) \
  T(exports, name)
// clang-format on

// Numbers the texts that some row holds anew; what was only looked at stays behind.
static uint32_t *texts_number(FactsBuilder *b, const Places *places, uint32_t *count) {
  uint32_t *numbers = arena_array(b->arena, uint32_t, b->texts.texts.count + 1);
#define TEXTS_MARK(rows, field) \
  for (uint32_t i = 0; i < b->rows.count; i++) numbers[b->rows.items[i].field.i] = 1;
  TEXT_FIELDS(TEXTS_MARK)
#undef TEXTS_MARK
  for (uint32_t i = 0; i < places->count; i++) numbers[places->scopes[i].i] = 1;
  numbers[text_of(b, b->module).i] = 1;
  numbers[0] = 0;
  *count = 1;
  for (uint32_t i = 1; i < b->texts.texts.count; i++) {
    if (numbers[i] != 0) numbers[i] = (*count)++;
  }
#define TEXTS_SET(rows, field) \
  for (uint32_t i = 0; i < b->rows.count; i++) { \
    FactText *text = &b->rows.items[i].field; \
    text->i = numbers[text->i]; \
  }
  TEXT_FIELDS(TEXTS_SET)
#undef TEXTS_SET
  for (uint32_t i = 0; i < places->count; i++) {
    places->scopes[i].i = numbers[places->scopes[i].i];
  }
  return numbers;
}

static void texts_pack(FactsBuilder *b, const uint32_t *numbers, uint32_t count,
                       Facts *facts) {
  FactTextSpan *spans = arena_array(b->arena, FactTextSpan, count);
  uint32_t total = 0;
  for (uint32_t i = 1; i < b->texts.texts.count; i++) {
    if (numbers[i] == 0) continue;
    spans[numbers[i]] = (FactTextSpan){total, b->texts.texts.items[i].n};
    total += b->texts.texts.items[i].n;
  }
  char *bytes = arena_array(b->arena, char, total + 1);
  for (uint32_t i = 1; i < b->texts.texts.count; i++) {
    if (numbers[i] == 0) continue;
    memcpy(bytes + spans[numbers[i]].start, b->texts.texts.items[i].p,
           b->texts.texts.items[i].n);
  }
  facts->texts = spans;
  facts->text_count = count;
  facts->text_bytes = bytes;
  facts->text_byte_count = total;
}

// --- the block -----------------------------------------------------------------------

static size_t rounded(size_t size) { return (size + 7) & ~(size_t)7; }

static size_t block_size(const Facts *facts) {
  size_t size = 0;
#define SECTION_SIZE(Row, rows, row) size += rounded(sizeof(Row) * facts->row##_count);
  FACT_SECTIONS(SECTION_SIZE)
#undef SECTION_SIZE
  return size + rounded(sizeof(Span) * facts->place_count);
}

static const void *section_move(char **at, const void *rows, size_t size) {
  char *to = *at;
  if (size != 0) memcpy(to, rows, size);
  memset(to + size, 0, rounded(size) - size);
  *at += rounded(size);
  return to;
}

// Copies all sections behind one another into `block` and points there.
static void block_fill(Facts *facts, char *block) {
  char *at = block;
#define SECTION_MOVE(Row, rows, row) \
  facts->rows = section_move(&at, facts->rows, sizeof(Row) * facts->row##_count);
  FACT_SECTIONS(SECTION_MOVE)
#undef SECTION_MOVE
  facts->spans = section_move(&at, facts->spans, sizeof(Span) * facts->place_count);
}

static uint64_t facts_hash(const Facts *facts) {
  uint64_t hashes[32], count = 0;
  hashes[count++] = hash_bytes(&facts->head, sizeof facts->head);
#define SECTION_HASH(Row, rows, row) \
  hashes[count++] = hash_bytes(facts->rows, sizeof(Row) * facts->row##_count);
  FACT_SECTIONS(SECTION_HASH)
#undef SECTION_HASH
  return hash_bytes(hashes, sizeof *hashes * count);
}

Facts *facts_pack(FactsBuilder *b, Arena *results) {
  Facts *facts = arena_new(results, Facts);
  FactText module = text_of(b, b->module);
  Places places = places_number(b);
  uint32_t text_count = 0;
  const uint32_t *numbers = texts_number(b, &places, &text_count);
  facts->head = (FactsHead){FACTS_VERSION, b->flags, {numbers[module.i]}};
#define SECTION_TAKE(rows, row) \
  facts->rows = b->rows.items; \
  facts->row##_count = b->rows.count;
  SECTION_TAKE(classes, class)
  SECTION_TAKE(bases, base)
  SECTION_TAKE(attributes, attribute)
  SECTION_TAKE(functions, function)
  SECTION_TAKE(calls, call)
  SECTION_TAKE(listings, listing)
  SECTION_TAKE(walks, walk)
  SECTION_TAKE(touches, touch)
  SECTION_TAKE(containers, container)
  SECTION_TAKE(operations, operation)
  SECTION_TAKE(registrations, registration)
  SECTION_TAKE(imports, import)
  SECTION_TAKE(exports, export)
#undef SECTION_TAKE
  facts->place_scopes = places.scopes;
  facts->place_count = places.count;
  facts->spans = places.spans;
  texts_pack(b, numbers, text_count, facts);
  block_fill(facts, arena_alloc_raw(results, block_size(facts) + 1));
  facts->path = str_copy_in(results, b->t->source->path);
  facts->hash = facts_hash(facts);
  return facts;
}

// --- on the disk ---------------------------------------------------------------------

// What precedes the block; fields of the machine's own byte order.
typedef struct FactsFile {
  char magic[8];
  FactsHead head;
  uint32_t path_n;
  uint64_t hash;
  uint64_t size;
  uint32_t counts[16];
} FactsFile;

static const char MAGIC[8] = "pmlfact";

uint64_t facts_size(const Facts *facts) {
  return sizeof(FactsFile) + block_size(facts) + rounded(facts->path.n);
}

Str facts_write(const Facts *facts, Arena *arena) {
  size_t total = facts_size(facts);
  if (total > UINT32_MAX) BUG("Facts of more than 4 GiB");
  char *out = arena_alloc(arena, total);
  FactsFile file = {.head = facts->head,
                    .path_n = facts->path.n,
                    .hash = facts->hash,
                    .size = block_size(facts)};
  memcpy(file.magic, MAGIC, sizeof MAGIC);
  uint32_t i = 0;
#define SECTION_COUNT(Row, rows, row) file.counts[i++] = facts->row##_count;
  FACT_SECTIONS(SECTION_COUNT)
#undef SECTION_COUNT
  memcpy(out, &file, sizeof file);
  Facts copy = *facts;
  block_fill(&copy, out + sizeof file);
  memcpy(out + sizeof file + file.size, facts->path.p, facts->path.n);
  return (Str){out, (uint32_t)total};
}

Facts *facts_read(Str bytes, Arena *arena) {
  FactsFile file;
  if (bytes.n < sizeof file) return NULL;
  memcpy(&file, bytes.p, sizeof file);
  Facts *facts = arena_new(arena, Facts);
  facts->head = file.head;
  uint32_t i = 0;
#define SECTION_COUNT(Row, rows, row) facts->row##_count = file.counts[i++];
  FACT_SECTIONS(SECTION_COUNT)
#undef SECTION_COUNT
  bool is_ours = memcmp(file.magic, MAGIC, sizeof MAGIC) == 0 &&
                 file.head.version == FACTS_VERSION && facts->text_count > 0 &&
                 file.size == block_size(facts) && file.size < bytes.n &&
                 bytes.n == sizeof file + file.size + rounded(file.path_n);
  if (!is_ours) return NULL;
  char *block = arena_alloc_raw(arena, file.size + 1);
  memcpy(block, bytes.p + sizeof file, file.size);
  size_t at = 0;
#define SECTION_POINT(Row, rows, row) \
  facts->rows = (const Row *)(const void *)(block + at); \
  at += rounded(sizeof(Row) * facts->row##_count);
  FACT_SECTIONS(SECTION_POINT)
#undef SECTION_POINT
  facts->spans = (const Span *)(const void *)(block + at);
  Str path = {bytes.p + sizeof file + file.size, file.path_n};
  facts->path = str_copy_in(arena, path);
  facts->hash = facts_hash(facts);
  return facts->hash == file.hash ? facts : NULL;
}
