/* Index: the project, from the Facts of all its files. */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include "index/facts.h"

typedef struct ClassId { uint32_t i; } ClassId;
typedef struct ContainerId { uint32_t i; } ContainerId;
typedef struct RegistrationId { uint32_t i; } RegistrationId;

// A place in some file: the file's number in the Index and the ordinal in its Facts.
typedef struct Place {
  uint32_t module;
  uint32_t ordinal;  // 0 = none
} Place;

typedef struct Index Index;

Span index_place_span(const Index *self, Place place);
Str index_place_scope(const Index *self, Place place);   // "Class.method" around it
Str index_module_path(const Index *self, uint32_t module);  // project-relative

#endif
