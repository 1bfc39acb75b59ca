#include "base/fault.h"
#include "base/utf8.h"
#include "report/report_internal.h"

static void *json_made(void *made) {
  if (made == NULL) {
    fault_raise(FAULT_MEMORY, "out of memory while reporting", __FILE__, __LINE__);
  }
  return made;
}

cJSON *json_object(void) { return json_made(cJSON_CreateObject()); }
cJSON *json_array(void) { return json_made(cJSON_CreateArray()); }

void json_put(cJSON *object, const char *key, cJSON *value) {
  if (!cJSON_AddItemToObjectCS(object, key, json_made(value))) json_made(NULL);
}

void json_push(cJSON *array, cJSON *value) {
  if (!cJSON_AddItemToArray(array, json_made(value))) json_made(NULL);
}

static const char *short_escape(uint32_t c) {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
  }
}

// cJSON's own strings end at a NUL and let control characters above 0x1F through.
static cJSON *json_string(Arena *scratch, Str text) {
  Buf out = buf_in(scratch);
  buf_add_byte(&out, '"');
  uint32_t clean = 0;  // start of the run that needs no escape
  for (uint32_t at = 0; at < text.n;) {
    uint32_t start = at;
    uint32_t c = utf8_next(text, &at);
    bool is_malformed = c == 0xfffd && at - start == 1;
    const char *escape = short_escape(c);
    if (escape == NULL && !is_malformed && !utf8_is_hostile(c)) continue;
    buf_add(&out, str_slice(text, clean, start));
    clean = at;
    if (escape != NULL) {
      buf_add_text(&out, escape);
    } else if (is_malformed) {
      buf_printf(&out, "\\\\x%02x", (unsigned char)text.p[start]);
    } else {
      buf_printf(&out, "\\u%04x", c);
    }
  }
  buf_add(&out, str_slice(text, clean, text.n));
  buf_add(&out, (Str){"\"\0", 2});
  return cJSON_CreateRaw(out.p);
}

void json_put_str(cJSON *object, const char *key, Arena *scratch, Str text) {
  json_put(object, key, json_string(scratch, text));
}

void json_push_str(cJSON *array, Arena *scratch, Str text) {
  json_push(array, json_string(scratch, text));
}

void json_put_text(cJSON *object, const char *key, const char *text) {
  json_put(object, key, cJSON_CreateString(text));
}

void json_put_number(cJSON *object, const char *key, double number) {
  json_put(object, key, cJSON_CreateNumber(number));
}

void json_put_null(cJSON *object, const char *key) {
  json_put(object, key, cJSON_CreateNull());
}

cJSON *json_evidence(Evidence evidence) {
  cJSON *list = json_array();
  for (uint32_t i = 0; i < EVIDENCE_KINDS; i++) {
    Evidence one = (Evidence)1 << i;
    if (evidence & one) json_push(list, cJSON_CreateString(evidence_name(one)));
  }
  return list;
}

void json_print(cJSON *value, Buf *out) {
  char *text = json_made(cJSON_PrintUnformatted(value));
  buf_add_text(out, text);
  cJSON_free(text);
  cJSON_Delete(value);
}
