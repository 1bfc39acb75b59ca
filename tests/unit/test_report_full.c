#include "report_kit.h"

TEST(full_shows_code_fix_and_place) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "pkg/a.py",
                           STR("import os\n\ndef f(p):\n    rows = list(open(p))\n"
                               "    return sum(rows)\n\n\nx = 1\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "list(open(p))");
  finding->message = STR("list of every line is built to be read once");
  kit_edit(kit, finding, file, "list(open(p))", "open(p)");
  finding->fix.title = STR("read the file itself");
  CHECK_STR(kit_text(kit, report_full),
            "PML101 [*] list of every line is built to be read once\n"
            " --> pkg/a.py:4:12\n"
            "  |\n"
            "3 | def f(p):\n"
            "4 |     rows = list(open(p))\n"
            "  |            ^^^^^^^^^^^^^\n"
            "5 |     return sum(rows)\n"
            "  |\n"
            "help: read the file itself\n"
            "  |\n"
            "3 | def f(p):\n"
            "  -     rows = list(open(p))\n"
            "4 +     rows = open(p)\n"
            "5 |     return sum(rows)\n"
            "  |\n"
            "\n");
  kit_close(kit);
}

TEST(full_ends_the_frame_below_the_last_caret) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("a = 1\nb = 2\nc = 3\nd = 4"));
  kit_finding(kit, file, KIT_CACHE, "d")->level = LEVEL_NOTE;
  CHECK_STR(kit_text(kit, report_full), "PML501 note: something is held\n"
                                        " --> a.py:4:1\n"
                                        "  |\n"
                                        "2 | b = 2\n"
                                        "3 | c = 3\n"
                                        "4 | d = 4\n"
                                        "  | ^\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_hangs_labels_of_one_line) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("rows = f(aa, bb) + cc\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "f(aa, bb)");
  finding->level = LEVEL_ERROR;
  kit_label(kit, finding, file, "rows", "held here");
  kit_label(kit, finding, file, "aa", "first");
  kit_label(kit, finding, file, "bb", "second");
  CHECK_STR(kit_text(kit, report_full), "PML101 error: something is held\n"
                                        " --> a.py:1:8\n"
                                        "  |\n"
                                        "1 | rows = f(aa, bb) + cc\n"
                                        "  | ----   ^^^^^^^^^\n"
                                        "  | |        |   |\n"
                                        "  | |        |   second\n"
                                        "  | |        first\n"
                                        "  | held here\n"
                                        "\n");
  finding->label_count = 1;
  kit_label(kit, finding, file, "cc", "the rest");
  CHECK_STR(kit_text(kit, report_full), "PML101 error: something is held\n"
                                        " --> a.py:1:8\n"
                                        "  |\n"
                                        "1 | rows = f(aa, bb) + cc\n"
                                        "  | ----   ^^^^^^^^^   -- the rest\n"
                                        "  | |\n"
                                        "  | held here\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_draws_spans_of_several_lines) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py",
                           STR("def f(rows):\n    for r in rows:\n        g(r)\n"
                               "    return [\n        r for r in rows\n    ]\n"));
  Finding *finding =
      kit_finding(kit, file, KIT_LINES, "[\n        r for r in rows\n    ]");
  kit_label(kit, finding, file, "for r in rows:\n        g(r)", "read here");
  CHECK_STR(kit_text(kit, report_full), "PML101 something is held\n"
                                        " --> a.py:4:12\n"
                                        "  |\n"
                                        "2 | /     for r in rows:\n"
                                        "3 | |         g(r)\n"
                                        "  | |____________- read here\n"
                                        "4 |       return [\n"
                                        "  |  ____________^\n"
                                        "5 | |         r for r in rows\n"
                                        "6 | |     ]\n"
                                        "  | |_____^\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_keeps_overlapping_spans_apart) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("x = f(\n  g(\n    1,\n  ),\n)\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "g(\n    1,\n  )");
  kit_label(kit, finding, file, "x = f(\n  g(\n    1,\n  ),\n)", "in this");
  CHECK_STR(kit_text(kit, report_full), "PML101 something is held\n"
                                        " --> a.py:2:3\n"
                                        "  |\n"
                                        "1 | /   x = f(\n"
                                        "2 | | /   g(\n"
                                        "3 | | |     1,\n"
                                        "4 | | |   ),\n"
                                        "  | | |___^\n"
                                        "5 | |   )\n"
                                        "  | |___- in this\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_draws_spans_that_meet_on_a_line) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("f(\n  1), g(\n  2)\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "g(\n  2)");
  kit_label(kit, finding, file, "f(\n  1)", "before");
  CHECK_STR(kit_text(kit, report_full), "PML101 something is held\n"
                                        " --> a.py:2:7\n"
                                        "  |\n"
                                        "1 | /   f(\n"
                                        "2 | |     1), g(\n"
                                        "  | |  _______^\n"
                                        "  | |_|____- before\n"
                                        "3 |   |   2)\n"
                                        "  |   |____^\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_leaves_out_the_middle_of_long_spans) {
  Kit *kit = kit_open();
  Buf text = buf_in(&kit->arena), span = buf_in(&kit->arena);
  buf_add(&span, STR("x = ["));
  for (uint32_t i = 0; i < 40; i++) buf_printf(&span, "\n  %u,", i);
  buf_add(&span, STR("\n]"));
  buf_add(&span, (Str){"", 1});
  buf_add_text(&text, span.p);
  buf_add(&text, STR("\ny = 2\n"));
  uint32_t file = kit_file(kit, "a.py", buf_str(&text));
  kit_finding(kit, file, KIT_LINES, span.p);
  CHECK_STR(kit_text(kit, report_full), "PML101 something is held\n"
                                        "  --> a.py:1:1\n"
                                        "   |\n"
                                        " 1 | / x = [\n"
                                        " 2 | |   0,\n"
                                        " 3 | |   1,\n"
                                        "...  |\n"
                                        "40 | |   38,\n"
                                        "41 | |   39,\n"
                                        "42 | | ]\n"
                                        "   | |_^\n"
                                        "43 |   y = 2\n"
                                        "   |\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_gives_far_labels_a_snippet) {
  Kit *kit = kit_open();
  Buf text = buf_in(&kit->arena);
  buf_add(&text, STR("ROWS = []\n"));
  buf_fill(&text, '\n', 20);
  buf_add(&text, STR("ROWS.append(1)\n"));
  uint32_t file = kit_file(kit, "a.py", buf_str(&text));
  uint32_t other = kit_file(kit, "b.py", STR("import a\n\na.main()\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "ROWS = []");
  kit_label(kit, finding, file, "ROWS.append(1)", "grows here");
  kit_label(kit, finding, other, "a.main()", "for ever");
  finding->labels[finding->label_count++] =
      (Label){.path = STR("not/read.py"), .span = {7, 9}, .text = STR("also here")};
  CHECK_STR(kit_text(kit, report_full), "PML101 something is held\n"
                                        "  --> a.py:1:1\n"
                                        "   |\n"
                                        " 1 | ROWS = []\n"
                                        "   | ^^^^^^^^^\n"
                                        "  ::: a.py:22:1\n"
                                        "   |\n"
                                        "22 | ROWS.append(1)\n"
                                        "   | -------------- grows here\n"
                                        "  ::: b.py:3:1\n"
                                        "   |\n"
                                        " 3 | a.main()\n"
                                        "   | -------- for ever\n"
                                        "  ::: not/read.py: also here\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_aligns_carets_by_width) {
  Kit *kit = kit_open();
  // Tab, CJK (2 columns), e with a combining acute (1), emoji (2), then the span.
  uint32_t file = kit_file(kit, "a.py", STR("\tx = '日本e\xcc\x81😀' + é日 + z\n"));
  kit_label(kit, kit_finding(kit, file, KIT_LINES, "é日"), file, "z", "z");
  CHECK_STR(kit_text(kit, report_full), "PML101 something is held\n"
                                        " --> a.py:1:16\n"
                                        "  |\n"
                                        "1 |     x = '日本e\xcc\x81😀' + é日 + z\n"
                                        "  |                     ^^^   - z\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_escapes_what_a_terminal_would_obey) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a\x1b[2J\n.py", STR("x = '\x1b[31m\u202e\x0c' + y\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "y");
  finding->message = STR("`\x1b]0;\a\u2066` is held\n\xff");
  kit_label(kit, finding, file, "x", "\x9b label");
  kit_edit(kit, finding, file, "y", "'\x07'");
  finding->fix.title = STR("\x7f title");
  CHECK_STR(kit_text(kit, report_full),
            "PML101 [*] `\\x1b]0;\\x07\\u2066` is held\\n\\xff\n"
            " --> a\\x1b[2J\\n.py:1:17\n"
            "  |\n"
            "1 | x = '\\x1b[31m\\u202e\\x0c' + y\n"
            "  | -                          ^\n"
            "  | |\n"
            "  | \\x9b label\n"
            "help: \\x7f title\n"
            "  |\n"
            "  - x = '\\x1b[31m\\u202e\\x0c' + y\n"
            "1 + x = '\\x1b[31m\\u202e\\x0c' + '\\x07'\n"
            "  |\n"
            "\n");
  kit_close(kit);
}

TEST(full_cuts_long_lines_around_the_span) {
  Kit *kit = kit_open();
  Buf text = buf_in(&kit->arena);
  buf_fill(&text, 'a', 100);
  buf_add(&text, STR(" + (held) + "));
  buf_fill(&text, 'b', 100);
  buf_add_byte(&text, '\n');
  uint32_t file = kit_file(kit, "a.py", buf_str(&text));
  kit_finding(kit, file, KIT_LINES, "held");
  kit->style.width = 60;
  CHECK_STR(kit_text(kit, report_full),
            "PML101 something is held\n"
            " --> a.py:1:105\n"
            "  |\n"
            "1 | …aaaaaaaaaaaaaa + (held) + bbbbbbbbbbbbbbbbbbbbbbbbbbbb…\n"
            "  |                    ^^^^\n"
            "\n");
  kit->style.unicode = false;
  CHECK_STR(kit_text(kit, report_full),
            "PML101 something is held\n"
            " --> a.py:1:105\n"
            "  |\n"
            "1 | ...aaaaaaaaaaaaaa + (held) + bbbbbbbbbbbbbbbbbbbbbbbb...\n"
            "  |                      ^^^^\n"
            "\n");
  kit_close(kit);
}

TEST(full_shows_distant_edits_and_caveats) {
  Kit *kit = kit_open();
  uint32_t file =
      kit_file(kit, "a.py",
               STR("\xef\xbb\xbfimport os\r\na\r\nb\r\nc\r\nd\r\ne\r\nx = [1]\r\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "[1]");
  kit_edit(kit, finding, file, "import os\r\n", "import os\nimport sys\n");
  kit_edit(kit, finding, file, "[1]", "(1)");
  finding->fix.safety = FIX_UNSAFE;
  finding->fix.caveat = STR("the type differs");
  CHECK_STR(kit_text(kit, report_full), "PML101 something is held\n"
                                        " --> a.py:7:5\n"
                                        "  |\n"
                                        "5 | d\n"
                                        "6 | e\n"
                                        "7 | x = [1]\n"
                                        "  |     ^^^\n"
                                        "help: do it otherwise\n"
                                        "  |\n"
                                        "1 | import os\n"
                                        "2 + import sys\n"
                                        "3 | a\n"
                                        "...\n"
                                        "7 | e\n"
                                        "  - x = [1]\n"
                                        "8 + x = (1)\n"
                                        "  |\n"
                                        "note: this fix is unsafe: the type differs\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_does_not_preview_half_a_fix) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("x = [1]\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "[1]");
  kit_edit(kit, finding, file, "[1]", "chain(1)");
  ImportIntent intent = {STR("itertools"), STR("chain")};
  finding->fix.imports = &intent;
  finding->fix.import_count = 1;
  const char *want = "PML101 [*] something is held\n"
                     " --> a.py:1:5\n"
                     "  |\n"
                     "1 | x = [1]\n"
                     "  |     ^^^\n"
                     "help: do it otherwise\n"
                     "\n";
  CHECK_STR(kit_text(kit, report_full), want);
  finding->fix.import_count = 0;
  kit->style.show_fixes = false;
  CHECK_STR(kit_text(kit, report_full), want);
  kit_close(kit);
}

TEST(full_names_files_without_text) {
  Kit *kit = kit_open();
  uint32_t file = kit_file_unreadable(kit, "b\xff.py");
  Finding *finding = kit_finding(kit, file, KIT_UNREADABLE, NULL);
  finding->labels[finding->label_count++] = (Label){.text = STR("here")};
  CHECK_STR(kit_text(kit, report_full), "PML902 something is held\n"
                                        " --> b\\xff.py:1:1\n"
                                        " ::: b\\xff.py: here\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_shows_places_at_both_ends_of_a_file) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("x = 1\n"));
  uint32_t empty = kit_file(kit, "b.py", STR(""));
  kit_finding(kit, file, KIT_LINES, NULL)->span = (Span){6, 6};  // behind the line end
  kit_finding(kit, file, KIT_LINES, NULL)->span = (Span){0, 6};  // with the line end
  kit_finding(kit, empty, KIT_LINES, NULL);
  CHECK_STR(kit_text(kit, report_full), "PML101 something is held\n"
                                        " --> a.py:2:1\n"
                                        "  |\n"
                                        "1 | x = 1\n"
                                        "2 |\n"
                                        "  | ^\n"
                                        "\n"
                                        "PML101 something is held\n"
                                        " --> a.py:1:1\n"
                                        "  |\n"
                                        "1 | x = 1\n"
                                        "  | ^^^^^\n"
                                        "\n"
                                        "PML101 something is held\n"
                                        " --> b.py:1:1\n"
                                        "  |\n"
                                        "1 |\n"
                                        "  | ^\n"
                                        "\n");
  kit_close(kit);
}

TEST(full_colours_only_when_told) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("x = [1]\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "[1]");
  kit_label(kit, finding, file, "x", "held");
  Str plain = kit_text(kit, report_full);
  CHECK(!str_contains(plain, STR("\x1b")));
  CHECK_STR(kit_coloured(kit, report_full),
            "\x1b[1;93mPML101\x1b[0m \x1b[1msomething is held\x1b[0m\n"
            " \x1b[1;94m-->\x1b[0m a.py:1:5\n"
            "\x1b[1;94m  |\x1b[0m\n"
            "\x1b[1;94m1 |\x1b[0m x = [1]\n"
            "\x1b[1;94m  |\x1b[0m \x1b[1;94m-\x1b[0m   \x1b[1;93m^^^\x1b[0m\n"
            "\x1b[1;94m  |\x1b[0m \x1b[1;94m|\x1b[0m\n"
            "\x1b[1;94m  |\x1b[0m \x1b[1;94mheld\x1b[0m\n"
            "\n");
  finding->level = LEVEL_ERROR;
  CHECK(str_contains(kit_coloured(kit, report_full), STR("\x1b[1;91m^^^")));
  finding->level = LEVEL_NOTE;
  CHECK(str_contains(kit_coloured(kit, report_full), STR("\x1b[1;96m^^^")));
  kit_close(kit);
}
