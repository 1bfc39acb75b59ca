#include "test.h"

#include <stdio.h>
#include <string.h>

static TestCase *first, **last = &first;
static const TestCase *current;
static int failures;  // of the current test

void test_add(TestCase *test) {
  *last = test;
  last = &test->next;
}

Str test_str_same(Str s) { return s; }

static void test_fail(const char *file, int line) {
  failures++;
  printf("FAIL %s: %s:%d: ", current->name, file, line);
}

void test_check(bool holds, const char *expr, const char *file, int line) {
  if (holds) return;
  test_fail(file, line);
  printf("%s\n", expr);
}

// Quoted, so that a result stays on its line whatever it holds.
static void str_print(Str s) {
  putchar('"');
  for (uint32_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') {
      printf("\\x%02x", c);
    } else {
      putchar(c);
    }
  }
  putchar('"');
}

void test_check_str(Str got, Str want, const char *expr, const char *file, int line) {
  if (got.n == want.n && (got.n == 0 || memcmp(got.p, want.p, got.n) == 0)) return;
  test_fail(file, line);
  printf("%s is ", expr);
  str_print(got);
  printf(", want ");
  str_print(want);
  putchar('\n');
}

void test_check_int(intmax_t got, intmax_t want, const char *expr, const char *file,
                    int line) {
  if (got == want) return;
  test_fail(file, line);
  printf("%s is %jd, want %jd\n", expr, got, want);
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);  // a crash must not swallow what went before
  if (argc > 1 && strcmp(argv[1], "--bytes") == 0) {
    test_bytes_print();
    return 0;
  }
  int count = 0, failed = 0;
  for (const TestCase *test = first; test != NULL; test = test->next) {
    if (argc > 1 && strstr(test->name, argv[1]) == NULL) continue;
    current = test;
    failures = 0;
    test->run();
    if (failures == 0) printf("ok %s\n", test->name);
    failed += failures > 0;
    count++;
  }
  printf("%d tests\n", count);
  return failed > 0 || count == 0;
}
