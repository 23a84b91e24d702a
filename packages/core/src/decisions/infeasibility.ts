/**
 * Negative cache: a class that fitted nowhere is not looked for again while nothing has happened that could make room,
 * and afterwards only on the agents that have changed.
 */
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { PlannedClass } from '../structures/planned-class.ts';
import type { Scratch } from './scratch.ts';

/** Changed agents that are looked at one by one; with more, a structure is asked. */
const MOST_CHANGES = 256;

/**
 * Whether a class that was infeasible at `infeasibleAt` is so still. O(1) if only placements were made since and
 * its constraints only tighten, else O(changes) for constraints that look at agents only.
 */
export function stillInfeasible(planned: PlannedClass, journal: ChangeJournal, scratch: Scratch): boolean {
  const { policies } = planned;
  if (policies.onlyTightens && journal.loosened <= planned.infeasibleAt) return true;
  if (!policies.isRowLocal || policies.groupConstraints.length > 0) return false;
  const { rows } = scratch;
  if (journal.version - planned.infeasibleAt > MOST_CHANGES) return false;
  const count = journal.changedSinceInto(planned.infeasibleAt, rows);
  if (count < 0) return false;
  scratch.evaluations += count;
  for (let i = 0; i < count; i++) if (planned.acceptsRow(rows[i])) return false;
  planned.infeasibleAt = journal.version;
  return true;
}
