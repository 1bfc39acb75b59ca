#include "syntax/source_internal.h"

// Names as CPython's encodings.aliases has them, plus the codec's own. Left out is what
// no readable source file can be in (UTF-16, EBCDIC), what is no text encoding (rot13),
// and what iconv has under no name: such cookies are unknown here.
#define OTHER(names, iconv_name) \
  { " " names " ", ENCODING_OTHER, iconv_name, false }
#define SHIFTED(names, iconv_name) \
  { " " names " ", ENCODING_OTHER, iconv_name, true }

static const Codec CODECS[] = {
    {" utf_8 utf8 u8 utf utf8_ucs2 utf8_ucs4 cp65001 utf_8_sig ", ENCODING_UTF8, "",
     false},
    {" ascii us_ascii us 646 ansi_x3_4_1968 ansi_x3_4_1986 cp367 csascii ibm367"
     " iso646_us iso_646_irv_1991 iso_ir_6 ",
     ENCODING_ASCII, "", false},
    {" latin_1 latin1 latin l1 iso8859_1 iso_8859_1 iso8859 8859 cp819 csisolatin1"
     " ibm819 iso_8859_1_1987 iso_ir_100 ",
     ENCODING_LATIN1, "", false},
    {" cp1252 windows_1252 1252 ", ENCODING_CP1252, "", false},

    OTHER("iso8859_2 iso_8859_2 latin2 l2 csisolatin2 iso_8859_2_1987 iso_ir_101",
          "ISO-8859-2"),
    OTHER("iso8859_3 iso_8859_3 latin3 l3 csisolatin3 iso_8859_3_1988 iso_ir_109",
          "ISO-8859-3"),
    OTHER("iso8859_4 iso_8859_4 latin4 l4 csisolatin4 iso_8859_4_1988 iso_ir_110",
          "ISO-8859-4"),
    OTHER("iso8859_5 iso_8859_5 cyrillic csisolatincyrillic iso_8859_5_1988 iso_ir_144",
          "ISO-8859-5"),
    OTHER(
        "iso8859_6 iso_8859_6 arabic asmo_708 csisolatinarabic ecma_114 iso_8859_6_1987"
        " iso_ir_127",
        "ISO-8859-6"),
    OTHER("iso8859_7 iso_8859_7 greek greek8 csisolatingreek ecma_118 elot_928"
          " iso_8859_7_1987 iso_ir_126",
          "ISO-8859-7"),
    OTHER("iso8859_8 iso_8859_8 hebrew csisolatinhebrew iso_8859_8_1988 iso_ir_138",
          "ISO-8859-8"),
    OTHER("iso8859_9 iso_8859_9 latin5 l5 csisolatin5 iso_8859_9_1989 iso_ir_148",
          "ISO-8859-9"),
    OTHER("iso8859_10 iso_8859_10 latin6 l6 csisolatin6 iso_8859_10_1992 iso_ir_157",
          "ISO-8859-10"),
    OTHER("iso8859_11 iso_8859_11 thai iso_8859_11_2001", "ISO-8859-11"),
    OTHER("iso8859_13 iso_8859_13 latin7 l7", "ISO-8859-13"),
    OTHER("iso8859_14 iso_8859_14 latin8 l8 iso_8859_14_1998 iso_celtic iso_ir_199",
          "ISO-8859-14"),
    OTHER("iso8859_15 iso_8859_15 latin9 l9", "ISO-8859-15"),
    OTHER("iso8859_16 iso_8859_16 latin10 l10 iso_8859_16_2001 iso_ir_226",
          "ISO-8859-16"),

    OTHER("cp1250 windows_1250 1250", "CP1250"),
    OTHER("cp1251 windows_1251 1251", "CP1251"),
    OTHER("cp1253 windows_1253 1253", "CP1253"),
    OTHER("cp1254 windows_1254 1254", "CP1254"),
    OTHER("cp1255 windows_1255 1255", "CP1255"),
    OTHER("cp1256 windows_1256 1256", "CP1256"),
    OTHER("cp1257 windows_1257 1257", "CP1257"),
    OTHER("cp1258 windows_1258 1258", "CP1258"),
    OTHER("cp437 437 ibm437 cspc8codepage437", "CP437"),
    OTHER("cp737", "CP737"),
    OTHER("cp775 775 ibm775 cspc775baltic", "CP775"),
    OTHER("cp850 850 ibm850 cspc850multilingual", "CP850"),
    OTHER("cp852 852 ibm852 cspcp852", "CP852"),
    OTHER("cp855 855 ibm855 csibm855", "CP855"),
    OTHER("cp857 857 ibm857 csibm857", "CP857"),
    OTHER("cp858 858 ibm858 csibm858", "CP858"),
    OTHER("cp860 860 ibm860 csibm860", "CP860"),
    OTHER("cp861 861 ibm861 csibm861 cp_is", "CP861"),
    OTHER("cp862 862 ibm862 cspc862latinhebrew", "CP862"),
    OTHER("cp863 863 ibm863 csibm863", "CP863"),
    OTHER("cp865 865 ibm865 csibm865", "CP865"),
    OTHER("cp866 866 ibm866 csibm866", "CP866"),
    OTHER("cp869 869 ibm869 csibm869 cp_gr", "CP869"),
    OTHER("cp874", "CP874"),
    OTHER("cp1125 1125 ibm1125 cp866u ruscii", "CP1125"),

    OTHER("koi8_r cskoi8r", "KOI8-R"),
    OTHER("koi8_u", "KOI8-U"),
    OTHER("koi8_t", "KOI8-T"),
    OTHER("kz1048 kz_1048 rk1048 strk1048_2002", "RK1048"),
    OTHER("ptcp154 csptcp154 pt154 cp154 cyrillic_asian", "PT154"),
    OTHER("hp_roman8 roman8 r8 cp1051 ibm1051", "HP-ROMAN8"),
    OTHER("tis_620 tis620 tis_620_0 tis_620_2529_0 tis_620_2529_1 iso_ir_166",
          "TIS-620"),
    OTHER("mac_roman macroman macintosh", "MACINTOSH"),
    OTHER("mac_cyrillic maccyrillic", "MAC-CYRILLIC"),
    OTHER("mac_latin2 maclatin2 mac_centeuro maccentraleurope", "MAC-CENTRALEUROPE"),

    OTHER("shift_jis shiftjis sjis s_jis csshiftjis x_mac_japanese", "SHIFT_JIS"),
    OTHER("shift_jis_2004 shiftjis2004 sjis_2004 s_jis_2004", "SHIFT_JISX0213"),
    OTHER("shift_jisx0213 shiftjisx0213 sjisx0213 s_jisx0213", "SHIFT_JISX0213"),
    OTHER("cp932 932 ms932 mskanji ms_kanji windows_31j", "CP932"),
    OTHER("euc_jp eucjp ujis u_jis", "EUC-JP"),
    OTHER("euc_jis_2004 jisx0213 eucjis2004 euc_jis2004", "EUC-JISX0213"),
    OTHER("euc_jisx0213 eucjisx0213", "EUC-JISX0213"),
    OTHER(
        "gb2312 chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312_1980 gb2312_80"
        " iso_ir_58 x_mac_simp_chinese",
        "EUC-CN"),
    OTHER("gbk 936 cp936 ms936", "GBK"),
    OTHER("gb18030 gb18030_2000", "GB18030"),
    OTHER("big5 big5_tw csbig5 x_mac_trad_chinese", "BIG5"),
    OTHER("big5hkscs big5_hkscs hkscs", "BIG5-HKSCS"),
    OTHER("cp950 950 ms950", "CP950"),
    OTHER("euc_kr euckr korean ksc5601 ks_c_5601 ks_c_5601_1987 ksx1001 ks_x_1001"
          " x_mac_korean",
          "EUC-KR"),
    OTHER("cp949 949 ms949 uhc", "UHC"),
    OTHER("johab cp1361 ms1361", "JOHAB"),

    SHIFTED("iso2022_jp csiso2022jp iso2022jp iso_2022_jp", "ISO-2022-JP"),
    SHIFTED("iso2022_jp_2 iso2022jp_2 iso_2022_jp_2", "ISO-2022-JP-2"),
    SHIFTED("iso2022_kr csiso2022kr iso2022kr iso_2022_kr", "ISO-2022-KR"),
};

