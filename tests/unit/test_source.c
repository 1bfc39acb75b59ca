#include "syntax/source.h"

#include "base/utf8.h"
#include "test.h"

#define B(literal) literal, sizeof(literal) - 1

typedef struct Case {
  const char *bytes;
  size_t n;
  const char *want;
} Case;

// What CPython 3.12 makes of each file: the value of its `x` ("" without one), or NULL
// where compile() raises. 3.9 and 3.13 agree.
static const Case COOKIES[] = {
    {B("\xef\xbb\xbf# coding: utf8\nx=1\n"), NULL},
    {B("\xef\xbb\xbf# coding: utf-8\nx=1\n"), "1"},
    {B("\xef\xbb\xbf# coding: UTF_8-sig\nx=1\n"), "1"},
    {B("\xef\xbb\xbf# coding: latin-1\nx=1\n"), NULL},
    {B("#\r# coding: latin-1\rx='\xe9'\r"), "\xc3\xa9"},
    {B("# \xe9\n# coding: latin-1\nx='\xe9'\n"), "\xc3\xa9"},
    {B("\n# coding: latin-1\nx='\xe9'\n"), "\xc3\xa9"},
    {B("\x0c # coding: latin-1\nx='\xe9'\n"), "\xc3\xa9"},
    {B("'''\n# coding: latin-1\n'''\nx='\xe9'\n"), NULL},
    {B("\\\n# coding: latin-1\nx='\xe9'\n"), NULL},
    {B("#coding:\x09l1\nx='\xe9'\n"), "\xc3\xa9"},
    {B("# encoding=coding:latin1\nx='\xe9'\n"), NULL},
    {B("# coding = latin1\nx='\xe9'\n"), NULL},
    {B("# coding:, coding: latin1\nx='\xe9'\n"), "\xc3\xa9"},
    {B("# coding: foo\n# coding: latin-1\nx='\xe9'\n"), NULL},
    {B("# coding: cp1252\nx='\x81'\n"), NULL},
    {B("# coding: cp1252\nx='\x80'\n"), "\xe2\x82\xac"},
    {B("# coding: ascii\nx='\xe9'\n"), NULL},
    {B("# coding: utf-8\nx='\xe9'\n"), NULL},
    {B(""), ""},
    {B("\xef\xbb\xbf"), ""},
    {B("# coding: Latin_1-unix\nx='\xe9'\n"), "\xc3\xa9"},
    {B("# coding: utf-8-unix\nx='\xc3\xa9'\n"), "\xc3\xa9"},
    {B("# coding: latin--1\nx='\xe9'\n"), "\xc3\xa9"},
    {B("# coding: iso.8859.1\nx='\xe9'\n"), "\xc3\xa9"},
    {B("# coding: iso-8859-1.x\nx='\xe9'\n"), NULL},
    {B("# coding: rot13\nx='e'\n"), NULL},
    {B("# coding: utf-16\nx='e'\n"), NULL},
    {B("# coding: mbcs\nx='e'\n"), NULL},
    {B("# coding: utf8-foo\nx='e'\n"), NULL},
    {B("# coding: utf-8foo\nx='e'\n"), NULL},
    {B("# coding: -latin1-\nx='\xe9'\n"), "\xc3\xa9"},
    {B("   \n\x0c\n#coding: latin1\nx='\xe9'\n"), NULL},
    {B("\r# coding: latin1\r\nx='\xe9'\n"), "\xc3\xa9"},
    {B("\r\n# coding: latin1\r\nx='\xe9'\n"), "\xc3\xa9"},
    {B("# -*- coding: latin1\nx='\xe9'"), "\xc3\xa9"},
    {B("# coding: latin1"), ""},
    {B("# coding:l1"), ""},
    {B("# vim: set fileencoding=latin1 :\nx='\xe9'\n"), "\xc3\xa9"},
    {B("# -*- coding: <latin1> -*-\nx='\xe9'\n"), NULL},
    {B("#!x\n# coding: utf-8 coding: latin-1\nx='\xe9'\n"), NULL},
    {B("# coding: iso-2022-jp\nx='\x1b$B$\"\x1b(B'\n"), "\xe3\x81\x82"},
    {B("# coding: utf-8\n# coding: latin-1\nx='\xe9'\n"), NULL},
    {B("\n\n# coding: latin-1\nx='\xe9'\n"), NULL},
    {B("x=1 # coding: latin-1\ny='\xe9'\n"), NULL},
};

