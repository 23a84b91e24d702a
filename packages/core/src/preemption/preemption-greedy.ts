/**
 * A good set of victims instead of the best, for when the search for the best was too long: Kubernetes' greedy pass.
 * On the most promising agents all candidates leave; if that is enough, they are taken back one by one, most important
 * and longest placed first, whenever the rest is still enough. Takes bounded time on any cluster.
 */
import type { PreemptionCase } from './preemption-case.ts';
import type { VictimSet } from './preemption-row-search.ts';
import type { PreemptionTrial } from './preemption-trial.ts';

const MAX_AGENTS = 100;
/** Departures, over all agents, after which the sets stay as they are. */
const MAX_DEPARTURES = 200_000;

interface Candidate {
  readonly index: number;
  readonly priority: number;
}

export function greedyVictims(
  cases: readonly PreemptionCase[],
  trial: PreemptionTrial,
): VictimSet | undefined {
  const promising = [...cases].sort((a, b) => a.lowestLevel - b.lowestLevel || a.row - b.row);
  let departuresLeft = MAX_DEPARTURES;
  let best: { readonly row: number; readonly victims: readonly Candidate[] } | undefined;
  for (const { row, indices, priorities } of promising.slice(0, MAX_AGENTS)) {
    const isEnough = (victims: readonly Candidate[]): boolean => {
      departuresLeft -= victims.length;
      return trial.isFeasibleWithout(
        victims.map(({ index }) => index),
        row,
      );
    };
    let victims: Candidate[] = indices.map((index, i) => ({ index, priority: priorities[i] }));
    if (departuresLeft <= 0 || !isEnough(victims)) continue;
    for (const candidate of [...victims].reverse()) {
      const fewer = victims.filter((other) => other !== candidate);
      if (departuresLeft > 0 && fewer.length > 0 && isEnough(fewer)) victims = fewer;
    }
    if (best === undefined || compareVictims(victims, best.victims) < 0) best = { row, victims };
  }
  if (best === undefined) return undefined;
  return { row: best.row, indices: best.victims.map(({ index }) => index), sum: sumOf(best.victims) };
}

/** Both in the order of eviction, so the last is the most important. */
function compareVictims(a: readonly Candidate[], b: readonly Candidate[]): number {
  return a[a.length - 1].priority - b[b.length - 1].priority || a.length - b.length || sumOf(a) - sumOf(b);
}

function sumOf(victims: readonly Candidate[]): number {
  return victims.reduce((sum, { priority }) => sum + priority, 0);
}
