#include "test.h"

#include <stdio.h>

#include "index/layout.h"

typedef struct Kind {
  const char *name;
  Layout layout;
  bool in_slots;     // where the attributes are
  bool is_slotless;  // cannot have slots: only without attributes
} Kind;

// The same names as in tests/test_bytes.py.
static const Kind KINDS[] = {
    {.name = "plain", .layout = {.has_dict = true, .has_weakref = true}},
    {.name = "dataclass", .layout = {.has_dict = true, .has_weakref = true}},
    {.name = "dict-read",
     .layout = {.has_dict = true, .has_weakref = true, .dict_is_read = true}},
    {.name = "slots", .in_slots = true},
    {.name = "slots-weakref", .layout = {.has_weakref = true}, .in_slots = true},
    {.name = "slots-dict", .layout = {.has_dict = true}, .in_slots = true},
    {.name = "slots-plain-base",
     .layout = {.has_dict = true, .has_weakref = true},
     .in_slots = true},
    {.name = "slots-base-sets-one",
     .layout = {.has_dict = true, .has_weakref = true, .attributes = 1},
     .in_slots = true},
    {.name = "plain-over-one-slot",
     .layout = {.has_dict = true, .has_weakref = true, .slots = 1}},
    {.name = "exception",
     .layout = {.root = ROOT_EXCEPTION, .has_dict = true, .has_weakref = true}},
    {.name = "exception-slots",
     .layout = {.root = ROOT_EXCEPTION, .has_dict = true},
     .in_slots = true},
    {.name = "namedtuple", .layout = {.root = ROOT_TUPLE}, .in_slots = true},
    {.name = "namedtuple-subclass",
     .layout = {.root = ROOT_TUPLE, .has_dict = true, .has_weakref = true},
     .in_slots = true},
    {.name = "tuple",
     .layout = {.root = ROOT_TUPLE, .has_dict = true, .has_weakref = true}},
    {.name = "tuple-slots", .layout = {.root = ROOT_TUPLE}, .is_slotless = true},
    {.name = "int",
     .layout = {.root = ROOT_INT, .has_dict = true, .has_weakref = true}},
    {.name = "int-slots", .layout = {.root = ROOT_INT}, .is_slotless = true},
    {.name = "bytes",
     .layout = {.root = ROOT_BYTES, .has_dict = true, .has_weakref = true}},
    {.name = "bytes-slots", .layout = {.root = ROOT_BYTES}, .is_slotless = true},
    {.name = "str",
     .layout = {.root = ROOT_STR, .has_dict = true, .has_weakref = true}},
    {.name = "str-slots", .layout = {.root = ROOT_STR}, .in_slots = true},
    {.name = "float",
     .layout = {.root = ROOT_FLOAT, .has_dict = true, .has_weakref = true}},
    {.name = "float-slots", .layout = {.root = ROOT_FLOAT}, .in_slots = true},
    {.name = "complex",
     .layout = {.root = ROOT_COMPLEX, .has_dict = true, .has_weakref = true}},
    {.name = "complex-slots", .layout = {.root = ROOT_COMPLEX}, .in_slots = true},
    {.name = "list",
     .layout = {.root = ROOT_LIST, .has_dict = true, .has_weakref = true}},
    {.name = "list-slots", .layout = {.root = ROOT_LIST}, .in_slots = true},
    {.name = "dict",
     .layout = {.root = ROOT_DICT, .has_dict = true, .has_weakref = true}},
    {.name = "dict-slots", .layout = {.root = ROOT_DICT}, .in_slots = true},
    {.name = "defaultdict",
     .layout = {.root = ROOT_DEFAULTDICT, .has_dict = true, .has_weakref = true}},
    {.name = "defaultdict-slots",
     .layout = {.root = ROOT_DEFAULTDICT},
     .in_slots = true},
    {.name = "set",
     .layout = {.root = ROOT_SET, .has_dict = true, .has_weakref = true}},
    {.name = "set-slots", .layout = {.root = ROOT_SET}, .in_slots = true},
    {.name = "bytearray",
     .layout = {.root = ROOT_BYTEARRAY, .has_dict = true, .has_weakref = true}},
    {.name = "bytearray-slots", .layout = {.root = ROOT_BYTEARRAY}, .in_slots = true},
};

static const uint32_t COUNTS[] = {0, 1, 2, 3, 5, 10, 29, 30, 31, 86};

static void kind_print(const Kind *kind, uint8_t minor) {
  for (uint32_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++) {
    Layout layout = kind->layout;
    if (kind->is_slotless && COUNTS[i] != 0) break;
    if (kind->in_slots) layout.slots += COUNTS[i];
    if (!kind->in_slots) layout.attributes += COUNTS[i];
    printf("%s\t3.%u\t%u\t%u\n", kind->name, (unsigned)minor, COUNTS[i],
           instance_bytes(minor, layout));
  }
}

void test_bytes_print(void) {
  for (uint8_t minor = LAYOUT_OLDEST; minor <= LAYOUT_NEWEST; minor++) {
    for (uint32_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
      kind_print(&KINDS[i], minor);
    }
  }
}

TEST(layout_counts_versions_outside_as_the_nearest) {
  Layout plain = layout_plain(5);
  CHECK_INT(instance_bytes(8, plain), instance_bytes(LAYOUT_OLDEST, plain));
  CHECK_INT(instance_bytes(14, plain), instance_bytes(LAYOUT_NEWEST, plain));
}

TEST(layout_knows_the_cliff) {
  CHECK_INT(instance_bytes(13, layout_plain(LAYOUT_CLIFF - 1)), 320);
  CHECK_INT(instance_bytes(13, layout_plain(LAYOUT_CLIFF)), 1904);
  CHECK_INT(instance_bytes(10, layout_plain(LAYOUT_CLIFF)), 448);
}

TEST(layout_knows_dicts_of_their_own) {
  // As tracemalloc counts `{"a": x, …}`; grown by two thirds of a power of two.
  CHECK_INT(display_bytes(9, 3), 232);
  CHECK_INT(display_bytes(10, 6), 360);
  CHECK_INT(display_bytes(10, 42), 1176);
  CHECK_INT(display_bytes(11, 5), 184);
  CHECK_INT(display_bytes(12, 10), 272);
  CHECK_INT(display_bytes(13, 21), 464);
  CHECK_INT(display_bytes(13, 85), 1584);
}
