// What builtins and functions of the library do to instances.
#include "index/facts_internal.h"

static void attribute_call(FactsBuilder *b, NodeId call, TouchKind named) {
  NodeId object, name;
  if (call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT) return;
  Str text = STR_NONE;
  bool is_named = call_argument(b->m, call, 1, NULL, &name) == ARG_PRESENT &&
                  constant_str(b->m, name, &text);
  touch_object(b, is_named ? named : TOUCH_DYNAMIC, object, text);
  // delattr(x, "name"), setattr(x, "name", None)
  NodeId value = NO_NODE;
  bool is_cleared = named == TOUCH_WRITE &&
                    (call_argument(b->m, call, 2, NULL, &value) == ARG_ABSENT ||
                     constant_is_none(b->m, value));
  if (is_cleared) touch_add(b, TOUCH_CLEAR, class_of_object(b, object), text);
}

// `getattr(x, "__dict__")` asks for it as well.
static void getattr_call(FactsBuilder *b, NodeId call) {
  NodeId object, name;
  Str text = STR_NONE;
  bool is_dict = call_argument(b->m, call, 0, NULL, &object) == ARG_PRESENT &&
                 call_argument(b->m, call, 1, NULL, &name) == ARG_PRESENT &&
                 constant_str(b->m, name, &text) && str_is(text, "__dict__");
  if (!is_dict) return;
  touch_object(b, TOUCH_DICT, object, STR_NONE);
  exposure_collect(b, call, object);
}

static void vars_call(FactsBuilder *b, NodeId call) {
  NodeId object;
  if (call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT) return;
  touch_object(b, TOUCH_DICT, object, STR_NONE);
  exposure_collect(b, call, object);
}

static void object_call(FactsBuilder *b, NodeId call, TouchKind kind) {
  NodeId object;
  if (call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT) return;
  touch_object(b, kind, object, STR_NONE);
}

// Protocols 0 and 1 need the dict of what they pickle.
static void pickle_protocol(FactsBuilder *b, NodeId call, uint32_t position) {
  NodeId protocol, object;
  int64_t number = 0;
  if (call_argument(b->m, call, position, "protocol", &protocol) != ARG_PRESENT ||
      !constant_int(b->m, protocol, &number) || number < 0 || number > 1 ||
      call_argument(b->m, call, 0, "obj", &object) != ARG_PRESENT) {
    return;
  }
  Str owner = class_of_object(b, object);
  if (owner.n == 0) owner = value_of(b->m, object).element_class;
  touch_add(b, TOUCH_DICT, owner, STR_NONE);
}

// `getattr(x, "_name")`, `attrgetter("_name")`; names that are put together may be any.
static void read_call(FactsBuilder *b, NodeId call, uint32_t position) {
  NodeId object, name;
  Str text = STR_NONE, owner = STR_NONE;
  if (call_argument(b->m, call, position, NULL, &name) != ARG_PRESENT) return;
  if (constant_str(b->m, name, &text)) {
    bool is_private = str_starts(text, STR("_")) && !str_starts(text, STR("__"));
    if (is_private) touch_add(b, TOUCH_READ, STR_NONE, text);
    return;
  }
  if (position == 0 || call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT)
    return;
  owner = class_of_object(b, object);
  if (!is_of_library(b, owner)) touch_add(b, TOUCH_READ, owner, STR_NONE);
}

// Who writes an object out reads all of it.
static void written_out(FactsBuilder *b, NodeId call) {
  NodeId object;
  if (call_argument(b->m, call, 0, "obj", &object) != ARG_PRESENT) return;
  Str owner = class_of_object(b, object);
  if (owner.n == 0) owner = value_of(b->m, object).element_class;
  if (!is_of_library(b, owner)) touch_add(b, TOUCH_READ, owner, STR_NONE);
}

static void pickle_call(FactsBuilder *b, NodeId call, uint32_t position) {
  pickle_protocol(b, call, position);
  written_out(b, call);
}

