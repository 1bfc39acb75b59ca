/* Classes of one file: methods, bases, and how many instances it makes.
 *
 *     if (method_kind(m, def) != METHOD_INSTANCE) return;
 *     if (class_base_flags(m, class) & BASE_ENUM) return;
 *
 * What several files show together is the Index's business; these answers need one file.
 * Chains of local bases are followed to CLASS_DEPTH.
 */
#ifndef SEMANTIC_CLASSES_H
#define SEMANTIC_CLASSES_H

#include "semantic/calls.h"

enum { CLASS_DEPTH = 16 };

typedef enum MethodKind {
  METHOD_NONE,  // a function that stands in no class body
  METHOD_INSTANCE,
  METHOD_CLASS,  // classmethod, __new__, __init_subclass__, __class_getitem__
  METHOD_STATIC,
} MethodKind;

MethodKind method_kind(Model *m, NodeId function_definition);
// The class whose body holds the function directly (under `if` and `try` as well).
NodeId method_class(const Model *m, NodeId function_definition);

// The class of this file that a base expression names, or NO_NODE.
NodeId class_of_base(Model *m, NodeId base);
// What a class body binds under a name; `__x` is mangled as Python does it.
BindingId class_binding(Model *m, NodeId class_definition, Str name);

// Flags (BASE_*) of every known base, through classes of this file.
uint32_t class_base_flags(Model *m, NodeId class_definition);
// A base that is neither known by the tables nor a class of this file.
bool class_has_unknown_base(Model *m, NodeId class_definition);

typedef enum InstanceCount {
  INSTANCES_UNKNOWN,  // none is made here, or it is handed on as a value
  INSTANCES_ONE,      // one, at import time: a singleton of the program
  INSTANCES_MANY,     // made in a function, a loop, or at several places
} InstanceCount;
// Instances of the class and of its subclasses in this file.
InstanceCount class_instances(Model *m, NodeId class_definition);

#endif
