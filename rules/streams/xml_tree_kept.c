/* # xml-tree-kept (PML109)
 *
 * `iterparse` walks through an XML document, but the tree that it builds is kept.
 *
 * ## Why it costs memory
 *
 * `iterparse` appends every element to its parent, so that in the end the whole tree is
 * there, as if `parse` had been called: ten times the file and more. Clearing each
 * element leaves the empty elements, 13 % of the peak; clearing the root leaves 1 %.
 *
 * ## Example
 *
 *     for event, elem in ET.iterparse(path):
 *         if elem.tag == "record":
 *             count += 1
 *
 * ## Use instead
 *
 *     events = ET.iterparse(path, events=("start", "end"))
 *     event, root = next(events)
 *     for event, elem in events:
 *         if event == "end" and elem.tag == "record":
 *             count += 1
 *             root.clear()
 *
 * ## Fix safety
 *
 * No fix: where the root may be cleared depends on what the loop reads.
 *
 * ## Limits
 *
 * Silent where something is cleared or deleted in the loop, where elements are kept,
 * returned or handed to unknown code, and where the root is asked for later. A note where
 * only the elements are cleared, and where a whole tree is parsed to walk through one
 * kind of elements.
 *
 * ## References
 *
 * The library reference of Python, `xml.etree.ElementTree.iterparse`.
 */
#include "rule.h"

static RuleNodeFn on_call;
static void judge_iterparse(RuleContext *cx, NodeId call);
static void judge_tree(RuleContext *cx, NodeId call);

RULE(xml_tree_kept) = {
    .code = "PML109",
    .name = "xml-tree-kept",
    .summary = "an XML document is walked through while its whole tree is kept",
    .templates =
        {"whole tree of `{0}` is kept while `iterparse` walks through it: about ten "
         "times the file; clearing the root after each record keeps 1 % of that",
         "empty elements of `{0}` are kept in the root: 13 % of the whole tree; clearing "
         "the root after each record keeps 1 %",
         "whole tree of `{0}` is built to walk through one kind of elements: about ten "
         "times the file; `iterparse` with a cleared root keeps 1 % of that"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  Str name = name_of_callee(cx->m, call);
  if (str_is(name, "xml.etree.ElementTree.iterparse") ||
      str_is(name, "lxml.etree.iterparse") ||
      str_is(name, "defusedxml.ElementTree.iterparse")) {
    judge_iterparse(cx, call);
  } else if (str_is(name, "xml.etree.ElementTree.parse") ||
             str_is(name, "lxml.etree.parse") ||
             str_is(name, "defusedxml.ElementTree.parse")) {
    judge_tree(cx, call);
  }
}

// --- iterparse -----------------------------------------------------------------------

// Something in the loop takes elements away: `del`, or a method that removes.
static bool takes_away(RuleContext *cx, NodeId body, BindingId element,
                       bool *element_only) {
  const Tree *t = cx->t;
  for (NodeId n = {body.i}; n.i < node_after(t, body); n.i++) {
    if (node_is(t, n, PY_DELETE_STATEMENT)) return true;
    Str method = STR_NONE;
    NodeId receiver =
        node_is(t, n, PY_CALL) ? call_receiver(cx->m, n, &method) : NO_NODE;
    if (!node_ok(receiver)) continue;
    if (str_is(method, "remove") || str_is(method, "pop")) return true;
    if (!str_is(method, "clear")) continue;
    BindingId cleared = binding_of(cx->m, node_unwrap(t, receiver));
    bool is_given = (binding_get(cx->m, cleared)->flags & BIND_PARAMETER) != 0;
    if (is_given || value_is_container(value_of(cx->m, receiver))) continue;
    if (!binding_ok(element) || cleared.i != element.i) return true;
    *element_only = true;
  }
  return false;
}

// Its text behind it, its parent, its neighbours: what clearing takes away.
static bool looks_around(const Tree *t, NodeId member) {
  static const char *const around[] = {"tail",       "getparent",     "getprevious",
                                       "getnext",    "iterancestors", "itersiblings",
                                       "getroottree"};
  for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
    if (node_text_is(t, member, around[i])) return true;
  }
  return false;
}

// `pair[1].tag`, `elem[0].text`: not kept itself.
static bool is_child_looked_at(RuleContext *cx, NodeId subscript) {
  Use how = use_of(cx->m, subscript);
  return how.kind == USE_METHOD || how.kind == USE_ATTRIBUTE || how.kind == USE_TESTED;
}

