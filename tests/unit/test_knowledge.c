#include "semantic/knowledge.h"

#include "test.h"

static const Knowledge *builtin(void) { return knowledge_builtin(); }

static Str name_at(Subject subject, uint32_t index) {
  KnowledgeTable table = builtin()->tables[subject];
  return *(const Str *)((const char *)table.rows + (size_t)index * table.row_size);
}

TEST(knowledge_tables_are_sorted_without_duplicates) {
  for (uint32_t s = 0; s < SUBJECT_COUNT; s++) {
    CHECK(builtin()->tables[s].count > 10);
    for (uint32_t i = 1; i < builtin()->tables[s].count; i++) {
      Str before = name_at((Subject)s, i - 1), name = name_at((Subject)s, i);
      // Names the row that breaks the order.
      if (str_cmp(before, name) >= 0) CHECK_STR(name, subject_name((Subject)s));
    }
  }
}

TEST(knowledge_names_are_well_formed) {
  for (uint32_t s = 0; s < SUBJECT_COUNT; s++) {
    for (uint32_t i = 0; i < builtin()->tables[s].count; i++) {
      Str name = name_at((Subject)s, i);
      bool good =
          name.n > 1 && !str_contains(name, STR(" ")) && !str_contains(name, STR(".."));
      if (!good) CHECK_STR(name, subject_name((Subject)s));
    }
  }
}

static bool kind_exists(Str text) {
  for (uint32_t k = 1; k < VALUE_KIND_COUNT; k++) {
    if (str_is(text, value_kind_name((ValueKind)k))) return true;
  }
  return false;
}

TEST(knowledge_members_name_a_kind) {
  Subject subjects[] = {SUBJECT_OPENS, SUBJECT_METHODS, SUBJECT_ATTRIBUTES,
                        SUBJECT_SINKS, SUBJECT_PURE};
  for (uint32_t s = 0; s < sizeof subjects / sizeof subjects[0]; s++) {
    for (uint32_t i = 0; i < builtin()->tables[subjects[s]].count; i++) {
      Str name = name_at(subjects[s], i);
      if (name.p[0] != '.') continue;
      uint32_t dot = str_find_byte(name, '.', 1);
      if (dot == name.n) continue;
      if (!kind_exists(str_slice(name, 1, dot))) CHECK_STR(name, "a known kind");
    }
  }
}

TEST(knowledge_finds_every_row) {
  for (uint32_t i = 0; i < builtin()->tables[SUBJECT_RETURNS].count; i++) {
    Str name = name_at(SUBJECT_RETURNS, i);
    const ResultFact *fact = knowledge_returns(builtin(), name);
    CHECK(fact != NULL && str_eq(fact->name, name));
  }
}

TEST(knowledge_finds_nothing_else) {
  CHECK(knowledge_opens(builtin(), STR("")) == NULL);
  CHECK(knowledge_opens(builtin(), STR("builtins.opem")) == NULL);
  CHECK(knowledge_opens(builtin(), STR("builtins.open.x")) == NULL);
  CHECK(knowledge_opens(builtin(), STR("zzzz")) == NULL);
  CHECK(knowledge_acts(builtin(), STR("!")) == NULL);
}

TEST(knowledge_opens_says_mode_and_source) {
  const OpenFact *open = knowledge_opens(builtin(), STR("builtins.open"));
  CHECK(open != NULL);
  if (open == NULL) return;
  CHECK_INT(open->mode, OPEN_BY_B);
  CHECK_INT(open->mode_position, 1);
  CHECK_STR(open->mode_keyword, "mode");
  CHECK_INT(open->why, WHY_FILE);
  CHECK((open->flags & OPEN_CLOSES) != 0);
  open = knowledge_opens(builtin(), STR("gzip.open"));
  CHECK(open != NULL && open->mode == OPEN_BY_T);
  CHECK(open != NULL && (open->flags & OPEN_COMPRESSED) != 0);
}

