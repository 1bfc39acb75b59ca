#include "semantic/knowledge.h"

// The first column of every row: C has no other way to make a Str of a literal in a
// constant initialiser.
#define NAME_OF(name) \
  { name, sizeof(name) - 1 }

static const AliasFact alias_rows[] = {
#define ROW(name, canonical) {NAME_OF(name), canonical},
#include "semantic/knowledge/aliases.def"
#undef ROW
};

static const OpenFact open_rows[] = {
#define ROW(name, mode, position, keyword, preset, path, path_keyword, why, flags) \
  {NAME_OF(name), OPEN_##mode,  position,  keyword, preset, \
   path,          path_keyword, WHY_##why, flags},
#include "semantic/knowledge/opens.def"
#undef ROW
};

#define ROW(name, kind, element, size, source, why, flags, limit, keyword) \
  {NAME_OF(name), VALUE_##kind, VALUE_##element, RESULT_##size, source, \
   WHY_##why,     flags,        limit,           keyword},
static const ResultFact return_rows[] = {
#include "semantic/knowledge/returns.def"
};
static const ResultFact method_rows[] = {
#include "semantic/knowledge/methods.def"
};
static const ResultFact attribute_rows[] = {
#include "semantic/knowledge/attributes.def"
};
#undef ROW

static const TypeFact type_rows[] = {
#define ROW(name, kind, element, scalar, why, flags) \
  {NAME_OF(name), VALUE_##kind, element, scalar, WHY_##why, flags},
#include "semantic/knowledge/types.def"
#undef ROW
};

static const SinkFact sink_rows[] = {
#define ROW(name, kind, position, keyword, floor, flags) \
  {NAME_OF(name), SINK_##kind, position, keyword, floor, flags},
#include "semantic/knowledge/sinks.def"
#undef ROW
};

static const StartFact start_rows[] = {
#define ROW(name, kind) {NAME_OF(name), START_##kind},
#include "semantic/knowledge/starts.def"
#undef ROW
};

static const ActFact act_rows[] = {
#define ROW(name) {NAME_OF(name)},
#include "semantic/knowledge/acts.def"
#undef ROW
};

static const PureFact pure_rows[] = {
#define ROW(name, may_raise) {NAME_OF(name), may_raise},
#include "semantic/knowledge/pure.def"
#undef ROW
};

static const HandlerFact handler_rows[] = {
#define ROW(name, form, kind) {NAME_OF(name), HANDLER_##form, HANDLER_##kind},
#include "semantic/knowledge/handlers.def"
#undef ROW
};

static const CacheFact cache_rows[] = {
#define ROW(name, preset, position, keyword, flags) \
  {NAME_OF(name), preset, position, keyword, flags},
#include "semantic/knowledge/caches.def"
#undef ROW
};

static const BaseFact base_rows[] = {
#define ROW(name, slots, flags) {NAME_OF(name), SLOTS_##slots, flags},
#include "semantic/knowledge/bases.def"
#undef ROW
};

static const SmallFact small_rows[] = {
#define ROW(name, form) {NAME_OF(name), SMALL_##form},
#include "semantic/knowledge/small.def"
#undef ROW
};

static const MutatorFact mutator_rows[] = {
#define ROW(name, effect) {NAME_OF(name), effect},
#include "semantic/knowledge/mutators.def"
#undef ROW
};

static const ExceptionFact exception_rows[] = {
#define ROW(name, base) {NAME_OF(name), base},
#include "semantic/knowledge/exceptions.def"
#undef ROW
};

static const WorkerFact worker_rows[] = {
#define ROW(name, form) {NAME_OF(name), WORKER_##form},
#include "semantic/knowledge/workers.def"
#undef ROW
};

static const CodecFact codec_rows[] = {
#define ROW(name, form, stream, suffix, mode) \
  {NAME_OF(name), CODEC_##form, stream, suffix, OPEN_##mode},
#include "semantic/knowledge/codecs.def"
#undef ROW
};

static const CopyFact copy_rows[] = {
#define ROW(name, kind, flags) {NAME_OF(name), VALUE_##kind, flags},
#include "semantic/knowledge/copies.def"
#undef ROW
};

static const BufferFact buffer_rows[] = {
#define ROW(name, position) {NAME_OF(name), position},
#include "semantic/knowledge/buffers.def"
#undef ROW
};

static const ViewFact view_rows[] = {
#define ROW(name, position, keyword, flags) {NAME_OF(name), position, keyword, flags},
#include "semantic/knowledge/views.def"
#undef ROW
};

static const WeakFact weak_rows[] = {
#define ROW(name, position, keyword, weak_position, flags) \
  {NAME_OF(name), position, keyword, weak_position, flags},
#include "semantic/knowledge/weak.def"
#undef ROW
};

static const MakerFact maker_rows[] = {
#define ROW(name, form, bytes, least) {NAME_OF(name), MAKER_##form, bytes, least},
#include "semantic/knowledge/makers.def"
#undef ROW
};

static const HoldFact hold_rows[] = {
#define ROW(name, first, count, flags) {NAME_OF(name), first, count, flags},
#include "semantic/knowledge/holds.def"
#undef ROW
};

static const CallbackFact callback_rows[] = {
#define ROW(name, form, position, keyword, flags) \
  {NAME_OF(name), CALLBACK_##form, position, keyword, flags},
#include "semantic/knowledge/callbacks.def"
#undef ROW
};

static const RegisterFact register_rows[] = {
#define ROW(name, kind, position, keyword, group, flags) \
  {NAME_OF(name), REGISTER_##kind, position, keyword, group, flags},
#include "semantic/knowledge/registers.def"
#undef ROW
};

static const ShareFact share_rows[] = {
#define ROW(name) {NAME_OF(name)},
#include "semantic/knowledge/shares.def"
#undef ROW
};

static const ReleaseFact release_rows[] = {
#define ROW(name, flags) {NAME_OF(name), flags},
#include "semantic/knowledge/releases.def"
#undef ROW
};

static const OutcomeFact outcome_rows[] = {
#define ROW(name, outcome) {NAME_OF(name), OUTCOME_##outcome},
#include "semantic/knowledge/outcomes.def"
#undef ROW
};

static const QueueFact queue_rows[] = {
#define ROW(name, position, keyword) {NAME_OF(name), position, keyword},
#include "semantic/knowledge/queues.def"
#undef ROW
};

static const HeavyKeyFact heavy_keys_rows[] = {
#define ROW(name, why) {NAME_OF(name), HEAVY_KEY_##why},
#include "semantic/knowledge/heavy_keys.def"
#undef ROW
};

static const WriteFact write_rows[] = {
#define ROW(name) {NAME_OF(name)},
#include "semantic/knowledge/writes.def"
#undef ROW
};

static const ParserFact parser_rows[] = {
#define ROW(name, position, keyword, flags) {NAME_OF(name), position, keyword, flags},
#include "semantic/knowledge/parsers.def"
#undef ROW
};

static const HeavyFact heavy_rows[] = {
#define ROW(name, kind, source, why, lazy) \
  {NAME_OF(name), HEAVY_##kind, source, WHY_##why, lazy},
#include "semantic/knowledge/heavy.def"
#undef ROW
};

static const ApartFact apart_rows[] = {
#define ROW(name, form) {NAME_OF(name), APART_##form},
#include "semantic/knowledge/apart.def"
#undef ROW
};

// The last bit is free for those who keep such words.
// The subjects from bases on are asked by whole names only, and are no bits of a word.
enum { SUBJECT_BITS = SUBJECT_BASES };
_Static_assert((int)SUBJECT_BITS < 32, "the subjects of a member are bits of one word");

#define TABLE(rows) \
  { rows, sizeof(rows) / sizeof(rows)[0], sizeof(rows)[0] }

static const Knowledge builtin_knowledge = {
    .tables = {
        [SUBJECT_ALIASES] = TABLE(alias_rows),
        [SUBJECT_OPENS] = TABLE(open_rows),
        [SUBJECT_RETURNS] = TABLE(return_rows),
        [SUBJECT_METHODS] = TABLE(method_rows),
        [SUBJECT_ATTRIBUTES] = TABLE(attribute_rows),
        [SUBJECT_TYPES] = TABLE(type_rows),
        [SUBJECT_SINKS] = TABLE(sink_rows),
        [SUBJECT_STARTS] = TABLE(start_rows),
        [SUBJECT_ACTS] = TABLE(act_rows),
        [SUBJECT_PURE] = TABLE(pure_rows),
        [SUBJECT_HANDLERS] = TABLE(handler_rows),
        [SUBJECT_CACHES] = TABLE(cache_rows),
        [SUBJECT_BASES] = TABLE(base_rows),
        [SUBJECT_SMALL] = TABLE(small_rows),
        [SUBJECT_MUTATORS] = TABLE(mutator_rows),
        [SUBJECT_EXCEPTIONS] = TABLE(exception_rows),
        [SUBJECT_WORKERS] = TABLE(worker_rows),
        [SUBJECT_CODECS] = TABLE(codec_rows),
        [SUBJECT_WRITES] = TABLE(write_rows),
        [SUBJECT_OUTCOMES] = TABLE(outcome_rows),
        [SUBJECT_QUEUES] = TABLE(queue_rows),
        [SUBJECT_COPIES] = TABLE(copy_rows),
        [SUBJECT_BUFFERS] = TABLE(buffer_rows),
        [SUBJECT_VIEWS] = TABLE(view_rows),
        [SUBJECT_WEAK] = TABLE(weak_rows),
        [SUBJECT_MAKERS] = TABLE(maker_rows),
        [SUBJECT_HOLDS] = TABLE(hold_rows),
        [SUBJECT_CALLBACKS] = TABLE(callback_rows),
        [SUBJECT_REGISTERS] = TABLE(register_rows),
        [SUBJECT_SHARES] = TABLE(share_rows),
        [SUBJECT_PARSERS] = TABLE(parser_rows),
        [SUBJECT_RELEASES] = TABLE(release_rows),
        [SUBJECT_HEAVY_KEYS] = TABLE(heavy_keys_rows),
        [SUBJECT_HEAVY] = TABLE(heavy_rows),
        [SUBJECT_APART] = TABLE(apart_rows),
    }};

const Knowledge *knowledge_builtin(void) { return &builtin_knowledge; }

const char *subject_name(Subject subject) {
  static const char *const names[] = {
#define SUBJECT_TEXT(id, subject, Row) #subject,
      KNOWLEDGE_SUBJECTS(SUBJECT_TEXT)
#undef SUBJECT_TEXT
  };
  return names[subject];
}

const char *value_kind_name(ValueKind kind) {
  static const char *const names[] = {
#define VALUE_KIND_TEXT(id, text) text,
      VALUE_KINDS(VALUE_KIND_TEXT)
#undef VALUE_KIND_TEXT
  };
  return names[kind];
}

const char *size_why_text(SizeWhy why) {
  static const char *const texts[] = {
#define SIZE_WHY_TEXT(id, text) text,
      SIZE_WHYS(SIZE_WHY_TEXT)
#undef SIZE_WHY_TEXT
  };
  return texts[why];
}

const char *heavy_key_why_text(HeavyKeyWhy why) {
  static const char *const texts[] = {
#define HEAVY_KEY_WHY_TEXT(id, text) text,
      HEAVY_KEY_WHYS(HEAVY_KEY_WHY_TEXT)
#undef HEAVY_KEY_WHY_TEXT
  };
  return texts[why];
}

static Str row_name(KnowledgeTable table, uint32_t index) {
  return *(const Str *)((const char *)table.rows + (size_t)index * table.row_size);
}

// The index of the first row whose name is not below `name`.
static uint32_t table_lower_bound(KnowledgeTable table, Str name) {
  uint32_t low = 0, high = table.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (str_cmp(row_name(table, middle), name) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static const void *table_row(KnowledgeTable table, uint32_t index) {
  return (const char *)table.rows + (size_t)index * table.row_size;
}

static const void *table_find(KnowledgeTable table, Str name) {
  uint32_t at = table_lower_bound(table, name);
  bool is_there = at < table.count && str_eq(row_name(table, at), name);
  return is_there ? table_row(table, at) : NULL;
}

// --- the index -----------------------------------------------------------------------

static uint64_t row_key(Subject subject, Str name) {
  return (hash_name(name) ^ (uint64_t)(subject + 1) << 32) | 1;
}

static uint64_t member_key(Str member) { return hash_name(member) | 1; }

static void subject_add(Map *subjects, Str name, Subject subject) {
  uint64_t key = member_key(name);
  if ((uint32_t)subject >= (uint32_t)SUBJECT_BITS) return;
  map_put(subjects, key, map_get(subjects, key) | UINT32_C(1) << subject);
}

// "read" for ".file.read" and ".read"; empty for a qualified name.
static Str row_member(Str name) {
  return name.n > 0 && name.p[0] == '.' ? str_after_last(name, '.') : STR_NONE;
}

static Str name_first_part(Str name) {
  return str_slice(name, 0, str_find_byte(name, '.', 0));
}

const Knowledge *knowledge_indexed_in(Arena *arena, const Knowledge *rows) {
  Knowledge *self = arena_new(arena, Knowledge);
  *self = *rows;
  self->is_indexed = true;
  self->rows = map_in(arena);
  self->names = map_in(arena);
  self->members = map_in(arena);
  for (uint32_t s = 0; s < SUBJECT_COUNT; s++) {
    for (uint32_t i = 0; i < self->tables[s].count; i++) {
      Str name = row_name(self->tables[s], i), member = row_member(name);
      map_put(&self->rows, row_key((Subject)s, name), i + 1);
      if (s == SUBJECT_ALIASES) member = name_first_part(name);
      subject_add(&self->names, name, (Subject)s);
      if (member.n != 0) subject_add(&self->members, member, (Subject)s);
    }
  }
  return self;
}

// Where two names had one hash, the tables themselves decide.
static const void *row_find(const Knowledge *k, Subject subject, Str name) {
  KnowledgeTable table = k->tables[subject];
  if (name.n == 0) return NULL;
  if (!k->is_indexed) return table_find(table, name);
  uint32_t at = map_get(&k->rows, row_key(subject, name));
  if (at == 0) return NULL;
  bool is_it = at <= table.count && str_eq(row_name(table, at - 1), name);
  return is_it ? table_row(table, at - 1) : table_find(table, name);
}

// --- questions -----------------------------------------------------------------------

#define KNOWLEDGE_FIND(id, subject, Row) \
  const Row *knowledge_##subject(const Knowledge *k, Str name) { \
    return (const Row *)row_find(k, SUBJECT_##id, name); \
  }
KNOWLEDGE_SUBJECTS(KNOWLEDGE_FIND)
#undef KNOWLEDGE_FIND

const void *knowledge_row(const Knowledge *k, Subject subject, Str name) {
  return row_find(k, subject, name);
}

bool knowledge_has_member(const Knowledge *k, Subject subject, Str member) {
  if (!k->is_indexed) return member.n > 0;
  uint32_t subjects = map_get(&k->members, member_key(member));
  return (subjects & UINT32_C(1) << subject) != 0;
}

uint32_t knowledge_subjects(const Knowledge *k, Str name, Str member) {
  if (!k->is_indexed) return UINT32_MAX;
  uint32_t subjects = name.n != 0 ? map_get(&k->names, member_key(name)) : 0;
  return member.n != 0 ? subjects | map_get(&k->members, member_key(member)) : subjects;
}

const void *knowledge_member(const Knowledge *k, Subject subject, ValueKind kind,
                             Str member) {
  char key[96];
  if (!knowledge_has_member(k, subject, member)) return NULL;
  const char *owner = value_kind_name(kind);
  size_t owner_length = strlen(owner);
  if (owner_length + member.n + 2 > sizeof key) return NULL;
  key[0] = '.';
  memcpy(key + 1, owner, owner_length);
  key[owner_length + 1] = '.';
  memcpy(key + owner_length + 2, member.p, member.n);
  uint32_t length = (uint32_t)(owner_length + member.n + 2);
  const void *row = NULL;
  if (kind != VALUE_UNKNOWN) {
    row = row_find(k, subject, (Str){key, length});
  }
  // ".read" is the tail of ".file.read".
  uint32_t tail = (uint32_t)owner_length + 1;
  return row != NULL ? row : row_find(k, subject, (Str){key + tail, length - tail});
}

// The prefix rows that begin a name: "typing_extensions." for "typing_extensions.List".
static const AliasFact *alias_of_prefix(const Knowledge *k, Str name) {
  for (uint32_t at = name.n; at-- > 0;) {
    if (name.p[at] != '.') continue;
    const AliasFact *alias = knowledge_aliases(k, str_slice(name, 0, at + 1));
    if (alias != NULL) return alias;
  }
  return NULL;
}

Str knowledge_canonical(const Knowledge *k, Arena *arena, Str name) {
  // The members of aliases are the modules that they begin with: few names have one.
  if (!knowledge_has_member(k, SUBJECT_ALIASES, name_first_part(name))) return name;
  const AliasFact *alias = knowledge_aliases(k, name);
  if (alias != NULL) return str_from(alias->canonical);
  alias = alias_of_prefix(k, name);
  if (alias == NULL) return name;
  Str rest = str_slice(name, alias->name.n, name.n);
  return str_printf_in(arena, "%s%.*s", alias->canonical, STR_ARGS(rest));
}

bool knowledge_path_is_small(const Knowledge *k, Str path) {
  KnowledgeTable table = k->tables[SUBJECT_SMALL];
  const SmallFact *rows = table.rows;
  Str last = str_after_last(path, '/');
  for (uint32_t i = 0; i < table.count; i++) {
    if (rows[i].form == SMALL_PREFIX && str_starts(path, rows[i].name)) return true;
    if (rows[i].form == SMALL_STEM && str_starts(last, rows[i].name)) return true;
  }
  return false;
}
