#include "index/facts_block.h"

#include "base/map.h"
#include "index/facts_text.h"

enum {
  COLUMNS_MAX = 18,  // of one section, and one more
  WIDTH_CODES = 16,
};

// Bits of a value, by the code that a block has for them; ascending.
static const uint8_t WIDTHS[WIDTH_CODES] = {0, 1,  2,  3,  4,  5,  6,  7,
                                            8, 10, 12, 14, 16, 20, 24, 32};

// C(Row, ROWS, field, kind): every column, in the order of the sections.
// clang-format off: one row a line
#define FACT_COLUMNS(C) \
  C(FactWordSize, WORDS, n, NUMBER) \
  C(FactName, NAMES, owner, NUMBER) \
  C(FactName, NAMES, word, NUMBER) \
  C(FactClass, CLASSES, name, OWN) \
  C(FactClass, CLASSES, place, PLACE) \
  C(FactClass, CLASSES, flags, NUMBER) \
  C(FactClass, CLASSES, hazards, NUMBER) \
  C(FactClass, CLASSES, base_count, NUMBER) \
  C(FactClass, CLASSES, attribute_count, NUMBER) \
  C(FactBase, BASES, name, NAME) \
  C(FactAttribute, ATTRIBUTES, name, WORD) \
  C(FactAttribute, ATTRIBUTES, flags, NUMBER) \
  C(FactFunction, FUNCTIONS, name, OWN) \
  C(FactFunction, FUNCTIONS, flags, NUMBER) \
  C(FactFunction, FUNCTIONS, parameter_count, NUMBER) \
  C(FactFunction, FUNCTIONS, grown, NUMBER) \
  C(FactFunction, FUNCTIONS, shrunk, NUMBER) \
  C(FactFunction, FUNCTIONS, kept, NUMBER) \
  C(FactFunction, FUNCTIONS, stored, NUMBER) \
  C(FactFunction, FUNCTIONS, held, NUMBER) \
  C(FactCall, CALLS, callee, NAME) \
  C(FactCall, CALLS, caller, OWN) \
  C(FactCall, CALLS, place, PLACE) \
  C(FactCall, CALLS, context, NUMBER) \
  C(FactCall, CALLS, form, NUMBER) \
  C(FactCall, CALLS, sink, NUMBER) \
  C(FactCall, CALLS, is_small, NUMBER) \
  C(FactCall, CALLS, held, NUMBER) \
  C(FactCall, CALLS, constants, NUMBER) \
  C(FactCall, CALLS, is_once, NUMBER) \
  C(FactCall, CALLS, times, NUMBER) \
  C(FactCall, CALLS, bound, NUMBER) \
  C(FactObject, OBJECTS, name, OWN) \
  C(FactObject, OBJECTS, class_name, NAME) \
  C(FactListing, LISTINGS, name, OWN) \
  C(FactListing, LISTINGS, place, PLACE) \
  C(FactListing, LISTINGS, walked, PLACE) \
  C(FactListing, LISTINGS, flags, NUMBER) \
  C(FactWalk, WALKS, name, NAME) \
  C(FactWalk, WALKS, walked, PLACE) \
  C(FactWalk, WALKS, flags, NUMBER) \
  C(FactMaking, MAKINGS, name, WORD) \
  C(FactMaking, MAKINGS, class_name, OWN) \
  C(FactMaking, MAKINGS, caller, OWN) \
  C(FactMaking, MAKINGS, place, PLACE) \
  C(FactMaking, MAKINGS, context, NUMBER) \
  C(FactMaking, MAKINGS, bytes, NUMBER) \
  C(FactMaking, MAKINGS, flags, NUMBER) \
  C(FactIntermediate, INTERMEDIATES, class_name, OWN) \
  C(FactIntermediate, INTERMEDIATES, name, WORD) \
  C(FactIntermediate, INTERMEDIATES, stored, WORD) \
  C(FactIntermediate, INTERMEDIATES, place, PLACE) \
  C(FactIntermediate, INTERMEDIATES, read, PLACE) \
  C(FactIntermediate, INTERMEDIATES, kind, NUMBER) \
  C(FactIntermediate, INTERMEDIATES, type, NUMBER) \
  C(FactIntermediate, INTERMEDIATES, why, NUMBER) \
  C(FactTouch, TOUCHES, owner, NAME) \
  C(FactTouch, TOUCHES, name, WORD) \
  C(FactTouch, TOUCHES, via, OWN) \
  C(FactTouch, TOUCHES, read, WORD) \
  C(FactTouch, TOUCHES, maker, NAME) \
  C(FactTouch, TOUCHES, kind, NUMBER) \
  C(FactExposure, EXPOSURES, owner, NAME) \
  C(FactExposure, EXPOSURES, caller, OWN) \
  C(FactExposure, EXPOSURES, place, PLACE) \
  C(FactExposure, EXPOSURES, flags, NUMBER) \
  C(FactKnot, KNOTS, owner, NAME) \
  C(FactKnot, KNOTS, attribute, WORD) \
  C(FactKnot, KNOTS, method, WORD) \
  C(FactKnot, KNOTS, made, NAME) \
  C(FactKnot, KNOTS, keyword, WORD) \
  C(FactKnot, KNOTS, place, PLACE) \
  C(FactKnot, KNOTS, back, PLACE) \
  C(FactKnot, KNOTS, size, PLACE) \
  C(FactKnot, KNOTS, argument, NUMBER) \
  C(FactKnot, KNOTS, others, NUMBER) \
  C(FactKnot, KNOTS, kind, NUMBER) \
  C(FactKnot, KNOTS, flags, NUMBER) \
  C(FactKeep, KEEPS, owner, OWN) \
  C(FactKeep, KEEPS, parameter, WORD) \
  C(FactKeep, KEEPS, attribute, WORD) \
  C(FactKeep, KEEPS, base, NAME) \
  C(FactKeep, KEEPS, keyword, WORD) \
  C(FactKeep, KEEPS, position, NUMBER) \
  C(FactKeep, KEEPS, argument, NUMBER) \
  C(FactKeep, KEEPS, flags, NUMBER) \
  C(FactClosing, CLOSINGS, owner, OWN) \
  C(FactClosing, CLOSINGS, method, WORD) \
  C(FactClosing, CLOSINGS, name, WORD) \
  C(FactClosing, CLOSINGS, other, NAME) \
  C(FactClosing, CLOSINGS, place, PLACE) \
  C(FactClosing, CLOSINGS, kind, NUMBER) \
  C(FactClosing, CLOSINGS, what, NUMBER) \
  C(FactClosing, CLOSINGS, flags, NUMBER) \
  C(FactContainer, CONTAINERS, name, OWN) \
  C(FactContainer, CONTAINERS, class_name, OWN) \
  C(FactContainer, CONTAINERS, place, PLACE) \
  C(FactContainer, CONTAINERS, holder, NUMBER) \
  C(FactContainer, CONTAINERS, type, NUMBER) \
  C(FactContainer, CONTAINERS, flags, NUMBER) \
  C(FactContainer, CONTAINERS, entries, NUMBER) \
  C(FactContainer, CONTAINERS, function, OWN) \
  C(FactContainer, CONTAINERS, bound, NAME) \
  C(FactContainer, CONTAINERS, last, NUMBER) \
  C(FactOperation, OPERATIONS, owner, NAME) \
  C(FactOperation, OPERATIONS, caller, OWN) \
  C(FactOperation, OPERATIONS, other, NAME) \
  C(FactOperation, OPERATIONS, place, PLACE) \
  C(FactOperation, OPERATIONS, context, NUMBER) \
  C(FactOperation, OPERATIONS, kind, NUMBER) \
  C(FactOperation, OPERATIONS, key, NUMBER) \
  C(FactOperation, OPERATIONS, key_type, NUMBER) \
  C(FactOperation, OPERATIONS, argument, NUMBER) \
  C(FactOperation, OPERATIONS, flags, NUMBER) \
  C(FactOperation, OPERATIONS, key_text, WORD) \
  C(FactOperation, OPERATIONS, value_text, WORD) \
  C(FactRegistration, REGISTRATIONS, group, WORD) \
  C(FactRegistration, REGISTRATIONS, name, WORD) \
  C(FactRegistration, REGISTRATIONS, key, WORD) \
  C(FactRegistration, REGISTRATIONS, receiver, NAME) \
  C(FactRegistration, REGISTRATIONS, publisher, NAME) \
  C(FactRegistration, REGISTRATIONS, caller, OWN) \
  C(FactRegistration, REGISTRATIONS, owner, OWN) \
  C(FactRegistration, REGISTRATIONS, callback, NAME) \
  C(FactRegistration, REGISTRATIONS, place, PLACE) \
  C(FactRegistration, REGISTRATIONS, given, PLACE) \
  C(FactRegistration, REGISTRATIONS, context, NUMBER) \
  C(FactRegistration, REGISTRATIONS, kind, NUMBER) \
  C(FactRegistration, REGISTRATIONS, form, NUMBER) \
  C(FactRegistration, REGISTRATIONS, argument, NUMBER) \
  C(FactRegistration, REGISTRATIONS, flags, NUMBER) \
  C(FactPublisher, PUBLISHERS, name, OWN) \
  C(FactPublisher, PUBLISHERS, stands_for, NAME) \
  C(FactImport, IMPORTS, name, WORD) \
  C(FactImport, IMPORTS, target, NAME) \
  C(FactImport, IMPORTS, flags, NUMBER) \
  C(FactExport, EXPORTS, name, WORD) \
  C(FactZero, ZEROS, name, WORD) \
  C(FactGlance, GLANCES, hash, NUMBER) \
  C(FactPlaceScope, PLACES, scope, OWN) \
  C(FactSpan, SPANS, start, NUMBER) \
  C(FactSpan, SPANS, n, NUMBER)
