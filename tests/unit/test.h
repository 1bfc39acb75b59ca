/* Test harness for the unit tests.
 *
 *     #include "test.h"
 *
 *     TEST(str_trim_drops_both_ends) {
 *       CHECK(str_trim(STR(" a ")).n == 1);
 *       CHECK_STR(str_trim(STR(" a ")), "a");
 *       CHECK_INT(str_trim(STR("")).n, 0);
 *     }
 *
 * A test lists itself; every file of this folder is linked in. A failed check prints one
 * line `FAIL test: file:line: what` and the test goes on; a test without one prints
 * `ok test`. Names are unique over all files. `pymemlint-unit WORD` runs only the tests
 * whose name holds WORD; `pymemlint-unit --bytes` prints the model of bytes per instance, which
 * tests/test_bytes.py compares with CPython's own.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

typedef struct TestCase {
  const char *name;
  void (*run)(void);
  struct TestCase *next;
} TestCase;

void test_bytes_print(void);  // "kind\tversion\tattributes\tbytes", a row a line
void test_add(TestCase *test);
void test_check(bool holds, const char *expr, const char *file, int line);
void test_check_str(Str got, Str want, const char *expr, const char *file, int line);
void test_check_int(intmax_t got, intmax_t want, const char *expr, const char *file,
                    int line);
Str test_str_same(Str s);

#define TEST(id) \
  static void test_##id(void); \
  __attribute__((constructor)) static void test_list_##id(void) { \
    static TestCase test = {.name = #id, .run = test_##id}; \
    test_add(&test); \
  } \
  static void test_##id(void)

#define CHECK(condition) test_check((condition), #condition, __FILE__, __LINE__)

// Both sides may be Str or NUL-terminated.
#define TEST_STR(s) \
  _Generic((s), Str : test_str_same, char * : str_from, const char * : str_from)(s)
#define CHECK_STR(got, want) \
  test_check_str(TEST_STR(got), TEST_STR(want), #got, __FILE__, __LINE__)
#define CHECK_INT(got, want) \
  test_check_int((intmax_t)(got), (intmax_t)(want), #got, __FILE__, __LINE__)

#endif