// What is looked at, but neither kept nor handed to somebody who may clear it.
static bool element_stays(RuleContext *cx, const Pass *pass, BindingId element) {
  NodeId region = node_ok(pass->clause) ? node_parent(cx->t, pass->clause) : pass->node;
  for (RefId r = ref_first(cx->m, element); ref_ok(r); r = ref_next(cx->m, r)) {
    NodeId use = ref_get(cx->m, r)->node;
    if (!node_inside(cx->t, use, region)) return false;
    Use how = use_of(cx->m, use);
    if (how.kind == USE_INDEXED && !is_child_looked_at(cx, how.node)) return false;
    if (how.kind == USE_ATTRIBUTE || how.kind == USE_METHOD) {
      NodeId member = node_field(cx->t, node_parent(cx->t, use), FIELD_ATTRIBUTE);
      if (looks_around(cx->t, member)) return false;
    }
    bool looks = how.kind == USE_METHOD || how.kind == USE_ATTRIBUTE ||
                 how.kind == USE_INDEXED || how.kind == USE_TESTED ||
                 how.kind == USE_ITERATED;
    if (how.kind == USE_CALL) looks = call_is_pure(cx->m, how.call);
    if (!looks) return false;
  }
  return true;
}

// The last name of a target: the element in `for event, elem in …`, or both in one.
static BindingId element_name(RuleContext *cx, NodeId left) {
  NodeId name = NO_NODE;
  for (NodeId n = left; n.i < node_after(cx->t, left); n.i++) {
    if (node_is(cx->t, n, PY_IDENTIFIER)) name = n;
  }
  return node_ok(name) ? binding_of(cx->m, name) : (BindingId){0};
}

static void judge_iterparse(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  NodeId source = NO_NODE;
  if (call_argument(cx->m, call, 0, "source", &source) != ARG_PRESENT) return;
  Value file = value_of(cx->m, source);
  SingleUse kept;
  Pass pass = pass_here_or_kept(cx->m, call, &kept);
  if (!cx_require(cx, call, pass.kind != PASS_NONE && !pass.again,
                  "it is not walked through here, once")) {
    return;
  }
  NodeId left = pass_place(t, &pass);
  bool plain = pass.kind == PASS_FOR || node_ok(pass.clause);
  BindingId element = plain ? element_name(cx, left) : (BindingId){0};
  bool element_only = false;
  if (!cx_require(cx, call, binding_ok(element), "the element has no plain name") ||
      !cx_require(cx, call, !takes_away(cx, pass.node, element, &element_only),
                  "elements are taken out of the tree in the loop") ||
      !cx_require(cx, call, element_stays(cx, &pass, element),
                  "elements are kept, or handed to code that may clear them") ||
      !cx_require(cx, call, !size_is_small(file) && !(file.flags & HANDLE_MEMORY),
                  "the document is small or in memory")) {
    return;
  }
  cx_report(cx, (Draft){.anchor = call,
                        .template_index = element_only ? 1 : 0,
                        .args = {cx_excerpt(cx, source)},
                        .labels = {{.node = left, .text = STR("walked through here")}},
                        .evidence = evidence_of(cx, call, file),
                        .note_at_most = element_only});
}

// --- parse(…).iter(tag) --------------------------------------------------------------

static const char kept_tree[] =
    "the tree is used for more than walking through one kind of elements";

static void judge_tree(RuleContext *cx, NodeId call) {
  NodeId source = NO_NODE, e = call;
  if (call_argument(cx->m, call, 0, "source", &source) != ARG_PRESENT) return;
  Value file = value_of(cx->m, source);
  if (!cx_require(cx, call, !size_is_small(file) && !(file.flags & HANDLE_MEMORY),
                  "the document is small or in memory")) {
    return;
  }
  for (uint32_t i = 0; i < 4; i++) {  // .getroot(), behind names
    SingleUse kept;
    if (single_use_of(cx->m, e, &kept)) e = kept.use;
    Use use = use_of(cx->m, e);
    Str method = STR_NONE;
    if (use.kind == USE_METHOD) call_receiver(cx->m, use.call, &method);
    if (!cx_require(cx, call, method.n != 0, kept_tree)) return;
    bool walks = str_is(method, "iter") || str_is(method, "iterfind") ||
                 str_is(method, "findall");
    e = use.call;
    if (str_is(method, "getroot")) continue;
    NodeId list = node_field(cx->t, e, FIELD_ARGUMENTS);
    bool is_one_tag = walks && node_count_named(cx->t, list) == 1;
    if (!cx_require(cx, call, is_one_tag, kept_tree)) return;
    Pass pass = pass_of(cx->m, e);
    bool plain = (pass.kind == PASS_FOR || node_ok(pass.clause)) && !pass.again;
    BindingId element =
        plain ? element_name(cx, pass_place(cx->t, &pass)) : (BindingId){0};
    if (!cx_require(cx, call, binding_ok(element), "it is not walked through once") ||
        !cx_require(cx, call, element_stays(cx, &pass, element),
                    "elements are kept, or handed on")) {
      return;
    }
    cx_report(cx, (Draft){.anchor = call,
                          .template_index = 2,
                          .args = {cx_excerpt(cx, source)},
                          .labels = {{.node = pass_place(cx->t, &pass),
                                      .text = STR("walked through here, once")}},
                          .evidence = evidence_of(cx, call, file),
                          .note_at_most = true});
    return;
  }
}
