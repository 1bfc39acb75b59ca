/* Model: what a file means. One per file, in the file's arena.
 *
 * Every part is built when it is first asked for, so that a rule pays only for what it
 * needs: scopes and names come with the model; flow graphs, values, effects and escapes
 * are made per scope or per expression on demand and kept. All questions take the Model,
 * ids are small numbers that are meaningful in one model only, and 0 means none/unknown.
 *
 *     Model *m = model_in(arena, tree, &options);
 *     Str name = name_of(m, callee);                       // semantic/names.h
 *     BindingId b = binding_of(m, identifier);             // semantic/scope.h
 *
 * Answers are conservative: where the code hides what it does (star imports, exec,
 * broken regions, scopes beyond the flow budget) they say unknown, and rules stay silent.
 */
#ifndef SEMANTIC_MODEL_H
#define SEMANTIC_MODEL_H

#include "base/map.h"
#include "semantic/knowledge.h"
#include "syntax/tree.h"

typedef struct Target {
  uint8_t floor;  // minor versions: 9 is Python 3.9
  uint8_t newest;
} Target;

typedef struct ModelOptions {
  const Knowledge *knowledge;
  Str module;       // dotted name from discovery, e.g. "pkg.mod"; empty if unknown
  bool is_package;  // the file is an __init__.py
  bool is_test;     // from its project-relative path
  Target target;
} ModelOptions;

// The parts, each private to its own file.
typedef struct Scopes Scopes;
typedef struct Names Names;
typedef struct Flows Flows;
typedef struct Values Values;
typedef struct Effects Effects;
typedef struct Escapes Escapes;
typedef struct Contexts Contexts;

typedef struct Model {
  Arena *arena;
  const Tree *tree;
  ModelOptions options;
  Interner names_interner;
  Scopes *scopes;  // built with the model
  Names *names;    // the others are NULL until asked for
  Flows *flows;
  Values *values;
  Effects *effects;
  Escapes *escapes;
  Contexts *contexts;
} Model;

Model *model_in(Arena *arena, const Tree *tree, const ModelOptions *options);

#endif
