/* Parse: a whole text or all bytes that a local name holds, and what is made of them.
 *
 *     raw = f.read()                     whole_text_of(def of `raw`): made by `f.read()`
 *     rows = json.loads(raw)             parse_of(call): text `raw`
 *     rows = pd.read_csv(BytesIO(raw))   likewise, through a buffer
 *     text = raw.decode("utf-8")         likewise, of the receiver
 *
 * Only what keeps nothing of the text is a parse: the table `parsers`.
 */
#ifndef SEMANTIC_PARSE_H
#define SEMANTIC_PARSE_H

#include "semantic/calls.h"

typedef struct Parse {
  const ParserFact *fact;  // NULL: no such call
  NodeId call;
  NodeId text;  // the identifier that holds what is parsed
} Parse;

Parse parse_of(Model *m, NodeId call);
// The value of what a parser, decoder or decompressor is given, wherever that comes from: a
// text, all bytes, a file; {0} for other calls.
Value parsed_value(Model *m, NodeId call);

typedef struct WholeText {
  bool is_whole;  // false: the definition gives the name something else
  NodeId made;    // the expression that reads or unpacks it
  NodeId holder;  // a name that holds it as well, as a response does; or NO_NODE
  Value value;
} WholeText;

// What a definition gives to a local name, where that is all that a file, a response, a
// process or a decompressor gave, and no other object holds it but `holder`.
WholeText whole_text_of(Model *m, DefId def);
// The text is one value, whatever it was read from: `int(text)`, `os.path.join(root, text)`.
bool text_is_one_value(Model *m, DefId def);

#endif
