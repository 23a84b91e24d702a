/**
 * The same churn on the oracle of `@stowage/testing`: the same operations, answered in the most obvious way. For
 * clusters of a dozen agents.
 */
import { ReferenceScheduler } from '@stowage/testing';
import { agentShape, resourcesOf } from './agent-types.ts';
import { NO_ASSIGNMENTS, withAssignment } from './assignment-hash.ts';
import type { ChurnStart } from './churn.ts';
import { referenceConstraintsOf, referenceFitnessOf, referenceSoftConstraintsOf } from './oracle-policies.ts';
import { HOPELESS_SHAPE, requirementsOf, type TaskShape } from './task-shapes.ts';

/** @returns the hash of all assignments, as `Churn.run` of a new churn gives it */
export function oracleHash({ workload, shapes, state, victims }: ChurnStart, operations: number): number {
  const oracle = new ReferenceScheduler({
    resources: resourcesOf(workload),
    fitness: [referenceFitnessOf(workload)],
    softConstraints: referenceSoftConstraintsOf(workload),
  });
  for (let row = 0; row < workload.agents; row++) oracle.addAgent(agentShape(row, workload));
  const requirements = (shape: TaskShape, i: number) => ({
    ...requirementsOf(shape, i, workload),
    constraints: referenceConstraintsOf(workload, i % workload.jobs),
  });
  const classes = shapes.map(requirements);
  const live = Array.from(
    state.rows,
    (row, task): number | undefined => oracle.adopt(classes[state.classes[task]], row).id,
  );
  let hash = NO_ASSIGNMENTS;
  for (let i = 0; i < operations; i++) {
    const leaving = live[victims[i]];
    if (leaving !== undefined) oracle.release(leaving);
    const placement = oracle.place(classes[i % classes.length]);
    live[victims[i]] = placement?.id;
    hash = withAssignment(hash, placement?.row ?? -1);
    if (!workload.hopelessClass) continue;
    const hopeless = oracle.place(requirements(HOPELESS_SHAPE, 0));
    if (hopeless !== undefined) oracle.release(hopeless.id);
    hash = withAssignment(hash, hopeless?.row ?? -1);
  }
  return hash;
}