TEST(knowledge_member_prefers_the_kind) {
  const ResultFact *fact =
      knowledge_member(builtin(), SUBJECT_METHODS, VALUE_DICT, STR("items"));
  CHECK(fact != NULL);
  if (fact != NULL) CHECK_STR(fact->name, ".dict.items");
  fact = knowledge_member(builtin(), SUBJECT_METHODS, VALUE_UNKNOWN, STR("items"));
  CHECK(fact != NULL);
  if (fact != NULL) CHECK_STR(fact->name, ".items");
  CHECK(knowledge_member(builtin(), SUBJECT_METHODS, VALUE_UNKNOWN, STR("read")) ==
        NULL);
  CHECK(knowledge_member(builtin(), SUBJECT_METHODS, VALUE_FILE, STR("")) == NULL);
}

TEST(knowledge_member_refuses_names_without_end) {
  char text[300];
  memset(text, 'a', sizeof text);
  Str name = {text, sizeof text};
  CHECK(knowledge_member(builtin(), SUBJECT_METHODS, VALUE_FILE, name) == NULL);
}

TEST(knowledge_canonical_names) {
  Arena arena;
  arena_init(&arena);
  const Knowledge *k = builtin();
  CHECK_STR(knowledge_canonical(k, &arena, STR("io.open")), "builtins.open");
  CHECK_STR(knowledge_canonical(k, &arena, STR("_io.open")), "builtins.open");
  CHECK_STR(knowledge_canonical(k, &arena, STR("typing_extensions.Protocol")),
            "typing.Protocol");
  CHECK_STR(knowledge_canonical(k, &arena, STR("posixpath.join")), "os.path.join");
  CHECK_STR(knowledge_canonical(k, &arena, STR("os.path.join")), "os.path.join");
  CHECK_STR(knowledge_canonical(k, &arena, STR("")), "");
  CHECK_STR(knowledge_canonical(k, &arena, STR("io.opener")), "io.opener");
  arena_release(&arena);
}

TEST(knowledge_canonical_names_are_final) {
  Arena arena;
  arena_init(&arena);
  const AliasFact *rows = builtin()->tables[SUBJECT_ALIASES].rows;
  for (uint32_t i = 0; i < builtin()->tables[SUBJECT_ALIASES].count; i++) {
    Str canonical = str_from(rows[i].canonical);
    CHECK_STR(knowledge_canonical(builtin(), &arena, canonical), canonical);
    // A prefix stands for a prefix, a name for a name.
    CHECK_INT(str_ends(rows[i].name, STR(".")), str_ends(canonical, STR(".")));
  }
  arena_release(&arena);
}

TEST(knowledge_small_paths) {
  CHECK(knowledge_path_is_small(builtin(), STR("/proc/meminfo")));
  CHECK(knowledge_path_is_small(builtin(), STR("/sys/class/net")));
  CHECK(knowledge_path_is_small(builtin(), STR("README.md")));
  CHECK(knowledge_path_is_small(builtin(), STR("pkg/VERSION")));
  CHECK(!knowledge_path_is_small(builtin(), STR("data.csv")));
  CHECK(!knowledge_path_is_small(builtin(), STR("README.d/data.csv")));
  CHECK(!knowledge_path_is_small(builtin(), STR("proc/x")));
}

TEST(knowledge_sinks_state_their_floor) {
  const SinkFact *mean = knowledge_sinks(builtin(), STR("statistics.mean"));
  CHECK(mean != NULL && mean->floor == 11 && mean->kind == SINK_STREAMING);
  const SinkFact *any = knowledge_sinks(builtin(), STR("builtins.any"));
  CHECK(any != NULL && (any->flags & SINK_SHORT_CIRCUIT) != 0);
  const SinkFact *join = knowledge_sinks(builtin(), STR(".str.join"));
  CHECK(join != NULL && join->kind == SINK_NO_GAIN);
  const SinkFact *array = knowledge_sinks(builtin(), STR("numpy.array"));
  CHECK(array != NULL && array->kind == SINK_WRONG);
}

TEST(knowledge_texts_are_complete) {
  for (uint32_t k = 0; k < VALUE_KIND_COUNT; k++) {
    CHECK(str_from(value_kind_name((ValueKind)k)).n > 0);
  }
  CHECK_STR(size_why_text(WHY_NONE), "");
  for (uint32_t w = 1; w < WHY_COUNT; w++) {
    CHECK(str_from(size_why_text((SizeWhy)w)).n > 0);
  }
  CHECK_STR(subject_name(SUBJECT_OPENS), "opens");
  CHECK_STR(subject_name(SUBJECT_MUTATORS), "mutators");
}

