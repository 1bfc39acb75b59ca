#include "report/report_internal.h"
#include "report_kit.h"

// Where a test looks: "results/0/level"; an index is one digit.
static const cJSON *find(const cJSON *from, const char *path) {
  for (const char *p = path; from != NULL && *p != '\0';) {
    size_t n = strcspn(p, "/");
    char key[64] = {0};
    memcpy(key, p, n < 63 ? n : 63);
    from = cJSON_IsArray(from) ? cJSON_GetArrayItem(from, key[0] - '0')
                               : cJSON_GetObjectItemCaseSensitive(from, key);
    p += n + (p[n] == '/');
  }
  return from;
}

static const char *text_at(const cJSON *from, const char *path) {
  const cJSON *item = find(from, path);
  return cJSON_IsString(item) ? item->valuestring : "(none)";
}

static int number_at(const cJSON *from, const char *path) {
  const cJSON *item = find(from, path);
  return cJSON_IsNumber(item) ? item->valueint : -1;
}

static int count_at(const cJSON *from, const char *path) {
  return cJSON_GetArraySize(find(from, path));
}

static cJSON *sarif_of(Kit *kit) {
  Str text = kit_text(kit, report_sarif);
  cJSON *root = cJSON_ParseWithLength(text.p, text.n);
  CHECK(root != NULL);
  return root;
}

TEST(sarif_has_a_run_when_nothing_was_found) {
  Kit *kit = kit_open();
  settings_enable(&kit->settings, KIT_CACHE, true);
  cJSON *root = sarif_of(kit);
  CHECK_STR(text_at(root, "version"), "2.1.0");
  const cJSON *run = find(root, "runs/0");
  CHECK(cJSON_IsArray(find(run, "results")));
  CHECK_INT(count_at(run, "results"), 0);
  CHECK_STR(text_at(run, "columnKind"), "utf16CodeUnits");
  CHECK_STR(text_at(run, "automationDetails/id"), "pymemlint/");
  CHECK(cJSON_IsTrue(find(run, "invocations/0/executionSuccessful")));
  CHECK(find(run, "invocations/0/toolExecutionNotifications") == NULL);
  CHECK_INT(count_at(run, "tool/driver/rules"), 2);  // the enabled ones
  CHECK_STR(text_at(run, "tool/driver/rules/1/id"), "PML501");
  cJSON_Delete(root);
  kit_close(kit);
}

TEST(sarif_describes_rules) {
  Kit *kit = kit_open();
  settings_enable(&kit->settings, KIT_CACHE, true);
  cJSON *root = sarif_of(kit);
  const cJSON *rule = find(root, "runs/0/tool/driver/rules/0");
  CHECK_STR(text_at(rule, "name"), "ReadlinesInLoop");
  CHECK_STR(text_at(rule, "shortDescription/text"),
            "A list of all lines is built to be read once.");
  CHECK_STR(text_at(rule, "fullDescription/text"),
            "The list is read once, line by line.");
  CHECK(strstr(text_at(rule, "help/markdown"), "## Why\n\nIt is \"big\".\n") != NULL);
  CHECK_STR(text_at(rule, "help/text"), text_at(rule, "help/markdown"));
  CHECK_STR(text_at(rule, "messageStrings/t0/text"),
            "'{0}' builds a list of '{1}' lines.");
  CHECK_STR(text_at(rule, "messageStrings/t1/text"), "Nothing {{to}} fill in.");
  CHECK_STR(text_at(rule, "defaultConfiguration/level"), "warning");
  CHECK_STR(text_at(rule, "properties/problem.severity"), "warning");
  CHECK_STR(text_at(rule, "properties/tags/1"), "streams");
  const cJSON *other = find(root, "runs/0/tool/driver/rules/1");
  CHECK_STR(text_at(other, "shortDescription/text"),
            "`lru_cache` on a method keeps every instance alive.");
  CHECK_STR(text_at(other, "help/text"), text_at(other, "shortDescription/text"));
  CHECK_STR(text_at(other, "defaultConfiguration/level"), "note");
  CHECK_STR(text_at(other, "properties/problem.severity"), "recommendation");
  cJSON_Delete(root);
  kit_close(kit);
}