typedef enum Special {
  SPECIAL_SETATTR,
  SPECIAL_VARS,
  SPECIAL_GETATTR,
  SPECIAL_MAP,
  SPECIAL_FACTORY,
  SPECIAL_WEAKREF,
  SPECIAL_WEAK_METHOD,
  SPECIAL_WEAK_CONTAINER,
  SPECIAL_PATCH,
  SPECIAL_PICKLE,
  SPECIAL_PICKLE_TEXT,
  SPECIAL_READ,
  SPECIAL_GETTER,
  SPECIAL_WRITTEN_OUT,
  SPECIAL_WRAPPER,
} Special;

// In byte order.
static const struct {
  const char *name;
  Special special;
} SPECIALS[] = {
    {"builtins.delattr", SPECIAL_SETATTR},
    {"builtins.getattr", SPECIAL_GETATTR},
    {"builtins.hasattr", SPECIAL_READ},
    {"builtins.map", SPECIAL_MAP},
    {"builtins.object.__setattr__", SPECIAL_SETATTR},
    {"builtins.setattr", SPECIAL_SETATTR},
    {"builtins.vars", SPECIAL_VARS},
    {"cloudpickle.dump", SPECIAL_WRITTEN_OUT},
    {"cloudpickle.dumps", SPECIAL_WRITTEN_OUT},
    {"collections.defaultdict", SPECIAL_FACTORY},
    {"dill.dump", SPECIAL_WRITTEN_OUT},
    {"dill.dumps", SPECIAL_WRITTEN_OUT},
    {"functools.update_wrapper", SPECIAL_WRAPPER},
    {"itertools.starmap", SPECIAL_MAP},
    {"joblib.dump", SPECIAL_WRITTEN_OUT},
    {"jsonpickle.encode", SPECIAL_WRITTEN_OUT},
    {"mock.patch.object", SPECIAL_PATCH},
    {"object.__setattr__", SPECIAL_SETATTR},
    {"operator.attrgetter", SPECIAL_GETTER},
    {"pickle.dump", SPECIAL_PICKLE},
    {"pickle.dumps", SPECIAL_PICKLE_TEXT},
    {"unittest.mock.patch.object", SPECIAL_PATCH},
    {"weakref.WeakKeyDictionary", SPECIAL_WEAK_CONTAINER},
    {"weakref.WeakMethod", SPECIAL_WEAK_METHOD},
    {"weakref.WeakSet", SPECIAL_WEAK_CONTAINER},
    {"weakref.WeakValueDictionary", SPECIAL_WEAK_CONTAINER},
    {"weakref.finalize", SPECIAL_WEAKREF},
    {"weakref.proxy", SPECIAL_WEAKREF},
    {"weakref.ref", SPECIAL_WEAKREF},
};

void special_collect(FactsBuilder *b, NodeId call, Str name) {
  enum { COUNT = sizeof SPECIALS / sizeof *SPECIALS };
  uint32_t i = name_row(SPECIALS, COUNT, sizeof *SPECIALS, name);
  if (i == COUNT) return;
  switch (SPECIALS[i].special) {
    case SPECIAL_SETATTR:
      attribute_call(b, call, TOUCH_WRITE);
      knot_of_setattr(b, call);
      break;
    case SPECIAL_VARS: vars_call(b, call); break;
    case SPECIAL_GETATTR:
      getattr_call(b, call);
      read_call(b, call, 1);
      break;
    case SPECIAL_MAP: mapped_collect(b, call); break;
    case SPECIAL_FACTORY: first_as_hook(b, call); break;
    case SPECIAL_WEAKREF: object_call(b, call, TOUCH_WEAKREF); break;
    case SPECIAL_WEAK_METHOD: weak_method_touch(b, call); break;
    case SPECIAL_WEAK_CONTAINER: vec_push(b->arena, &b->weak_made, call); break;
    case SPECIAL_PATCH: attribute_call(b, call, TOUCH_PATCH); break;
    case SPECIAL_PICKLE: pickle_call(b, call, 2); break;
    case SPECIAL_PICKLE_TEXT: pickle_call(b, call, 1); break;
    case SPECIAL_READ: read_call(b, call, 1); break;
    case SPECIAL_GETTER: read_call(b, call, 0); break;
    case SPECIAL_WRITTEN_OUT: written_out(b, call); break;
    case SPECIAL_WRAPPER: wrapper_touch(b, call); break;
  }
}
