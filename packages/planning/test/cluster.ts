/**
 * Small clusters for the tests of the planners: zones, jobs, and a fitness that fills the fullest agent first.
 */
import { constraint, fitness, PlacementEngine, type TaskRequirements } from '@stowage/core';

/** The fullest agent by CPU. */
export const fullest = fitness('fullest', (_, agent) => agent.total('cpu') - agent.free('cpu'), 'agent');

/** At most one task of a job on an agent. */
export const onePerAgent = constraint(
  'one per agent',
  (_, agent) => agent.tasksWithSame('job') === 0 || 'runs one',
  'agent',
);

export interface PlacedTask {
  /** Milli-cores. */
  readonly cpu: number;
  readonly row: number;
  readonly job: string;
  readonly unique?: boolean;
}

export interface Cluster {
  readonly engine: PlacementEngine;
  /** Job of every task that was placed, by handle. */
  readonly jobs: ReadonlyMap<number, string>;
}

/** Agents of 1,000 milli-cores in the zones given, and tasks on them; those that do not fit are left out. */
export function clusterOf(zones: readonly string[], tasks: readonly PlacedTask[]): Cluster {
  const engine = new PlacementEngine({ fitness: fullest });
  for (const zone of zones) engine.addAgent({ resources: { cpu: 1 }, attributes: { zone } });
  const jobs = new Map<number, string>();
  for (const { cpu, row, job, unique = false } of tasks) {
    const requirements: TaskRequirements = {
      resources: { cpu: cpu / 1000 },
      labels: { job },
      ...(unique ? { constraints: [onePerAgent] } : {}),
    };
    const handle = engine.placeOn(engine.defineClass(requirements), row);
    if (handle >= 0) jobs.set(handle, job);
  }
  return { engine, jobs };
}

/** Rows without tasks. */
export function idleRows(engine: PlacementEngine): number[] {
  return Array.from({ length: engine.rowCount }, (_, row) => row).filter(
    (row) => engine.cluster.taskCount[row] === 0,
  );
}
