/**
 * Small clusters with agents in zones, and who accepts a task there: what the tests of affinity and spread start from.
 */
import { type HardConstraint, PlacementEngine, type TaskRequirements } from '@stowage/core';

/** One agent per zone given, undefined = without the attribute. */
export function engineIn(...zones: (string | undefined)[]): PlacementEngine {
  const engine = new PlacementEngine();
  for (const zone of zones) {
    engine.addAgent({ resources: { cpu: 1000 }, attributes: zone === undefined ? {} : { zone } });
  }
  return engine;
}

/** Places tasks of a job, or with other requirements, on a row. @returns their handles */
export function put(
  engine: PlacementEngine,
  row: number,
  task: string | Partial<TaskRequirements>,
  count = 1,
): number[] {
  const requirements = typeof task === 'string' ? { job: task } : task;
  const taskClass = engine.defineClass({ resources: {}, ...requirements });
  return Array.from({ length: count }, () => {
    const handle = engine.placeOn(taskClass, row);
    if (handle < 0) throw new Error(`row ${row} refused a task that the test needs there`);
    return handle;
  });
}

/** Rows that would take a task now. */
export function acceptingRows(
  engine: PlacementEngine,
  constraints: HardConstraint | readonly HardConstraint[],
  task: Partial<TaskRequirements> = {},
): number[] {
  const taskClass = engine.defineClass({ resources: {}, ...task, constraints: [constraints].flat() });
  engine.begin();
  const rows = Array.from({ length: engine.rowCount }, (_, row) => row).filter((row) => {
    const handle = engine.hasAgent(row) ? engine.placeOn(taskClass, row) : -1;
    if (handle >= 0) engine.release(handle);
    return handle >= 0;
  });
  engine.rollback();
  return rows;
}

/** What each row says against a task, in row order. */
export function refusals(
  engine: PlacementEngine,
  constraint: HardConstraint,
  task: Partial<TaskRequirements> = {},
): string[] {
  const taskClass = engine.defineClass({ resources: {}, ...task, constraints: [constraint] });
  const rows = Array.from({ length: engine.rowCount }, (_, row) => row);
  return rows.flatMap((row) => engine.explain(taskClass, row).reasons.map(({ example }) => example ?? ''));
}
