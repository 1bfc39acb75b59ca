/* The block of a Facts: sections of columns, each as many bits wide as its largest value
 * needs.
 *
 * A block is the file's flags, the module's name and the sections in their order; behind
 * the sizes of the words come their bytes, packed (facts_text.h). Numbers of its own are LEB128. A section is its
 * count, the codes of its columns' widths (0 to 32 bits, two columns a byte) and the
 * columns one after the other, each from a byte of its own; an empty section is its count
 * alone. Values are little-endian, the first in the lowest bits.
 */
#ifndef INDEX_FACTS_BLOCK_H
#define INDEX_FACTS_BLOCK_H

#include "index/facts.h"

typedef enum ColumnKind {
  COLUMN_NUMBER,
  COLUMN_PLACE,
  COLUMN_WORD,
  COLUMN_NAME,
  COLUMN_OWN,  // a name of this file, from which the builder leaves the module out
} ColumnKind;

typedef struct Column {
  uint8_t section;             // FactSection
  uint8_t offset, size, kind;  // where the field lies in its row
} Column;

// All columns, by section; the last has the section SECTION_COUNT.
extern const Column facts_columns[];

static inline uint32_t column_get(const Column *self, const void *row) {
  const char *at = (const char *)row + self->offset;
  uint16_t half;
  uint32_t value;
  switch (self->size) {
    case 1: return *(const uint8_t *)at;
    case 2: memcpy(&half, at, sizeof half); return half;
    default: memcpy(&value, at, sizeof value); return value;
  }
}

static inline void column_set(const Column *self, void *row, uint32_t value) {
  char *at = (char *)row + self->offset;
  uint16_t half = (uint16_t)value;
  switch (self->size) {
    case 1: *(uint8_t *)at = (uint8_t)value; break;
    case 2: memcpy(at, &half, sizeof half); break;
    default: memcpy(at, &value, sizeof value); break;
  }
}

typedef struct FactSectionRows {
  char *rows;
  uint32_t count, row_size;
} FactSectionRows;

// The sections of plain rows, by number; nothing is copied.
void facts_sections(FactRows *rows, FactSectionRows *out);
// Makes the block, and `module` in it; `scratch` is for work.
void facts_fill(Facts *self, Str module, FactRows *rows, Arena *scratch,
                Arena *results);

#endif
