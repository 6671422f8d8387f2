/* The enumerations of the contact flow: codes and, for the test that compares them with the schemas, names. */
#pragma once
#include <cstdint>

#define KPICORE_CODE(word) word,
#define KPICORE_NAME(word) #word,
#define KPICORE_WORDS(space, LIST)                                      \
  namespace space {                                                     \
  enum Code : int8_t { LIST(KPICORE_CODE) count };                      \
  inline const char *const names[] = {LIST(KPICORE_NAME)};              \
  }

#define KPICORE_EVENTS(X)                                                                              \
  X(opened) X(ivr_entered) X(ivr_left) X(handed_off) X(queued) X(offered) X(answered) X(started)       \
  X(held) X(retrieved) X(transferred) X(conferenced) X(left) X(wrapup_started) X(wrapup_ended)         \
  X(exited) X(abandoned) X(voicemail) X(callback_requested) X(assigned) X(pending) X(resolved)         \
  X(reopened) X(closed) X(filtered) X(tagged) X(other)
#define KPICORE_DETAILS(X) \
  X(blind) X(consult) X(queue) X(timeout) X(full) X(empty) X(closed) X(diverted) X(other)
#define KPICORE_OUTCOMES(X)                                                                             \
  X(answered) X(abandoned) X(timeout) X(full) X(empty) X(closed) X(diverted) X(voicemail) X(callback)   \
  X(flow_out) X(transferred) X(unknown)
#define KPICORE_KINDS(X) X(ring) X(talk) X(hold) X(wrapup)
#define KPICORE_BEGAN(X) X(answered) X(transferred_in) X(conferenced) X(assigned) X(outbound) X(unknown)
#define KPICORE_ENDED(X) \
  X(closed) X(transferred_blind) X(transferred_consult) X(transferred_queue) X(left) X(open) X(unknown)
#define KPICORE_NOTES(X)                                                                                 \
  X(abandoned_without_visit) X(after_closed) X(agent_missing) X(answered_twice) X(closed_twice)          \
  X(conferenced_without_leg) X(ended_while_waiting) X(exited_another_queue) X(exited_without_visit)      \
  X(held_twice) X(held_without_leg) X(left_without_leg) X(leg_open) X(offered_twice)                     \
  X(offered_while_handling) X(opened_late) X(queued_twice) X(reopened_while_open)                        \
  X(retrieved_without_hold) X(retrieved_without_leg) X(ring_open) X(started_twice)                       \
  X(transferred_without_leg) X(visit_open) X(wrapup_cut) X(wrapup_ended_without_start) X(wrapup_open)    \
  X(wrapup_started_twice) X(wrapup_without_leg)

namespace kpicore {

KPICORE_WORDS(event, KPICORE_EVENTS)
KPICORE_WORDS(detail, KPICORE_DETAILS)
KPICORE_WORDS(outcome, KPICORE_OUTCOMES)
KPICORE_WORDS(kind, KPICORE_KINDS)
KPICORE_WORDS(began, KPICORE_BEGAN)
KPICORE_WORDS(ended, KPICORE_ENDED)
KPICORE_WORDS(note, KPICORE_NOTES)

}  // namespace kpicore