TEST(sarif_results_hold_the_whole_story) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "./src/\xc3\xa9 #1:%.py",
                           STR("a = 1\ns = '😀' + [\n  1,\n]\nb = 2\nc = 3\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "[\n  1,\n]");
  finding->message = STR("list of `a[0](x)` is held");
  finding->args[0] = STR("a[0](x)");
  finding->args[1] = STR("all");
  finding->arg_count = 2;
  finding->cost = (Cost){8, COST_PER_ITEM};
  finding->evidence |= EVIDENCE_HOT;
  finding->scope = STR("m.f");
  kit_label(kit, finding, file, "s", "held [here]");
  kit_edit(kit, finding, file, "[\n  1,\n]", "");
  finding->fix.safety = FIX_UNSAFE;
  finding->fix.caveat = STR("it is empty");
  cJSON *root = sarif_of(kit);
  const cJSON *result = find(root, "runs/0/results/0");
  CHECK_STR(text_at(result, "ruleId"), "PML101");
  CHECK_INT(number_at(result, "ruleIndex"), 0);
  CHECK_STR(text_at(result, "level"), "warning");
  CHECK_INT(number_at(result, "rank"), 40 + 3 + 4);
  CHECK_STR(text_at(result, "message/text"),
            "List of `a[0\\](x)` is held. See [held \\[here\\]](1).");
  CHECK_STR(text_at(result, "message/id"), "t0");
  CHECK_STR(text_at(result, "message/arguments/0"), "a[0](x)");
  const cJSON *place = find(result, "locations/0/physicalLocation");
  CHECK_STR(text_at(place, "artifactLocation/uri"), "src/%C3%A9%20%231%3A%25.py");
  CHECK_STR(text_at(place, "artifactLocation/uriBaseId"), "SRCROOT");
  // The first line of the span, UTF-16 units; the context is all of it and a line more.
  CHECK_INT(number_at(place, "region/startLine"), 2);
  CHECK_INT(number_at(place, "region/startColumn"), 12);
  CHECK_INT(number_at(place, "region/endLine"), 2);
  CHECK_INT(number_at(place, "region/endColumn"), 13);
  CHECK_STR(text_at(place, "region/snippet/text"), "[");
  CHECK_INT(number_at(place, "contextRegion/startLine"), 1);
  CHECK_INT(number_at(place, "contextRegion/endLine"), 5);
  CHECK_STR(text_at(place, "contextRegion/snippet/text"),
            "a = 1\ns = '😀' + [\n  1,\n]\nb = 2");
  CHECK_INT(number_at(result, "relatedLocations/0/id"), 1);
  CHECK_STR(text_at(result, "relatedLocations/0/message/text"), "Held [here].");
  CHECK_STR(text_at(result, "fixes/0/description/text"),
            "Do it otherwise. Unsafe: it is empty.");
  const cJSON *edit = find(result, "fixes/0/artifactChanges/0/replacements/0");
  CHECK_INT(number_at(edit, "deletedRegion/endLine"), 4);
  CHECK_INT(number_at(edit, "deletedRegion/endColumn"), 2);
  CHECK(find(edit, "insertedContent") == NULL);
  CHECK_STR(text_at(result, "properties/evidence/0"), "hot");
  CHECK_INT(number_at(result, "properties/bytes"), 8);
  CHECK_STR(text_at(result, "properties/bytesPer"), "item");
  CHECK_STR(text_at(result, "properties/scope"), "m.f");
  cJSON_Delete(root);
  kit_close(kit);
}

