#include "index/layout.h"

enum {
  VERSIONS = LAYOUT_NEWEST - LAYOUT_OLDEST + 1,
  POINTER = 8,
  PRE_HEADER = 16,   // before the object: dict and weak references, since 3.12 as one
  DICT_OBJECT = 64,  // without keys and values
  KEYS_OBJECT = 32,
  SHARED_KEYS = 30,  // the most that a class shares among its instances
};

enum {                     // RootLayout.flags
  ROOT_HAS_DICT = 1 << 0,  // the type has room for a dict already
  ROOT_HAS_WEAKREF = 1 << 1,
  ROOT_VARIES = 1 << 2,      // items lie in the object: no weak references up to 3.11
  ROOT_DICT_ALONE = 1 << 3,  // since 3.11 its dict shares no keys
};

typedef struct RootLayout {
  const char *name;
  uint16_t bytes[VERSIONS];  // with `__slots__ = ()`, empty
  uint8_t flags;
} RootLayout;

static const RootLayout ROOTS[ROOT_COUNT] = {
    [ROOT_OBJECT] = {"builtins.object", {32, 32, 32, 32, 32}, 0},
    [ROOT_EXCEPTION] = {"builtins.BaseException",
                        {80, 80, 88, 88, 88},
                        ROOT_HAS_DICT | ROOT_DICT_ALONE},
    [ROOT_TUPLE] = {"builtins.tuple", {48, 48, 48, 48, 48}, ROOT_VARIES},
    [ROOT_INT] = {"builtins.int", {48, 48, 48, 48, 48}, ROOT_VARIES},
    [ROOT_STR] = {"builtins.str", {96, 96, 96, 80, 80}, 0},
    [ROOT_BYTES] = {"builtins.bytes", {56, 56, 56, 56, 56}, ROOT_VARIES},
    [ROOT_FLOAT] = {"builtins.float", {40, 40, 40, 40, 40}, 0},
    [ROOT_COMPLEX] = {"builtins.complex", {48, 48, 48, 48, 48}, 0},
    [ROOT_LIST] = {"builtins.list", {56, 56, 56, 56, 56}, 0},
    [ROOT_DICT] = {"builtins.dict", {232, 64, 64, 64, 64}, 0},
    [ROOT_DEFAULTDICT] = {"collections.defaultdict", {240, 72, 72, 72, 72}, 0},
    [ROOT_SET] = {"builtins.set", {216, 216, 216, 216, 216}, ROOT_HAS_WEAKREF},
    [ROOT_BYTEARRAY] = {"builtins.bytearray", {72, 72, 72, 72, 72}, 0},
};

static uint32_t divide_up(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

// How many entries a dict that grew to n has room for: two thirds of a power of two.
static uint32_t dict_room(uint32_t n, uint32_t *table) {
  uint32_t size = 8;
  while (size * 2 / 3 < n && size < UINT32_MAX / 4) size *= 2;
  *table = size;
  return size * 2 / 3;
}

// A dict with keys of its own, without the dict object: 3.11 and later.
static uint32_t own_keys_bytes(uint32_t n) {
  enum { ENTRY = 16 };
  uint32_t table, room = dict_room(n, &table);
  uint32_t index = table < 256 ? table : table < 65536 ? 2 * table : 4 * table;
  return KEYS_OBJECT + index + ENTRY * room;
}

// Since 3.11 a dict that outgrows the shared keys starts with room for three times as many.
static uint32_t dict_bytes(uint8_t minor, uint32_t n, bool is_alone) {
  uint32_t table;
  if (n == 0) return 0;
  if (minor <= 10) return DICT_OBJECT + POINTER * dict_room(n, &table);
  if (is_alone) return DICT_OBJECT + own_keys_bytes(n);
  if (n <= SHARED_KEYS) {
    return DICT_OBJECT + POINTER * SHARED_KEYS + (minor >= 13 ? 40u : 32u);
  }
  return DICT_OBJECT + own_keys_bytes(n < 85 ? 85 : n);
}

// The values inside of the object since 3.11; one is to spare.
static uint32_t inline_bytes(uint8_t minor, uint32_t n) {
  uint32_t values = n + 1 < SHARED_KEYS - 1 ? n + 1 : SHARED_KEYS - 1;
  if (minor >= 13) return POINTER * (values + 1 + divide_up(values, 8));
  return POINTER * (values + divide_up(values + 2, 8));
}

static uint32_t values_bytes(uint8_t minor, Layout layout) {
  uint32_t n = layout.attributes;
  bool is_inline = layout.root == ROOT_OBJECT && layout.has_dict && minor >= 11 &&
                   (minor <= 12 || layout.slots == 0);
  uint8_t flags = ROOTS[layout.root].flags;
  bool is_alone =
      (flags & ROOT_DICT_ALONE) != 0 || ((flags & ROOT_VARIES) != 0 && minor == 11);
  if (!is_inline) {
    return dict_bytes(minor, n == 0 && layout.dict_is_read ? 1 : n, is_alone);
  }
  if (n < LAYOUT_CLIFF) {
    return inline_bytes(minor, n) + (layout.dict_is_read ? DICT_OBJECT : 0u);
  }
  uint32_t left_behind = minor >= 13 ? inline_bytes(minor, n) : 0;
  return left_behind + dict_bytes(minor, n > SHARED_KEYS ? n : SHARED_KEYS + 1, false);
}

// Pointers to a dict and to weak references that the root does not have itself.
static uint32_t pointers_bytes(uint8_t minor, Layout layout) {
  uint8_t flags = ROOTS[layout.root].flags;
  bool varies = (flags & ROOT_VARIES) != 0;
  bool needs_dict = layout.has_dict && (flags & ROOT_HAS_DICT) == 0;
  bool needs_weakref = layout.has_weakref && (flags & ROOT_HAS_WEAKREF) == 0;
  if (minor >= 12) return needs_dict || needs_weakref ? PRE_HEADER : 0;
  uint32_t bytes = needs_weakref && !varies ? POINTER : 0;
  if (needs_dict) bytes += minor == 11 && !varies ? PRE_HEADER : POINTER;
  return bytes;
}

LayoutRoot layout_root(Str name) {
  for (LayoutRoot i = ROOT_OBJECT; i < ROOT_COUNT; i++) {
    if (str_is(name, ROOTS[i].name)) return i;
  }
  return str_is(name, "builtins.frozenset") ? ROOT_SET : ROOT_OBJECT;
}

bool layout_takes_slots(LayoutRoot root) {
  return (ROOTS[root].flags & ROOT_VARIES) == 0;
}

uint32_t instance_bytes(uint8_t minor, Layout layout) {
  if (minor < LAYOUT_OLDEST) minor = LAYOUT_OLDEST;
  if (minor > LAYOUT_NEWEST) minor = LAYOUT_NEWEST;
  return ROOTS[layout.root].bytes[minor - LAYOUT_OLDEST] + POINTER * layout.slots +
         pointers_bytes(minor, layout) + values_bytes(minor, layout);
}

uint32_t display_bytes(uint8_t minor, uint32_t keys) {
  enum { OLD_KEYS_OBJECT = 40, OLD_ENTRY = 24 };
  uint32_t table, room = dict_room(keys, &table);
  if (keys == 0) return DICT_OBJECT;
  if (minor >= 11) return DICT_OBJECT + own_keys_bytes(keys);
  uint32_t index = table < 256 ? table : table < 65536 ? 2 * table : 4 * table;
  return DICT_OBJECT + OLD_KEYS_OBJECT + index + OLD_ENTRY * room;
}