// The text that Python's codecs give.
static const Case CODECS[] = {
    {B("# coding: iso8859-15\nx='\xa4\xa6'\n"),
     "# coding: iso8859-15\nx='\xe2\x82\xac\xc5\xa0'\n"},
    {B("# coding: cp1251\nx='\xcf\xf0\xe8\xe2\xe5\xf2'\n"),
     "# coding: cp1251\nx='\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82'\n"},
    {B("# coding: koi8-r\nx='\xf0\xd2\xc9\xd7\xc5\xd4'\n"),
     "# coding: koi8-r\nx='\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82'\n"},
    {B("# coding: Shift_JIS\nx='\x82\xa0\\\\\x83\\~\xb1'\n"),
     "# coding: Shift_JIS\nx='\xe3\x81\x82\\\\\xe3\x82\xbd~\xef\xbd\xb1'\n"},
    {B("# coding: cp932\nx='\x87@\x95\\'\n"),
     "# coding: cp932\nx='\xe2\x91\xa0\xe8\xa1\xa8'\n"},
    {B("# coding: euc-jp\nx='\xc6\xfc\xcb\xdc~'\n"),
     "# coding: euc-jp\nx='\xe6\x97\xa5\xe6\x9c\xac~'\n"},
    {B("# coding: gbk\nx='\xd6\xd0\xce\xc4'\n"),
     "# coding: gbk\nx='\xe4\xb8\xad\xe6\x96\x87'\n"},
    {B("# coding: gb18030\nx='\xd6\xd0\x94"
       "9\xfc"
       "6'\n"),
     "# coding: gb18030\nx='\xe4\xb8\xad\xf0\x9f\x98\x80'\n"},
    {B("# coding: big5\nx='\xa4\xa4\xa4\xe5'\n"),
     "# coding: big5\nx='\xe4\xb8\xad\xe6\x96\x87'\n"},
    {B("# coding: euc-kr\nx='\xc7\xd1\xb1\xdb'\n"),
     "# coding: euc-kr\nx='\xed\x95\x9c\xea\xb8\x80'\n"},
    {B("# coding: iso-2022-jp\nx='\x1b$BF|K\\\x1b(B'\n"),
     "# coding: iso-2022-jp\nx='\xe6\x97\xa5\xe6\x9c\xac'\n"},
    {B("# coding: cp1258\nx='e\xecx\xea\xecz'\n"),
     "# coding: cp1258\nx='e\xcc\x81x\xc3\xaa\xcc\x81z'\n"},
    {B("# coding: big5hkscs\nx='\x88"
       "bx'\n"),
     "# coding: big5hkscs\nx='\xc3\x8a\xcc\x84x'\n"},
    {B("# coding: johab\nx='\xd0"
       "e'\n"),
     "# coding: johab\nx='\xed\x95\x9c'\n"},
    {B("# coding: mac_roman\nx='\x8e'\n"), "# coding: mac_roman\nx='\xc3\xa9'\n"},
    {B("# coding: cp437\nx='\xdb'\n"), "# coding: cp437\nx='\xe2\x96\x88'\n"},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static Arena arena;
static Error error;

static bool decode(Source *source, const char *bytes, size_t n) {
  arena_release(&arena);
  error = error_in(&arena);
  return source_decode(source, &arena, STR("a.py"), (Str){bytes, (uint32_t)n}, &error);
}

#define DECODE(source, literal) decode(source, literal, sizeof(literal) - 1)

static Str encode(const Source *source, const char *text) {
  Buf out = buf_in(&arena);
  error = error_in(&arena);
  return source_encode(source, str_from(text), &out, &error) ? buf_str(&out)
                                                             : STR("failed");
}

TEST(source_cookies_as_cpython) {
  for (size_t i = 0; i < COUNT(COOKIES); i++) {
    Source source;
    bool ok = decode(&source, COOKIES[i].bytes, COOKIES[i].n);
    const char *want = COOKIES[i].want;
    Str name = {COOKIES[i].bytes, (uint32_t)COOKIES[i].n};
    if (ok != (want != NULL) || ok == (error.text.n != 0)) CHECK_STR(name, error.text);
    if (ok && !str_contains(source.text, str_from(want))) CHECK_STR(source.text, want);
  }
  arena_release(&arena);
}

// Each character, encoded again, is what lies at its origin.
static uint32_t origins_wrong(const Source *source) {
  uint32_t wrong = source_origin(source, source->text.n) != source->bytes.n;
  for (uint32_t at = 0; at < source->text.n;) {
    uint32_t start = at;
    utf8_next(source->text, &at);
    Str character = str_slice(source->text, start, at);
    Str bytes = str_slice(source->bytes, source_origin(source, start),
                          source_origin(source, at));
    // Of two characters made from one sequence, the first has no bytes of its own.
    if (bytes.n != 0 && bytes.p[0] == '\x88') continue;
    Str again = encode(source, str_cstr_in(&arena, character));
    wrong += bytes.n != 0 && !str_eq(again, bytes);
    wrong += source_origin(source, at - 1) != source_origin(source, start) &&
             source->origins != NULL;
  }
  return wrong;
}

TEST(source_codecs_as_python) {
  for (size_t i = 0; i < COUNT(CODECS); i++) {
    Source source;
    bool ok = decode(&source, CODECS[i].bytes, CODECS[i].n);
    CHECK_STR(ok ? source.text : error.text, CODECS[i].want);
    CHECK_INT(source.encoding, ENCODING_OTHER);
    bool has_states = str_contains(source.encoding_name, STR("2022"));
    if (!has_states) CHECK_INT(origins_wrong(&source), 0);
  }
  arena_release(&arena);
}

TEST(source_narrow_origins) {
  Source source;
  CHECK(DECODE(&source, "# coding: cp1252\nx = '\x80\xe9'\r\ny = 1\n"));
  CHECK_INT(source.encoding, ENCODING_CP1252);
  CHECK_STR(source.encoding_name, "cp1252");
  CHECK_INT(origins_wrong(&source), 0);
  CHECK_INT(source_origin(&source, 22), 22);  // the euro sign and its last byte
  CHECK_INT(source_origin(&source, 24), 22);
  CHECK_INT(source_origin(&source, 25), 23);
  CHECK_INT(source_origin(&source, 9999), source.bytes.n);
  CHECK(DECODE(&source, "# coding: latin-1\n'\xff\x80'"));
  CHECK_STR(source.text, "# coding: latin-1\n'\xc3\xbf\xc2\x80'");
  CHECK_INT(origins_wrong(&source), 0);
  arena_release(&arena);
}

TEST(source_utf8_is_not_copied) {
  static const char BYTES[] = "\xef\xbb\xbfx = '\xc3\xa9'\r\n\x0c\r\ny = 1\r\n";
  Source source;
  CHECK(DECODE(&source, BYTES));
  CHECK(source.has_bom && source.text.p == BYTES + 3);
  CHECK(source.origins == NULL);
  CHECK_INT(source_origin(&source, 0), 3);
  CHECK_INT(source_origin(&source, source.text.n), sizeof BYTES - 1);
  CHECK_STR(source.newline, "\r\n");
  CHECK_INT(source.lines.count, 4);
  CHECK_STR(lines_text(&source.lines, 1), "\x0c");
  CHECK_STR(source.encoding_name, "utf-8");
  CHECK_INT(source.nul_at, UINT32_MAX);
  static const char LATIN[] = "# coding: latin-1\nx = 1\n";
  CHECK(DECODE(&source, LATIN));
  CHECK(source.text.p == LATIN && source.origins == NULL);
  CHECK_INT(source.encoding, ENCODING_LATIN1);
  arena_release(&arena);
}

TEST(source_lone_cr_is_a_line_end) {
  Source source;
  CHECK(DECODE(&source, "a\rb\r\r\nc\n\r"));
  CHECK_STR(source.text, "a\nb\n\r\nc\n\n");
  CHECK_STR(source.bytes, "a\rb\r\r\nc\n\r");
  CHECK_STR(source.newline, "\r");
  CHECK_INT(source.lines.count, 6);
  CHECK_INT(source_origin(&source, 5), 5);
  CHECK(DECODE(&source, "# coding: latin-1\r'\xe9'\rx\r\n"));
  CHECK_STR(source.text, "# coding: latin-1\n'\xc3\xa9'\nx\r\n");
  CHECK_INT(source_origin(&source, 22), 21);
  arena_release(&arena);
}

TEST(source_newline_is_the_first) {
  Source source;
  CHECK(DECODE(&source, "a\nb\r\n"));
  CHECK_STR(source.newline, "\n");
  CHECK(DECODE(&source, "a"));
  CHECK_STR(source.newline, "\n");
  CHECK(DECODE(&source, ""));
  CHECK_INT(source.text.n, 0);
  CHECK_INT(source.lines.count, 1);
  CHECK(decode(&source, NULL, 0));
  arena_release(&arena);
}

TEST(source_nul_has_a_place) {
  Source source;
  CHECK(DECODE(&source, "# coding: latin-1\n\xe9\0\0"));
  CHECK_INT(source.nul_at, 20);
  CHECK(DECODE(&source, "\0"));
  CHECK_INT(source.nul_at, 0);
  arena_release(&arena);
}

TEST(source_stubs_by_name) {
  Source source;
  error = error_in(&arena);
  CHECK(source_decode(&source, &arena, STR("x/a.pyi"), STR(""), &error));
  CHECK(source.is_stub);
  CHECK(source_decode(&source, &arena, STR("a.pyi.py"), STR(""), &error));
  CHECK(!source.is_stub);
  arena_release(&arena);
}

TEST(source_errors_name_line_and_byte) {
  Source source;
  CHECK(!DECODE(&source, "x\ny\r\nz\r'\xe9'\n"));
  CHECK_STR(error.text, "line 4: byte 0xe9 is not valid utf-8");
  CHECK(!DECODE(&source, "# coding: shift_jis\n\x82"));
  CHECK_STR(error.text, "line 2: byte 0x82 is not valid shift_jis");
  CHECK(!DECODE(&source, "# coding: nonsense"));
  CHECK_STR(error.text, "unknown encoding 'nonsense'");
  CHECK(!decode(&source, "", UINT32_MAX));
  CHECK_STR(error.text, "file is larger than 4 GiB");
  arena_release(&arena);
}

TEST(source_encode_keeps_line_ends) {
  Source source;
  CHECK(DECODE(&source, "a\r\n"));
  CHECK_STR(encode(&source, "x\ny\r\n\n\xc3\xa9"), "x\r\ny\r\n\r\n\xc3\xa9");
  CHECK(DECODE(&source, "a\r"));
  CHECK_STR(encode(&source, "x\n\r\ny"), "x\r\ry");
  CHECK(DECODE(&source, "a"));
  CHECK_STR(encode(&source, "x\r\ny\n"), "x\ny\n");
  CHECK_STR(encode(&source, ""), "");
  CHECK_STR(encode(&source, "\xff"), "failed");
  arena_release(&arena);
}

TEST(source_encode_knows_what_an_encoding_lacks) {
  Source source;
  CHECK(DECODE(&source, "# coding: latin-1\r\n"));
  CHECK_STR(encode(&source, "\xc3\xbf\n"), "\xff\r\n");
  CHECK_STR(encode(&source, "a\xe2\x82\xac"), "failed");
  CHECK_STR(error.text, "U+20AC does not exist in the encoding latin-1");
  CHECK(DECODE(&source, "# coding: cp1252\n"));
  CHECK_STR(encode(&source, "\xe2\x82\xac"), "\x80");
  CHECK_STR(encode(&source, "\xc2\x81"), "failed");
  CHECK(DECODE(&source, "# coding: ascii\n"));
  CHECK_STR(encode(&source, "a"), "a");
  CHECK_STR(encode(&source, "\xc3\xa9"), "failed");
  CHECK(DECODE(&source, "# coding: shift_jis\n"));
  CHECK_STR(encode(&source, "\\\xe3\x82\xbd~"), "\\\x83\\~");
  CHECK_STR(encode(&source, "\xed\x95\x9c"), "failed");
  CHECK(DECODE(&source, "# coding: iso-2022-jp\n"));
  CHECK_STR(encode(&source, "a"), "failed");
  arena_release(&arena);
}
