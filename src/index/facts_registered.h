/* What facts_registrations.c and facts_undoings.c ask of each other. */
#ifndef INDEX_FACTS_REGISTERED_H
#define INDEX_FACTS_REGISTERED_H

#include "index/facts_internal.h"
#include "semantic/register.h"

// A row with all that its place and the tables tell; added when it is complete.
FactRegistration registration_begin(FactsBuilder *b, const Registered *r);
void registration_add(FactsBuilder *b, FactRegistration row);

// `BUS` and `BUS.saved` of this module, or what name_of() says: a name of some module.
Str global_name(FactsBuilder *b, NodeId expression);
// What made an object, as far as its class or its one definition tells.
Str maker_of(FactsBuilder *b, NodeId object);
// Reads what the arguments from `first` on name, for a row that undoes; false where that
// equals nothing that was registered.
bool undone_read(FactsBuilder *b, NodeId first, FactRegistration *row);
// Flags of tests that let it run once: REGISTRATION_GUARDED, _ONCE_EACH.
uint32_t once_flags(FactsBuilder *b, const Registered *r);
// Fills in what tells of the object that is held.
void held_read(FactsBuilder *b, const Registered *r, Hold held, BindingId object,
               FactRegistration *row);
// Of REGISTER_KEEPS and _REPLACES; of loggers.
void process_add(FactsBuilder *b, Registered *r);
void logger_add(FactsBuilder *b, Registered *r);
bool is_logger(FactsBuilder *b, NodeId receiver);
// A new object for each run of the function: `StreamHandler()`, or a name that holds it.
bool is_made_here(FactsBuilder *b, NodeId given);
// Which logger it is, as far as its name is written out.
FactWord logger_key(FactsBuilder *b, NodeId receiver);

// A function that hands its first parameter on to what registers stands for that.
void forwarder_add(FactsBuilder *b, const Registered *r);
void publishers_collect(FactsBuilder *b);
void undo_add(FactsBuilder *b, const Registered *r);
// `BUS.clear()` of a name of some module: nobody is subscribed behind it.
void emptying_add(FactsBuilder *b, NodeId call);

#endif