TEST(sarif_carries_the_hash_of_the_line) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("x = 1\nx = 1\n"));
  kit_finding(kit, file, KIT_LINES, "x")->span = (Span){6, 7};
  cJSON *root = sarif_of(kit);
  CHECK_STR(
      text_at(root, "runs/0/results/0/partialFingerprints/primaryLocationLineHash"),
      "8e00d41f0ebba6bf:1");
  cJSON_Delete(root);
  kit_close(kit);
}

TEST(sarif_joins_findings_of_a_rule_on_a_line) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("a; b; c; d\ne\n"));
  kit_edit(kit, kit_finding(kit, file, KIT_LINES, "a"), file, "a", "1");
  kit_finding(kit, file, KIT_CACHE, "b");
  Finding *third = kit_finding(kit, file, KIT_LINES, "c");
  third->level = LEVEL_ERROR;
  third->message = STR("third is held");
  kit_edit(kit, third, file, "c", "3");
  kit_finding(kit, file, KIT_LINES, "d");
  kit_finding(kit, file, KIT_LINES, "e");
  cJSON *root = sarif_of(kit);
  CHECK_INT(count_at(root, "runs/0/results"), 3);
  const cJSON *joined = find(root, "runs/0/results/0");  // an error comes first
  CHECK_STR(text_at(joined, "ruleId"), "PML101");
  CHECK_STR(text_at(joined, "level"), "error");
  CHECK_STR(text_at(joined, "locations/0/physicalLocation/region/snippet/text"), "a");
  CHECK_INT(count_at(joined, "relatedLocations"), 2);
  CHECK_STR(text_at(joined, "relatedLocations/0/message/text"), "Third is held.");
  CHECK_INT(number_at(joined, "relatedLocations/1/id"), 2);
  CHECK_INT(number_at(joined, "relatedLocations/1/physicalLocation/region/startColumn"),
            10);
  CHECK_INT(count_at(joined, "fixes"), 2);
  // Without arguments for the template's placeholders there is no message id.
  CHECK(find(joined, "message/id") == NULL);
  CHECK_STR(text_at(root, "runs/0/results/1/ruleId"), "PML501");
  CHECK_STR(text_at(root, "runs/0/results/2/ruleId"), "PML101");
  CHECK(find(root, "runs/0/results/2/relatedLocations") == NULL);
  cJSON_Delete(root);
  kit_close(kit);
}

TEST(sarif_reports_faults_and_unread_files) {
  Kit *kit = kit_open();
  Str faults[] = {STR("a.py: invariant: x != 0"), STR("b.py: out of memory")};
  kit->report.faults = faults;
  kit->report.fault_count = 2;
  uint32_t file = kit_file_unreadable(kit, "/abs/\xff.py");
  Finding *finding = kit_finding(kit, file, KIT_UNREADABLE, NULL);
  finding->args[0] = STR("no such file");
  finding->arg_count = 1;
  cJSON *root = sarif_of(kit);
  const cJSON *run = find(root, "runs/0");
  CHECK(cJSON_IsFalse(find(run, "invocations/0/executionSuccessful")));
  CHECK_STR(text_at(run, "invocations/0/toolExecutionNotifications/1/message/text"),
            "b.py: out of memory.");
  CHECK_STR(text_at(run, "invocations/0/toolExecutionNotifications/1/level"), "error");
  // A rule that has fired is listed, enabled or not.
  CHECK_INT(number_at(run, "results/0/ruleIndex"), 1);
  CHECK_STR(text_at(run, "tool/driver/rules/1/id"), "PML902");
  const cJSON *place = find(run, "results/0/locations/0/physicalLocation");
  CHECK_STR(text_at(place, "artifactLocation/uri"), "file:///abs/%FF.py");
  CHECK(find(place, "artifactLocation/uriBaseId") == NULL);
  CHECK_INT(number_at(place, "region/endColumn"), 1);
  CHECK(find(run, "results/0/partialFingerprints") == NULL);
  cJSON_Delete(root);
  kit_close(kit);
}

