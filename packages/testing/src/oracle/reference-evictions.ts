/**
 * The tasks that should leave, by the rule as it is written: first those that do not tolerate a NoExecute taint. Then,
 * while a resource is short, the next one that borrows it: lowest priority first, latest placed first. Then each of
 * these stays after all, the last taken first, if nothing is short with it. What is short is summed up anew each time.
 */
import { placementsOn } from './reference-cluster.ts';
import { isTolerated, lendableUnits } from './reference-feasibility.ts';
import type { ReferenceAgent, ReferenceCluster, ReferencePlacement } from './reference-model.ts';

/** A task that should leave its agent. @public */
export interface ReferenceEviction {
  readonly id: number;
  readonly row: number;
  readonly reason: 'opportunistic' | 'taint';
}

export function evictionsIn(cluster: ReferenceCluster): ReferenceEviction[] {
  return cluster.agents.flatMap((agent) => {
    const tasks = [...placementsOn(cluster, agent)].sort(
      (a, b) => a.task.priority - b.task.priority || b.id - a.id,
    );
    const tainted = tasks.filter((placement) => mustLeave(placement, agent));
    const others = tasks.filter((placement) => !tainted.includes(placement));
    return [
      ...tainted.map(({ id, row }) => ({ id, row, reason: 'taint' as const })),
      ...borrowersToLeave(others, agent).map(({ id, row }) => ({
        id,
        row,
        reason: 'opportunistic' as const,
      })),
    ];
  });
}

function mustLeave({ task }: ReferencePlacement, { taints }: ReferenceAgent): boolean {
  return taints.some((taint) => taint.effect === 'NoExecute' && !isTolerated(task, taint));
}

function borrowersToLeave(tasks: readonly ReferencePlacement[], agent: ReferenceAgent): ReferencePlacement[] {
  const shortWithout = (gone: readonly ReferencePlacement[]) => {
    const remaining = tasks.filter((placement) => !gone.includes(placement));
    return Object.keys(agent.totals).filter((resource) => lendableUnits(agent, remaining, resource) < 0);
  };
  let leaving: ReferencePlacement[] = [];
  for (const placement of tasks) {
    const borrowsWhatIsShort = shortWithout(leaving).some(
      (resource) => placement.task.opportunistic[resource] > 0,
    );
    if (borrowsWhatIsShort) leaving.push(placement);
  }
  for (const placement of [...leaving].reverse()) {
    const fewer = leaving.filter((other) => other !== placement);
    if (shortWithout(fewer).length === 0) leaving = fewer;
  }
  return leaving;
}
