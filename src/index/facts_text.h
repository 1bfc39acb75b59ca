/* Texts of a Facts: identifiers, in half bytes. The twelve characters that they have most
 * of take one half byte, everything else two, frequent runs included; a byte that is none
 * of these takes four. Two thirds of the bytes are left: 5.4 bits a character, measured
 * over eighteen packages.
 */
#ifndef INDEX_FACTS_TEXT_H
#define INDEX_FACTS_TEXT_H

#include "base/str.h"

void text_pack(Buf *out, Str text);
// Takes a text of `n` bytes out of what `text_pack` made, into `out`.
void text_unpack(const uint8_t *packed, size_t n, char *out);

#endif
