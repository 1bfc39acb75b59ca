// The text of `dump flow`: per scope its blocks, each with its steps and edges.
//
//     function f 1:1
//       B1 entry idom B1
//         identifier 1:7 def x
//         identifier 2:12 use x <- 1:7
//         normal B2
#include "semantic/flow_internal.h"

#include "base/utf8.h"

static void dump_place(const Model *m, NodeId node, Buf *out) {
  LinePos at =
      lines_position(&m->tree->source->lines, node_start(m->tree, node), COLUMN_BYTES);
  buf_printf(out, "%u:%u", at.line + 1, at.column + 1);
}

static void dump_name(const Model *m, const char *verb, BindingId binding, Buf *out) {
  Str name = binding_name(m, binding);
  buf_printf(out, " %s ", verb);
  buf_add_escaped(out, name);
}

static void dump_use(Model *m, const Flow *f, const Step *step, Buf *out) {
  const Use *use = &f->uses.items[step->what];
  dump_name(m, "use", f->slots.items[use->slot].binding, out);
  DefList list = flow_defs_reaching(m, use->ref);
  buf_add_text(out, list.unknown ? " <- unknown" : " <-");
  for (uint32_t i = 0; i < list.count; i++) {
    buf_add_byte(out, ' ');
    dump_place(m, def_get(m, list.items[i])->node, out);
  }
  if (list.maybe_unbound) buf_add_text(out, " unbound");
}

static void dump_step(Model *m, const Flow *f, const Step *step, Buf *out) {
  const char *raises[] = {"", " interruptible", " looks up", " raises"};
  buf_printf(out, "    %s ", kind_name(node_kind(m->tree, step->node)));
  dump_place(m, step->node, out);
  switch ((StepKind)step->kind) {
    case STEP_EVAL: break;
    case STEP_USE: dump_use(m, f, step, out); break;
    case STEP_DEF:
      dump_name(m, "def", def_get(m, def_at(m, step->node))->binding, out);
      break;
    case STEP_DELETE:
    case STEP_UNBIND: dump_name(m, "unbind", binding_of(m, step->node), out); break;
    case STEP_ITER: buf_add_text(out, " iter"); break;
    case STEP_NEXT: buf_add_text(out, " next"); break;
    case STEP_EXIT: buf_add_text(out, " exit"); break;
  }
  buf_add_text(out, raises[step->raises]);
  buf_add_byte(out, '\n');
}

static void dump_block(Model *m, const Flow *f, uint32_t id, Buf *out) {
  const char *names[BLOCK_FIRST_FREE] = {"", " entry", " exit", " raised"};
  const char *kinds[] = {"normal", "true", "false", "raise", "unwind"};
  const Block *block = &f->blocks.items[id];
  bool is_empty = block->first_step == block->step_stop;
  bool is_dead = block->order == 0;
  if (is_empty && is_dead && id >= BLOCK_FIRST_FREE) return;
  buf_printf(out, "  B%u%s", id, id < BLOCK_FIRST_FREE ? names[id] : "");
  if (is_dead) {
    buf_add_text(out, " unreachable\n");
  } else {
    buf_printf(out, " idom B%u\n", f->dominator[id]);
  }
  for (uint32_t i = block->first_step; i < block->step_stop; i++) {
    dump_step(m, f, &f->steps.items[i], out);
  }
  for (uint32_t s = f->succ_at[id]; s < f->succ_at[id + 1]; s++) {
    const Edge *edge = &f->edges.items[f->succ[s]];
    buf_printf(out, "    %s B%u\n", kinds[edge->kind], edge->to);
  }
}

void flow_dump(Model *m, ScopeId id, Buf *out) {
  const char *kinds[] = {"none",   "module",        "class",          "function",
                         "lambda", "comprehension", "type parameters"};
  const Scope *scope = scope_get(m, id);
  Flow *f = flow_of(m, id);
  buf_printf(out, "%s ", kinds[scope->kind]);
  Str name = sym_str(&m->names_interner, scope->name);
  buf_add_escaped(out, name);
  if (name.n != 0) buf_add_byte(out, ' ');
  dump_place(m, scope->node, out);
  buf_add_text(out, f->is_unknown ? " unknown\n" : "\n");
  if (f->is_unknown) return;
  flow_dominate(m, f);
  for (uint32_t block = BLOCK_ENTRY; block < f->blocks.count; block++) {
    dump_block(m, f, block, out);
  }
}
