#include "index/layout.h"

static uint32_t divide_up(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

// How many entries the dict of n attributes has room for, up to 3.10.
static uint32_t dict_room(uint32_t n) {
  static const uint32_t rooms[] = {5, 10, 21, 42, 85};
  for (uint32_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
    if (n <= rooms[i]) return rooms[i];
  }
  return rooms[4];
}

uint32_t plain_instance_bytes(uint8_t minor, uint32_t n) {
  if (minor <= 10) return n == 0 ? 48 : 112 + 8 * dict_room(n);
  if (n >= LAYOUT_CLIFF) return minor == 11 ? 1640 : minor == 12 ? 1632 : 1904;
  uint32_t values = n + 1 < 29 ? n + 1 : 29;  // one spare
  if (minor >= 13) return 48 + 8 * (values + 1) + 8 * divide_up(values, 8);
  return (minor == 11 ? 56 : 48) + 8 * values + 8 * divide_up(values + 2, 8);
}

uint32_t slots_bytes(uint32_t n) { return 32 + 8 * n; }

uint32_t weakref_slot_bytes(uint8_t minor) { return minor <= 11 ? 8 : 16; }

uint32_t inherited_dict_bytes(uint8_t minor) {
  return minor == 11 ? 40 : minor == 12 ? 32 : 16;
}