enum { NAME_SIZE = 40 };  // longer than the longest name, with blanks

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static bool is_alnum(char c) {
  c = lower(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// The tokenizer's own normalisation, before any codec is asked: lower case, "_" as "-";
// true when that is `name` or starts with `name` and "-". This is how editors'
// "latin-1-unix" is understood.
static bool is_tokenizer_name(Str cookie, const char *name) {
  size_t n = strlen(name);
  if (cookie.n < n) return false;
  for (size_t i = 0; i < n; i++) {
    char c = cookie.p[i] == '_' ? '-' : lower(cookie.p[i]);
    if (c != name[i]) return false;
  }
  return cookie.n == n || cookie.p[n] == '-' || cookie.p[n] == '_';
}

bool codec_is_plain_utf8(Str cookie) { return is_tokenizer_name(cookie, "utf-8"); }

// The codec registry's normalisation: lower case, every run of anything else than
// letters and digits one "_", none at the ends. With a blank at both ends, as in the
// table. False when too long to be any name.
static bool cookie_normalise(Str cookie, char out[NAME_SIZE]) {
  size_t n = 0;
  out[n++] = ' ';
  bool is_gap = false;
  for (uint32_t i = 0; i < cookie.n; i++) {
    if (!is_alnum(cookie.p[i])) {
      is_gap = true;
      continue;
    }
    if (n + 4 > NAME_SIZE) return false;
    if (is_gap && n > 1) out[n++] = '_';
    is_gap = false;
    out[n++] = lower(cookie.p[i]);
  }
  out[n++] = ' ';
  out[n] = '\0';
  return n > 2;
}

const Codec *codec_find(Str cookie) {
  char name[NAME_SIZE];
  if (codec_is_plain_utf8(cookie)) {
    cookie = STR("utf-8");
  } else if (is_tokenizer_name(cookie, "latin-1") ||
             is_tokenizer_name(cookie, "iso-8859-1") ||
             is_tokenizer_name(cookie, "iso-latin-1")) {
    cookie = STR("latin-1");
  }
  if (!cookie_normalise(cookie, name)) return NULL;
  for (size_t i = 0; i < sizeof CODECS / sizeof *CODECS; i++) {
    if (strstr(CODECS[i].names, name) != NULL) return &CODECS[i];
  }
  return NULL;
}