TEST(sarif_context_is_more_than_the_region) {
  Kit *kit = kit_open();
  uint32_t one = kit_file(kit, "a.py", STR("x\n"));
  uint32_t two = kit_file(kit, "b.py", STR("x;y\n"));
  uint32_t wide = kit_file(kit, "c.py", STR("y\nx\n"));
  kit_finding(kit, one, KIT_LINES, "x");
  kit_finding(kit, two, KIT_LINES, "x");
  kit_finding(kit, wide, KIT_LINES, "x\n");
  cJSON *root = sarif_of(kit);
  const cJSON *results = find(root, "runs/0/results");
  CHECK(find(results, "0/locations/0/physicalLocation/contextRegion") == NULL);
  CHECK_STR(
      text_at(results, "1/locations/0/physicalLocation/contextRegion/snippet/text"),
      "x;y");
  const cJSON *last = find(results, "2/locations/0/physicalLocation");
  CHECK_INT(number_at(last, "region/endLine"), 2);
  CHECK_INT(number_at(last, "contextRegion/startLine"), 1);
  CHECK_INT(number_at(last, "contextRegion/endLine"), 2);
  cJSON_Delete(root);
  kit_close(kit);
}

TEST(sarif_says_when_code_scanning_will_drop_results) {
  enum { COUNT = 5001 };
  Kit *kit = kit_open();
  Buf text = buf_in(&kit->arena);
  for (uint32_t i = 0; i < COUNT; i++) buf_add(&text, STR("x\n"));
  uint32_t file = kit_file(kit, "a.py", buf_str(&text));
  Finding *findings = arena_array(&kit->arena, Finding, COUNT);
  for (uint32_t i = 0; i < COUNT; i++) {
    findings[i] = *kit_finding(kit, file, KIT_LINES, NULL);
    findings[i].span = (Span){i * 2, i * 2 + 1};
    kit->files[file].count = 0;
  }
  findings[COUNT - 1].level = LEVEL_ERROR;
  findings[COUNT - 2].cost = (Cost){1000, COST_PER_CALL};
  kit->files[file].findings = findings;
  kit->files[file].count = COUNT;
  cJSON *root = sarif_of(kit);
  const cJSON *run = find(root, "runs/0");
  CHECK_INT(count_at(run, "results"), COUNT);
  const cJSON *note = find(run, "invocations/0/toolExecutionNotifications/0");
  CHECK_STR(text_at(note, "level"), "warning");
  CHECK(strstr(text_at(note, "message/text"), "5001 results") != NULL);
  CHECK(cJSON_IsTrue(find(run, "invocations/0/executionSuccessful")));
  // The ones to keep come first: by level, by rank, then by place.
  const char *line = "locations/0/physicalLocation/region/startLine";
  CHECK_INT(number_at(find(run, "results/0"), line), COUNT);
  CHECK_INT(number_at(find(run, "results/1"), line), COUNT - 1);
  CHECK_INT(number_at(find(run, "results/2"), line), 1);
  cJSON_Delete(root);
  kit->files[file].count = COUNT - 1;
  root = sarif_of(kit);
  CHECK(find(root, "runs/0/invocations/0/toolExecutionNotifications") == NULL);
  cJSON_Delete(root);
  kit_close(kit);
}

TEST(sarif_sentences) {
  Arena arena;
  arena_init(&arena);
  CHECK_STR(sentence_in(&arena, STR("a list, whole")), "A list, whole.");
  CHECK_STR(sentence_in(&arena, STR("lru_cache is kept")), "lru_cache is kept.");
  CHECK_STR(sentence_in(&arena, STR("`x` is kept!")), "`x` is kept!");
  CHECK_STR(sentence_in(&arena, STR(" done. ")), "done.");
  CHECK_STR(sentence_in(&arena, STR("")), ".");
  arena_release(&arena);
}

// The same report twice is the same bytes.
TEST(sarif_is_deterministic) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("x = 1\n"));
  kit_finding(kit, file, KIT_LINES, "x");
  CHECK_STR(kit_text(kit, report_sarif), kit_text(kit, report_sarif));
  kit_close(kit);
}
