/* Heavy keys: arguments that a cache can use as keys, and that hold a lot or only equal
 * themselves, so that the cache keeps every one of them.
 *
 *     @cache
 *     def mean(x: torch.Tensor): …            by annotation
 *     def menu(request): request.META[…]      by what is done with it
 *     def total(report): …                    by the calls: `total(self)`, `total(Report())`
 *
 * Arrays, data frames, lists and dicts cannot be keys. Instances that compare by value
 * (`__eq__` and `__hash__`, frozen data classes, named tuples, enumerations) are as few as
 * their values; those of a class that the program makes once are one.
 */
#ifndef SEMANTIC_HEAVY_KEY_H
#define SEMANTIC_HEAVY_KEY_H

#include "semantic/classes.h"
#include "semantic/value.h"

typedef struct HeavyKey {
  HeavyKeyWhy why;
  NodeId source;  // what tells: the annotation, the argument, the use
} HeavyKey;

// What an expression gives, as an argument.
HeavyKey heavy_key_of(Model *m, NodeId argument);
// Does a base outside of the project leave instances that only equal themselves? Its
// qualified name; HEAVY_KEY_NOT where they compare by value, or it is not known.
HeavyKeyWhy heavy_key_base(const Knowledge *k, Str name);
// A parameter of a function or lambda: by annotation, else by use and the calls of this
// file.
HeavyKey heavy_key_parameter(Model *m, NodeId function, DefId parameter);

#endif
