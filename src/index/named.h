/* Named: which names of a module other modules of the project use.
 *
 *     Named *named = named_in(index);
 *     if (named_elsewhere(named, module, STR("_read_rows,._rows"), NULL)) …   // a dot: attribute
 *
 * For what one file alone cannot know: that a private function is called by nobody else.
 */
#ifndef INDEX_NAMED_H
#define INDEX_NAMED_H

#include "index/index.h"

typedef struct Named Named;

Named *named_in(const Index *index);  // in the Index's arena
// Does another module than that one use one of the names, separated by commas? Which, and
// the number of the module, NAMED_IN_SEVERAL when there are more, go to `use` if not NULL.
enum { NAMED_IN_SEVERAL = 0x7fffffff };
typedef struct NamedUse {
  Str name;
  uint32_t module;
} NamedUse;
bool named_elsewhere(const Named *self, uint32_t module, Str names, NamedUse *use);

#endif
