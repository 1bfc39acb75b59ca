/* The walk of the scope builder: its vocabulary, shared by scope_build.c (tables and
 * loop), scope_enter.c (what each role and action does) and scope_open.c (scopes).
 */
#ifndef SEMANTIC_SCOPE_BUILD_H
#define SEMANTIC_SCOPE_BUILD_H

#include "semantic/scope_internal.h"

// What an identifier means that nothing else is said about.
typedef enum Context {
  CONTEXT_LOAD,
  CONTEXT_STORE,
  CONTEXT_DELETE,
  CONTEXT_PARAMETER,
  CONTEXT_PATTERN,     // of a case clause: only some identifiers bind
  CONTEXT_ANNOTATION,  // read; strings hold names
  CONTEXT_SILENT,      // parts of dotted names, attribute names
} Context;

typedef enum Role {
  ROLE_NONE,
  ROLE_ASSIGNED,
  ROLE_AUGMENTED,
  ROLE_ANNOTATION,
  ROLE_FOR,
  ROLE_FOR_IN,
  ROLE_ITERABLE,  // of a comprehension's clause
  ROLE_WALRUS,
  ROLE_WITH_ITEM,
  ROLE_EXCEPT_VALUE,
  ROLE_EXCEPT_ALIAS,
  ROLE_AS_TARGET,
  ROLE_CAPTURE,
  ROLE_DELETED,
  ROLE_SIGNATURE_TYPE,
  ROLE_DEFAULT,
  ROLE_PARAMETER,
  ROLE_PARAMETERS,
  ROLE_BODY,
  ROLE_DEFINED_NAME,
  ROLE_TYPE_PARAMETERS,
  ROLE_HEADER,
  ROLE_ALIAS_NAME,
  ROLE_ALIAS_VALUE,
  ROLE_TYPE_BOUND,
  ROLE_TYPE_ARGUMENT,
  ROLE_IMPORT,
  ROLE_IMPORT_FROM,
  ROLE_IMPORT_ALIAS,
  ROLE_SILENT,
  ROLE_MEMBER,  // an identifier there is no name
  ROLE_GLOBAL,
  ROLE_NONLOCAL,
  ROLE_PATTERN,
  ROLE_ELEMENT,
} Role;

typedef enum Action {
  ACTION_NONE,
  ACTION_NAME,
  ACTION_STRING,
  ACTION_DOTTED_NAME,
  ACTION_OPEN,
  ACTION_COMPREHENSION,
  ACTION_FOR_IN,
  ACTION_CONTAINER,
  ACTION_SPLAT,
  ACTION_TYPE_PARAMETER,
  ACTION_STAR_IMPORT,
  ACTION_PRINT,
  ACTION_EXEC,
  ACTION_ASYNC,
  ACTION_AWAIT,
  ACTION_YIELD,
} Action;

// Pushes a frame for the node that differs from the one around in its context.
Frame *builder_enter(Builder *b, uint32_t node, Context context);
// Pushes the frame that the role asks for; true when the node needs nothing more.
bool builder_take_role(Builder *b, uint32_t node, Role role);

static inline uint32_t builder_field(const Builder *b, uint32_t node, PyField field) {
  return node_field(b->m->tree, (NodeId){node}, field).i;
}
static inline bool builder_is_broken(const Builder *b, uint32_t node) {
  return (b->nodes[node].flags & NODE_IN_ERROR) != 0;
}
static inline uint32_t builder_parent(const Builder *b, uint32_t scope) {
  return b->s->scopes.items[scope].parent.i;
}

void builder_meet_name(Builder *b, uint32_t node);
void builder_meet_dotted_name(Builder *b, uint32_t node);
void builder_open(Builder *b, uint32_t node);
void builder_open_comprehension(Builder *b, uint32_t node);
void builder_enter_for_in(Builder *b, uint32_t node);
void builder_enter_container(Builder *b, uint32_t node);
void builder_enter_splat(Builder *b, uint32_t node);
void builder_enter_type_parameters(Builder *b, uint32_t node);
void builder_enter_type_bound(Builder *b, uint32_t node);
void builder_note_keyword(Builder *b, uint32_t node, Action action);

#endif
