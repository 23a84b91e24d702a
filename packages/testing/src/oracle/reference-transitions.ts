/**
 * Every step from one state of the oracle to the next, as a new state. Nothing is changed in place, so an old state is
 * still what it was.
 */
import { placementsOn } from './reference-cluster.ts';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferencePlacement,
  ReferenceSlots,
} from './reference-model.ts';

/** With an agent that is new or takes the place of the one on its row. */
export function withAgent(cluster: ReferenceCluster, agent: ReferenceAgent): ReferenceCluster {
  const others = cluster.agents.filter(({ row }) => row !== agent.row);
  return { ...cluster, agents: [...others, agent].sort((a, b) => a.row - b.row) };
}

export function withoutAgent(cluster: ReferenceCluster, row: number): ReferenceCluster {
  return { ...cluster, agents: cluster.agents.filter((agent) => agent.row !== row) };
}

/** With one more placement; its slots are bound to its labels. */
export function withPlacement(cluster: ReferenceCluster, placement: ReferencePlacement): ReferenceCluster {
  const { task, row } = placement;
  const agent = cluster.agents.find((candidate) => candidate.row === row)!;
  const sets = { ...agent.sets };
  for (const { set, label } of task.slotDemands) {
    const taken = placement.slots[set];
    sets[set] = { ...sets[set], labels: replaced(sets[set].labels, taken, label) };
  }
  const placements = [...cluster.placements, placement];
  return withAgent(
    { ...cluster, placements, placementCount: cluster.placementCount + 1 },
    { ...agent, sets },
  );
}

/** Without a placement; slots that become idle keep their labels and remember the time. */
export function withoutPlacement(cluster: ReferenceCluster, placement: ReferencePlacement): ReferenceCluster {
  const placements = cluster.placements.filter((other) => other !== placement);
  const after = { ...cluster, placements };
  const agent = cluster.agents.find(({ row }) => row === placement.row)!;
  const sets: Record<string, ReferenceSlots> = { ...agent.sets };
  for (const [set, taken] of Object.entries(placement.slots)) {
    const left = placementsOn(after, agent);
    const idle = taken.filter((slot) => !left.some(({ slots }) => slots[set]?.includes(slot)));
    sets[set] = { ...sets[set], idleSinceMs: replaced(sets[set].idleSinceMs, idle, cluster.nowMs) };
  }
  return withAgent(after, { ...agent, sets });
}

/** With a placement in another stage. */
export function withStage(
  cluster: ReferenceCluster,
  placement: ReferencePlacement,
  stage: ReferencePlacement['stage'],
): ReferenceCluster {
  const placements = cluster.placements.map((other) =>
    other === placement ? { ...placement, stage } : other,
  );
  return { ...cluster, placements };
}

function replaced<T>(values: readonly T[], at: readonly number[], value: T): T[] {
  return values.map((old, i) => (at.includes(i) ? value : old));
}
