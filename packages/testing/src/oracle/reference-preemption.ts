/**
 * Preemption in the most obvious way: list every set of tasks of lower priority on every agent, sort the list by the
 * order that `PreemptionPlan` documents, and take the first set after whose release the oracle finds the agent
 * feasible. For clusters of a few tasks per agent.
 */
import { placementsOn } from './reference-cluster.ts';
import type { ReferencePlacement, ReferenceRequirements } from './reference-model.ts';
import type { ReferenceScheduler } from './reference-scheduler.ts';

/** @public */
export interface ReferencePreemptionOptions {
  /** The only agent to look at. Default: all. */
  readonly row?: number;
  /** Default: all tasks may be victims. */
  readonly mayEvict?: (placement: ReferencePlacement) => boolean;
}

/** @public */
export interface ReferencePreemption {
  readonly row: number;
  /** Lowest priority first, then the one placed last. */
  readonly victims: readonly ReferencePlacement[];
}

/** Undefined when no evictions help. O(agents · 2^tasks per agent). @public */
export function referencePreemption(
  scheduler: ReferenceScheduler,
  requirements: ReferenceRequirements,
  { row: only, mayEvict = () => true }: ReferencePreemptionOptions = {},
): ReferencePreemption | undefined {
  const isFeasible = (row: number) => scheduler.feasibleRows(requirements).includes(row);
  const found = only === undefined ? scheduler.find(requirements) : isFeasible(only) ? only : undefined;
  if (found !== undefined) return { row: found, victims: [] };
  const { priority = 0 } = requirements;
  const { cluster } = scheduler;
  const choices = cluster.agents
    .filter(({ row }) => only === undefined || row === only)
    .flatMap((agent) => {
      const candidates = placementsOn(cluster, agent).filter(
        (placement) => placement.task.priority < priority && mayEvict(placement),
      );
      return subsets(candidates)
        .filter(({ length }) => length > 0)
        .map((victims) => ({ row: agent.row, victims }));
    })
    .sort(compareChoices);
  const best = choices.find(({ row, victims }) => {
    scheduler.begin();
    for (const { id } of victims) scheduler.release(id);
    const isEnough = isFeasible(row);
    scheduler.rollback();
    return isEnough;
  });
  if (best === undefined) return undefined;
  const inOrder = [...best.victims].sort((a, b) => a.task.priority - b.task.priority || b.id - a.id);
  return { row: best.row, victims: inOrder };
}

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((all, item) => [...all, ...all.map((set) => [...set, item])], [[]]);
}

function compareChoices(a: ReferencePreemption, b: ReferencePreemption): number {
  const priorities = [a, b].map(({ victims }) => victims.map(({ task }) => task.priority));
  const [highestA, highestB] = priorities.map((values) => Math.max(...values));
  const [sumA, sumB] = priorities.map((values) => values.reduce((sum, value) => sum + value, 0));
  return (
    highestA - highestB ||
    a.victims.length - b.victims.length ||
    sumA - sumB ||
    a.row - b.row ||
    youngerFirst(a.victims, b.victims)
  );
}

/** Compares the last placed of both, then the last but one, and so on. */
function youngerFirst(a: readonly ReferencePlacement[], b: readonly ReferencePlacement[]): number {
  const [idsA, idsB] = [a, b].map((victims) => victims.map(({ id }) => id).sort((x, y) => y - x));
  const at = idsA.findIndex((id, i) => id !== idsB[i]);
  return at < 0 ? 0 : idsB[at] - idsA[at];
}