// clang-format on

const Column facts_columns[] = {
#define COLUMN_ROW(Row, ROWS, field, KIND) \
  {SECTION_##ROWS, offsetof(Row, field), sizeof(((Row *)0)->field), COLUMN_##KIND},
    FACT_COLUMNS(COLUMN_ROW)
#undef COLUMN_ROW
        {SECTION_COUNT, 0, 0, 0}};

void facts_sections(FactRows *rows, FactSectionRows *out) {
#define SECTION_TAKE(Row, rows_, row, ROWS) \
  out[SECTION_##ROWS] = \
      (FactSectionRows){(char *)rows->rows_, rows->row##_count, sizeof(Row)};
  FACT_SECTIONS(SECTION_TAKE)
#undef SECTION_TAKE
}

// --- writing -------------------------------------------------------------------------

static void number_add(Buf *out, uint32_t value) {
  for (; value >= 128; value >>= 7) buf_add_byte(out, (char)(value | 128));
  buf_add_byte(out, (char)value);
}

// The code of the narrowest width that has room for these bits.
static uint32_t width_code(uint32_t bits) {
  uint32_t code = 0;
  while (code < WIDTH_CODES - 1 && bits >> WIDTHS[code] != 0) code++;
  return code;
}

// Adds a column, which `values` has room for, and gives the code of its width.
static uint32_t column_add(const FactSectionRows *section, const Column *column,
                           uint32_t *values, Buf *out) {
  const char *row = section->rows;
  uint32_t bits = 0, count = section->count;
  for (uint32_t i = 0; i < count; i++, row += section->row_size) {
    values[i] = column_get(column, row);
    bits |= values[i];
  }
  uint32_t code = width_code(bits), width = WIDTHS[code], held = 0;
  uint64_t waiting = 0;
  size_t before = out->n;
  buf_fill(out, 0, ((size_t)width * count + 7) / 8);
  char *to = out->p + before;
  for (uint32_t i = 0; width != 0 && i < count; i++) {
    waiting |= (uint64_t)values[i] << held;
    for (held += width; held >= 8; held -= 8, waiting >>= 8) *to++ = (char)waiting;
  }
  if (held != 0) *to = (char)waiting;
  return code;
}

// `column` is the first one of the section.
static void section_add(const FactSectionRows *section, const Column *column,
                        Buf *out) {
  uint32_t columns = 0;
  number_add(out, section->count);
  if (section->count == 0) return;
  while (column[columns].section == column->section) columns++;
  size_t widths = out->n;
  buf_fill(out, 0, (columns + 1) / 2);
  uint32_t *values = arena_alloc_raw(out->arena, sizeof *values * section->count);
  for (uint32_t i = 0; i < columns; i++) {
    uint32_t code = column_add(section, &column[i], values, out);
    char *both = &out->p[widths + i / 2];
    *both = (char)((uint8_t)*both | code << (i % 2 * 4));
  }
}

static uint32_t words_length(const FactRows *rows) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < rows->word_count; i++) n += rows->words[i].n;
  return n;
}

static void words_add(const FactRows *rows, Arena *scratch, Buf *out) {
  Buf packed = buf_in(scratch);
  text_pack(&packed, (Str){rows->word_bytes, words_length(rows)});
  number_add(out, (uint32_t)packed.n);
  buf_add(out, buf_str(&packed));
}

void facts_fill(Facts *self, Str module, FactRows *rows, Arena *scratch,
                Arena *results) {
  FactSectionRows sections[SECTION_COUNT];
  facts_sections(rows, sections);
  Buf out = buf_in(scratch);
  number_add(&out, self->flags);
  number_add(&out, module.n);
  uint32_t module_at = (uint32_t)out.n;
  buf_add(&out, module);
  const Column *column = facts_columns;
  for (uint32_t s = 0; s < SECTION_COUNT; s++) {
    if (s == SECTION_SPANS) self->hashed = (uint32_t)out.n;
    section_add(&sections[s], column, &out);
    while (column->section == s) column++;
    if (s != SECTION_WORDS) continue;
    words_add(rows, scratch, &out);
  }
  if (out.n > UINT32_MAX) BUG("Facts of more than 4 GiB");
  self->block = str_copy_in(results, buf_str(&out));
  self->module = str_slice(self->block, module_at, module_at + module.n);
  self->hash = hash_bytes(self->block.p, self->hashed);
}

// --- reading -------------------------------------------------------------------------

// A section in the block.
typedef struct Part {
  const Column *columns;  // its first
  uint32_t count;
  uint8_t widths[COLUMNS_MAX];  // bits
  const uint8_t *data;
} Part;

static uint32_t number_take(const uint8_t **at) {
  uint32_t value = 0, shift = 0;
  for (;; shift += 7) {
    uint8_t byte = *(*at)++;
    value |= (uint32_t)(byte & 127) << (shift & 31);
    if (byte < 128) return value;
  }
}

static size_t column_bytes(const Part *part, uint32_t column) {
  return ((size_t)part->widths[column] * part->count + 7) / 8;
}

// Moves behind the section.
static Part part_take(const Column *columns, const uint8_t **at) {
  Part part = {.columns = columns, .count = number_take(at)};
  if (part.count == 0) return part;
  uint32_t count = 0;
  size_t bytes = 0;
  for (; columns[count].section == columns->section; count++) {
    uint8_t both = (*at)[count / 2];
    part.widths[count] = WIDTHS[count % 2 == 0 ? both & 15 : both >> 4];
    bytes += column_bytes(&part, count);
  }
  part.data = *at + (count + 1) / 2;
  *at = part.data + bytes;
  return part;
}

static uint32_t value_at(const uint8_t *data, uint32_t width, uint32_t row) {
  uint64_t bit = (uint64_t)width * row, value = 0;
  uint32_t shift = (uint32_t)(bit % 8), bytes = (shift + width + 7) / 8;
  for (uint32_t k = 0; k < bytes; k++) value |= (uint64_t)data[bit / 8 + k] << 8 * k;
  return (uint32_t)(value >> shift & ((UINT64_C(1) << width) - 1));
}

static void part_unpack(const Part *part, uint32_t row_size, char *rows) {
  const uint8_t *data = part->data;
  for (uint32_t c = 0; part->columns[c].section == part->columns->section; c++) {
    uint32_t width = part->widths[c];
    const Column *column = &part->columns[c];
    for (uint32_t i = 0; width != 0 && i < part->count; i++) {
      column_set(column, rows + (size_t)row_size * i, value_at(data, width, i));
    }
    data += column_bytes(part, c);
  }
}

static const uint8_t *block_begin(const Facts *self) {
  return (const uint8_t *)self->module.p + self->module.n;
}

void facts_unpack(const Facts *self, uint32_t wanted, Arena *arena, FactRows *out) {
  FactSectionRows sections[SECTION_COUNT];
  Part parts[SECTION_COUNT];
  *out = (FactRows){0};
  facts_sections(out, sections);
  const uint8_t *at = block_begin(self), *packed = NULL;
  const Column *column = facts_columns;
  for (uint32_t s = 0; s < SECTION_COUNT; s++) {
    parts[s] = part_take(column, &at);
    while (column->section == s) column++;
    if (s == SECTION_WORDS) {
      uint32_t n = number_take(&at);
      packed = at;
      at += n;
    }
    bool is_wanted = (wanted >> s & 1) != 0 && parts[s].count != 0;
    if (!is_wanted) continue;
    sections[s].count = parts[s].count;
    sections[s].rows =
        arena_alloc(arena, arena_bytes(sections[s].row_size, parts[s].count));
    part_unpack(&parts[s], sections[s].row_size, sections[s].rows);
  }
#define SECTION_GIVE(Row, rows_, row, ROWS) \
  out->rows_ = (Row *)(void *)sections[SECTION_##ROWS].rows; \
  out->row##_count = sections[SECTION_##ROWS].count;
  FACT_SECTIONS(SECTION_GIVE)
#undef SECTION_GIVE
  uint32_t n = words_length(out);
  char *texts = arena_alloc_raw(arena, n);
  text_unpack(packed, n, texts);
  out->word_bytes = texts;
}

// One row of a section.
static void row_read(const Facts *self, FactSection wanted, uint32_t row, void *out) {
  const uint8_t *at = block_begin(self);
  const Column *column = facts_columns;
  Part part = {0};
  for (uint32_t s = 0; s <= wanted; s++) {
    part = part_take(column, &at);
    while (column->section == s) column++;
    if (s != SECTION_WORDS) continue;
    uint32_t n = number_take(&at);
    at += n;
  }
  INVARIANT(row < part.count);
  const uint8_t *data = part.data;
  for (uint32_t c = 0; part.columns[c].section == wanted; c++) {
    column_set(&part.columns[c], out, value_at(data, part.widths[c], row));
    data += column_bytes(&part, c);
  }
}

FactText facts_place_scope(const Facts *self, uint32_t ordinal) {
  FactPlaceScope row = {0};
  row_read(self, SECTION_PLACES, ordinal, &row);
  return row.scope;
}

Span facts_place_span(const Facts *self, uint32_t ordinal) {
  FactSpan row = {0};
  row_read(self, SECTION_SPANS, ordinal, &row);
  return (Span){row.start, row.start + row.n};
}

// --- on the disk ---------------------------------------------------------------------

// What precedes the block and the path; fields of the machine's own byte order.
typedef struct FactsFile {
  char magic[8];
  uint32_t version, path_n;
  uint32_t block_n, hashed;
  uint64_t hash;
} FactsFile;

static const char MAGIC[8] = "pmlfact";

uint64_t facts_size(const Facts *self) {
  return sizeof *self + self->block.n + self->path.n;
}

Str facts_write(const Facts *self, Arena *arena) {
  size_t total = sizeof(FactsFile) + self->block.n + self->path.n;
  if (total > UINT32_MAX) BUG("Facts of more than 4 GiB");
  char *out = arena_alloc(arena, total);
  FactsFile file = {.version = FACTS_VERSION,
                    .path_n = self->path.n,
                    .block_n = self->block.n,
                    .hashed = self->hashed,
                    .hash = self->hash};
  memcpy(file.magic, MAGIC, sizeof MAGIC);
  memcpy(out, &file, sizeof file);
  memcpy(out + sizeof file, self->block.p, self->block.n);
  memcpy(out + sizeof file + self->block.n, self->path.p, self->path.n);
  return (Str){out, (uint32_t)total};
}

enum { BLOCK_SPARE = 8 };  // zeros behind a block that was read: numbers end there

// The spans are not in the hash: their size has to fit.
static bool spans_fit(const Facts *self) {
  const uint8_t *at = (const uint8_t *)self->block.p + self->hashed;
  const uint8_t *end = (const uint8_t *)self->block.p + self->block.n;
  const Column *column = facts_columns;
  while (column->section != SECTION_SPANS) column++;
  part_take(column, &at);
  return at == end;
}

Facts *facts_read(Str bytes, Arena *arena) {
  FactsFile file;
  if (bytes.n < sizeof file) return NULL;
  memcpy(&file, bytes.p, sizeof file);
  uint64_t total = sizeof file + (uint64_t)file.block_n + file.path_n;
  bool is_ours = memcmp(file.magic, MAGIC, sizeof MAGIC) == 0 &&
                 file.version == FACTS_VERSION && bytes.n == total &&
                 file.hashed < file.block_n &&
                 hash_bytes(bytes.p + sizeof file, file.hashed) == file.hash;
  if (!is_ours) return NULL;
  Facts *self = arena_new(arena, Facts);
  char *block = arena_alloc(arena, (size_t)file.block_n + BLOCK_SPARE);
  memcpy(block, bytes.p + sizeof file, file.block_n);
  self->block = (Str){block, file.block_n};
  Str path = {bytes.p + sizeof file + file.block_n, file.path_n};
  self->path = str_copy_in(arena, path);
  self->hash = file.hash;
  self->hashed = file.hashed;
  const uint8_t *at = (const uint8_t *)self->block.p;
  self->flags = number_take(&at);
  uint32_t module_n = number_take(&at);
  self->module = (Str){(const char *)at, module_n};
  return spans_fit(self) ? self : NULL;
}
