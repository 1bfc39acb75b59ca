/* Layout: bytes per instance on CPython, by version and number of attributes.
 *
 *     plain_instance_bytes(13, 5)  -> 112
 *     slots_bytes(5)               -> 72
 *
 * What tracemalloc counts for one instance: header, inline values or dict, weak reference
 * and dict pointers; the values of the attributes excluded. The formulas fit measurements
 * on 3.8 to 3.13; a proof test repeats them on the CPythons present. Versions are minor
 * numbers; newer ones than the newest measured count as that one.
 */
#ifndef INDEX_LAYOUT_H
#define INDEX_LAYOUT_H

#include <stdint.h>

enum { LAYOUT_NEWEST = 13, LAYOUT_CLIFF = 30 };

// A class without __slots__ whose instances get n attributes in __init__.
uint32_t plain_instance_bytes(uint8_t minor, uint32_t n);
// Every base is slotted or object.
uint32_t slots_bytes(uint32_t n);
// What "__weakref__" among the slots adds.
uint32_t weakref_slot_bytes(uint8_t minor);
// What an inherited, unused __dict__ adds to a slotted class.
uint32_t inherited_dict_bytes(uint8_t minor);

#endif
