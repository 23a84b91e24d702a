/**
 * Who may be a victim: tasks of lower priority that the caller does not protect, on agents that no departure would
 * have to change otherwise, being neither drained nor refused for their attributes.
 */
import { ACTIVE } from '../agents/agent-table.ts';
import type { BoundClass } from '../decisions/bound-class.ts';
import type { Decider } from '../decisions/decider.ts';
import { fail } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PreemptionOptions } from './preemption-plan.ts';
import { show } from '../support/show.ts';

/**
 * Indices of tasks by agent row; rows without candidates are missing. O(agents + tasks).
 * @throws StowageError INVALID_SPEC, REENTRANT_CALL, and what constraints on attributes throw
 */
export function candidatesByRow(
  ledger: Ledger,
  decider: Decider,
  bound: BoundClass,
  { row: only, mayEvict }: PreemptionOptions,
): Map<number, number[]> {
  const { agents, tasks, classes, journal } = ledger;
  const { priority } = bound.taskClass;
  const byRow = new Map<number, number[]>();
  const rows = Int32Array.from({ length: agents.rowCount }, (_, row) => row).filter(
    (row) => agents.state[row] === ACTIVE && (only === undefined || row === only),
  );
  for (const row of decider.suitableRows(bound, rows)) byRow.set(row, []);
  const { version } = journal;
  for (let index = 0; index < tasks.highWater; index++) {
    if (tasks.classOf(index) < 0 || classes[tasks.classOf(index)]!.priority >= priority) continue;
    const indices = byRow.get(tasks.agentOf(index));
    if (indices === undefined) continue;
    if (mayEvict === undefined || answer(mayEvict(tasks.handleOf(index)))) indices.push(index);
    if (journal.version !== version) {
      fail(
        'REENTRANT_CALL',
        'mayEvict changed the engine that was asking it; answer without changing anything.',
      );
    }
  }
  for (const [row, indices] of byRow) if (indices.length === 0) byRow.delete(row);
  return byRow;
}

function answer(verdict: unknown): boolean {
  if (typeof verdict === 'boolean') return verdict;
  return fail('INVALID_SPEC', `mayEvict gave ${show(verdict)}; return true or false.`);
}
