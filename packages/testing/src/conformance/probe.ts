/**
 * A plug-in under observation. The probe stands in its place in one task class, so that it is bound and rebound
 * exactly as the engine would, and can then be asked for answers outside of decisions.
 *
 * Choices do not follow a fitness under observation but a scatter over the rows, so that states are reached which
 * the fitness itself would avoid.
 */
import type {
  BoundConstraint,
  BoundFitness,
  ClusterView,
  ExclusionSpec,
  FitnessCalculator,
  HardConstraint,
  TaskClassView,
  TaskRequirements,
} from '@stowage/core';

/** @public */
export interface Probe {
  /** To put on the task class. */
  readonly policies: Pick<TaskRequirements, 'constraints' | 'fitness'>;
  /** How often the engine has bound the plug-in. */
  readonly bindings: number;
  /** Score range declared by the plug-in as it is bound now. */
  readonly range: readonly [min: number, max: number] | undefined;
  /** Whether there are tasks on a row that the plug-in as it is bound now declares to exclude; undefined if it declares none. */
  readonly excludes: ((row: number) => boolean) | undefined;
  /** Of the rows of the present agents, those the plug-in may be asked about after a decision. */
  askable(present: readonly number[]): readonly number[];
  prepare(): void;
  /** One answer per row, in one batch where the plug-in works on batches. */
  ask(rows: readonly number[]): number[];
}

/** Any row may be asked about: explanations do. */
export function probeConstraint(constraint: HardConstraint): Probe {
  let bound: BoundConstraint = { test: () => 0 };
  let bindings = 0;
  let excludes: Probe['excludes'];
  const stand: HardConstraint = {
    name: constraint.name,
    claimsAgent: constraint.claimsAgent ?? false,
    bind(cluster, task) {
      bindings++;
      const own = (bound = constraint.bind(cluster, task));
      excludes = constraint.excludes && exclusionTest(constraint.excludes, cluster, task);
      return { prepare: () => own.prepare?.(), test: (row) => (own.test(row) === 0 ? 0 : 1) };
    },
  };
  return {
    policies: { constraints: [stand], fitness: scatter(() => {}) },
    get bindings() {
      return bindings;
    },
    range: undefined,
    get excludes() {
      return excludes;
    },
    askable: (present) => present,
    prepare: () => bound.prepare?.(),
    ask: (rows) =>
      rows.map((row) => {
        const verdict = bound.test(row);
        if (verdict > 0) bound.explain?.(row, verdict);
        return verdict;
      }),
  };
}

function exclusionTest(
  excludes: ExclusionSpec,
  cluster: ClusterView,
  task: TaskClassView,
): (row: number) => boolean {
  if (excludes.selector !== undefined) {
    const selected = cluster.selectedTasks(excludes.selector);
    return (row) => selected.get(row) > 0;
  }
  const labelId = task.labelId(excludes.sameLabel);
  const coTasks = cluster.tasksByAgent(excludes.sameLabel);
  return (row) => labelId !== 0 && coTasks.get(labelId, row) > 0;
}

/** Only feasible rows may be asked about. */
export function probeFitness(fitness: FitnessCalculator): Probe {
  let bound: BoundFitness = { scoreInto: () => {} };
  let bindings = 0;
  let feasible: readonly number[] = [];
  const stand = scatter((rows) => (feasible = rows));
  return {
    policies: {
      fitness: {
        ...stand,
        name: fitness.name,
        ...(fitness.slotFitness && { slotFitness: fitness.slotFitness }),
        bind(cluster, task) {
          bindings++;
          bound = fitness.bind(cluster, task);
          return stand.bind(cluster, task);
        },
      },
    },
    get bindings() {
      return bindings;
    },
    get range() {
      return bound.range ?? fitness.range;
    },
    excludes: undefined,
    askable: () => feasible,
    prepare: () => bound.prepare?.(),
    ask(rows) {
      const scores = new Float64Array(rows.length).fill(NaN);
      bound.scoreInto(Int32Array.from(rows), rows.length, scores);
      return [...scores];
    },
  };
}

/** @param note - is told the feasible rows of a decision */
function scatter(note: (feasible: readonly number[]) => void): FitnessCalculator {
  return {
    name: 'scatter',
    bind: (cluster) => ({
      scoreInto(rows, count, scores) {
        note([...rows.subarray(0, count)]);
        for (let i = 0; i < count; i++) scores[i] = (rows[i] * 31 + cluster.placements() * 17) % 7;
      },
    }),
  };
}
