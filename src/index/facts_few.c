// Keys of which a program has few, as their names say: classes, modules, languages,
// devices, versions. In a handler they may come from outside all the same.

#include "index/facts_internal.h"
#include "semantic/calls.h"

enum { PARTS_MAX = 8, WORD_MAX = 48 };

// Also at the end of a longer name: `rdclass`, `python_version`.
static const char *const ENDINGS[] = {
    "backend",  "category", "charset",  "class",     "codec",   "currency", "dialect",
    "dtype",    "driver",   "encoding", "family",    "feature", "freq",     "kind",
    "language", "locale",   "metric",   "module",    "opcode",  "package",  "platform",
    "plugin",   "protocol", "scheme",   "transport", "type",    "version",  NULL};
// As the whole name, `_` in front left out.
static const char *const WHOLE[] = {
    "alias",      "class_id",  "clsname", "cls",         "device", "fd",
    "handler_id", "klass",     "lang",    "level",       "mod",    "modname",
    "op",         "plugin_id", "handler", "integration", NULL};
// Methods that give another spelling of a text.
static const char *const SAME[] = {"casefold", "lower", "replace",
                                   "strip",    "upper", NULL};
// Behind one of these: `language_code`, `familyName`, `backend_str`.
static const char *const TAILS[] = {"name", "code", "num", "str", "string", NULL};

bool name_says_few(Str name) {
  char lower[WORD_MAX];
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  Str word = str_lower(name, lower, sizeof lower);
  if (str_is_any(word, WHOLE) || str_ends_any(word, ENDINGS)) return true;
  for (const char *const *tail = TAILS; *tail != NULL; tail++) {
    if (!str_ends(word, str_from(*tail))) continue;
    Str rest = str_slice(word, 0, word.n - (uint32_t)strlen(*tail));
    while (rest.n > 0 && rest.p[rest.n - 1] == '_')
      rest = str_slice(rest, 0, rest.n - 1);
    if (str_is_any(rest, WHOLE) || str_ends_any(rest, ENDINGS)) return true;
  }
  return false;
}

// One part of a key.
static bool is_few(FactsBuilder *b, NodeId key) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, key);
  for (uint32_t i = 0; i < PARTS_MAX; i++) {
    switch (node_kind(t, n)) {
      case PY_TRUE:
      case PY_FALSE:
      case PY_NONE: return true;
      case PY_STRING: {
        Str text;
        return constant_str(b->m, n, &text);
      }
      case PY_IDENTIFIER: return name_says_few(node_text(t, n));
      case PY_ATTRIBUTE:
        return name_says_few(node_text(t, node_field(t, n, FIELD_ATTRIBUTE)));
      case PY_CALL: {
        // `encoding.lower()`, `id(cls)`, `sock.fileno()`
        NodeId function = node_unwrap(t, node_field(t, n, FIELD_FUNCTION));
        NodeId list = node_field(t, n, FIELD_ARGUMENTS);
        if (node_is(t, function, PY_ATTRIBUTE)) {
          Str method = node_text(t, node_field(t, function, FIELD_ATTRIBUTE));
          if (str_is(method, "fileno")) return true;
          if (!str_is_any(method, SAME)) return false;
          n = node_unwrap(t, node_field(t, function, FIELD_OBJECT));
        } else {
          bool is_plain =
              node_text_is(t, function, "id") || node_text_is(t, function, "str");
          if (!is_plain) return false;
          n = node_unwrap(t, node_first_named(t, list));
        }
        break;
      }
      default: return false;
    }
  }
  return false;
}

bool key_says_few(FactsBuilder *b, NodeId key) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, key);
  bool is_row = node_is(t, n, PY_TUPLE) || node_is(t, n, PY_EXPRESSION_LIST);
  if (!is_row) {
    // `x[a, b]` has them one by one.
    for (uint32_t i = 0; i < PARTS_MAX && node_ok(key); i++) {
      if (!is_few(b, key)) return false;
      key = node_next_same_field(t, key);
    }
    return !node_ok(key);
  }
  uint32_t count = 0;
  for (NodeId part = node_first_named(t, n); node_ok(part);
       part = node_next_named(t, part), count++) {
    if (count == PARTS_MAX || !is_few(b, part)) return false;
  }
  return count > 0;
}

// What extends the program is put in while it is set up, one call for each extension:
// `_reload_hooks.append(function)`.
bool is_extension(FactsBuilder *b, FactText owner, NodeId value) {
  static const char *const names[] = {"backends", "checks", "converters", "extensions",
                                      "handlers", "hooks",  "plugins",    "observers",
                                      "owners",   "rules",  NULL};
  NodeId root = node_unwrap(b->t, value);
  if (node_is(b->t, root, PY_ATTRIBUTE))
    root = node_unwrap(b->t, node_field(b->t, root, FIELD_OBJECT));
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, root)));
  if (!node_is(b->t, root, PY_IDENTIFIER) || d->kind != DEF_PARAMETER) return false;
  char lower[WORD_MAX];
  Str name = name_last_part(sym_str(&b->texts, (Sym){owner.i}));
  return str_ends_any(str_lower(name, lower, sizeof lower), names);
}