TEST(knowledge_index_finds_every_row) {
  Arena arena;
  arena_init(&arena);
  const Knowledge *k = knowledge_indexed_in(&arena, builtin());
  for (uint32_t s = 0; s < SUBJECT_COUNT; s++) {
    for (uint32_t i = 0; i < k->tables[s].count; i++) {
      Str name = name_at((Subject)s, i);
      for (uint32_t other = 0; other < SUBJECT_COUNT; other++) {
        CHECK(knowledge_row(k, (Subject)other, name) ==
              knowledge_row(builtin(), (Subject)other, name));
      }
      CHECK(knowledge_row(k, (Subject)s, str_slice(name, 0, name.n - 1)) ==
            knowledge_row(builtin(), (Subject)s, str_slice(name, 0, name.n - 1)));
    }
    CHECK(knowledge_row(k, (Subject)s, STR_NONE) == NULL);
  }
  arena_release(&arena);
}

TEST(knowledge_index_finds_members_of_every_kind) {
  Arena arena;
  arena_init(&arena);
  const Knowledge *k = knowledge_indexed_in(&arena, builtin());
  uint32_t found = 0;
  for (uint32_t i = 0; i < k->tables[SUBJECT_METHODS].count; i++) {
    Str member = str_after_last(name_at(SUBJECT_METHODS, i), '.');
    CHECK(knowledge_has_member(k, SUBJECT_METHODS, member));
    for (uint32_t kind = 0; kind < VALUE_KIND_COUNT; kind++) {
      const void *row = knowledge_member(k, SUBJECT_MUTATORS, (ValueKind)kind, member);
      CHECK(row ==
            knowledge_member(builtin(), SUBJECT_MUTATORS, (ValueKind)kind, member));
      found += row != NULL;
    }
  }
  CHECK(found > 0);
  CHECK(!knowledge_has_member(k, SUBJECT_METHODS, STR("no_such_method")));
  CHECK(!knowledge_has_member(k, SUBJECT_CACHES, STR("readlines")));
  CHECK(!knowledge_has_member(k, SUBJECT_METHODS, STR_NONE));
  arena_release(&arena);
}

TEST(knowledge_index_tells_which_tables_to_ask) {
  Arena arena;
  arena_init(&arena);
  const Knowledge *indexed = knowledge_indexed_in(&arena, builtin());
  for (uint32_t s = 0; s < SUBJECT_COUNT; s++) {
    bool is_told = s < SUBJECT_BASES;  // the others are asked by whole name alone
    for (uint32_t i = 0; i < builtin()->tables[s].count; i++) {
      Str name = name_at((Subject)s, i);
      Str member = name.p[0] == '.' ? str_after_last(name, '.') : STR_NONE;
      if (!is_told) CHECK_INT(member.n, 0);
      if (!is_told) continue;
      if (member.n != 0) CHECK(knowledge_has_member(indexed, (Subject)s, member));
      uint32_t by_name = knowledge_subjects(indexed, name, STR_NONE);
      uint32_t by_member = knowledge_subjects(indexed, STR_NONE, member);
      if ((by_name >> s & 1) == 0) CHECK_STR(name, "asked by name");
      if (member.n != 0 && (by_member >> s & 1) == 0)
        CHECK_STR(name, "asked by member");
    }
  }
  CHECK_INT(knowledge_subjects(indexed, STR("no.such.name"), STR("no_such_member")), 0);
  arena_release(&arena);
}

TEST(knowledge_index_knows_the_same_canonical_names) {
  Arena arena;
  arena_init(&arena);
  const Knowledge *indexed = knowledge_indexed_in(&arena, builtin());
  for (uint32_t i = 0; i < builtin()->tables[SUBJECT_ALIASES].count; i++) {
    Str name = name_at(SUBJECT_ALIASES, i);
    if (str_ends(name, STR("."))) name = str_join_in(&arena, name, "", STR("C.m"));
    Str plain = knowledge_canonical(builtin(), &arena, name);
    Str quick = knowledge_canonical(indexed, &arena, name);
    CHECK(!str_eq(quick, name));
    CHECK(str_eq(plain, quick));
  }
  arena_release(&arena);
}
