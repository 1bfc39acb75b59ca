/* Layout: bytes per instance on CPython, by version and by what the class is made of.
 *
 *     instance_bytes(13, layout_plain(5))           -> 112
 *     instance_bytes(13, layout_slotted(5, false))  -> 72
 *
 * What tracemalloc counts for one instance: header, slots, inline values or dict, pointers
 * to the dict and to weak references. The values of attributes are excluded, and so is
 * what a list, dict, set or str holds. tests/test_bytes.py compares the model with the
 * CPythons present. Versions are minor numbers; those before the oldest and behind the
 * newest measured count as these.
 */
#ifndef INDEX_LAYOUT_H
#define INDEX_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { LAYOUT_OLDEST = 9, LAYOUT_NEWEST = 13, LAYOUT_CLIFF = 30 };

// What lies under the classes of Python.
typedef enum LayoutRoot {
  ROOT_OBJECT,
  ROOT_EXCEPTION,  // with a dict of its own
  ROOT_TUPLE,      // its items count as slots
  ROOT_INT,
  ROOT_STR,
  ROOT_BYTES,
  ROOT_FLOAT,
  ROOT_COMPLEX,
  ROOT_LIST,
  ROOT_DICT,
  ROOT_DEFAULTDICT,
  ROOT_SET,
  ROOT_BYTEARRAY,
  ROOT_COUNT
} LayoutRoot;

typedef struct Layout {
  LayoutRoot root;
  bool has_dict;        // some class is without __slots__, or names "__dict__"
  bool has_weakref;     // likewise, or names "__weakref__"
  bool dict_is_read;    // vars(x), x.__dict__, a pickle or copy of it was made
  uint32_t slots;       // attributes in slots
  uint32_t attributes;  // in the dict, set while the instance is made
} Layout;

// Plain classes; data classes are such.
static inline Layout layout_plain(uint32_t n) {
  return (Layout){.has_dict = true, .has_weakref = true, .attributes = n};
}
// Every base is slotted or object.
static inline Layout layout_slotted(uint32_t n, bool has_weakref) {
  return (Layout){.has_weakref = has_weakref, .slots = n};
}

// "builtins.list" -> ROOT_LIST; what is not in the model is ROOT_OBJECT.
LayoutRoot layout_root(Str name);
bool layout_takes_slots(LayoutRoot root);
uint32_t instance_bytes(uint8_t minor, Layout layout);
// A dict that a display or `dict(a=…)` makes, with so many keys that are strings.
uint32_t display_bytes(uint8_t minor, uint32_t keys);

#endif
