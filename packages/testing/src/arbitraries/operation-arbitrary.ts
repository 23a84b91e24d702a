/**
 * Random histories. Operations name agents, tasks and classes by any natural number, which is taken modulo what
 * exists when the operation is carried out, so every shortened history is still a history.
 */
import type { AgentReport, AgentShape, ResourceDefinition, StructureChoice, Taint } from '@stowage/core';
import fc from 'fast-check';
import { agentShapeArbitrary, someOf, textsArbitrary, type Vocabulary } from './agent-arbitrary.ts';
import type { ConstraintPair, FitnessPair, PolicyArbitraries, SoftConstraintPair } from './policy-pair.ts';
import { reportArbitrary } from './report-arbitrary.ts';
import { taintsArbitrary } from './taints-arbitrary.ts';

/** What changes the agents and tasks of a cluster. @public */
export type ClusterOperation =
  | { readonly kind: 'place'; readonly taskClass: number }
  | { readonly kind: 'reserve'; readonly taskClass: number; readonly agent: number | undefined }
  | { readonly kind: 'confirm'; readonly task: number }
  | { readonly kind: 'start'; readonly task: number }
  | { readonly kind: 'release'; readonly task: number }
  | { readonly kind: 'add'; readonly shape: AgentShape }
  | { readonly kind: 'update'; readonly agent: number; readonly shape: AgentShape }
  | {
      readonly kind: 'relabel';
      readonly agent: number;
      readonly attributes: Readonly<Record<string, string>>;
      readonly taints: readonly Taint[];
    }
  | {
      readonly kind: 'resize';
      readonly agent: number;
      readonly resources: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'report'; readonly agent: number; readonly report: AgentReport }
  | { readonly kind: 'remove'; readonly agent: number }
  | { readonly kind: 'drain'; readonly agent: number; readonly draining: boolean }
  | { readonly kind: 'advance'; readonly byMs: number };

/**
 * Cluster operations and those of the engine: placing on a given agent, adopting what runs there, transactions, a whole
 * cycle, other policies, another structure, forgetting a class, and going on from a snapshot.
 * @public
 */
export type Operation =
  | ClusterOperation
  | { readonly kind: 'place-on'; readonly taskClass: number; readonly agent: number }
  | {
      readonly kind: 'adopt';
      readonly taskClass: number;
      readonly agent: number;
      readonly slots: Readonly<Record<string, readonly number[]>>;
    }
  | { readonly kind: 'cycle'; readonly taskClasses: readonly number[] }
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'use-fitness'; readonly levels: readonly FitnessPair[] }
  | {
      readonly kind: 'use-policies';
      readonly constraints: readonly ConstraintPair[];
      readonly softConstraints: readonly SoftConstraintPair[];
    }
  | { readonly kind: 'use-structure'; readonly structure: StructureChoice }
  | { readonly kind: 'forget'; readonly taskClass: number }
  | { readonly kind: 'restore' };

const index = fc.nat({ max: 15 });
const kind = <K extends string>(name: K) => fc.constant(name);

/** Ways to answer, all of them with the same answers; clusters of tests are too small for the engine to leave the scan. */
export const structureArbitrary: fc.Arbitrary<StructureChoice> = fc.constantFrom(
  'cheapest',
  'scan',
  'class-tree',
  'class-tree',
  'ordered-index',
  'ordered-index',
);

/** Placements twice as often as releases, agents changing now and then. @public */
export function clusterOperationArbitrary(
  resources: readonly ResourceDefinition[],
  attributes?: Vocabulary,
): fc.Arbitrary<ClusterOperation> {
  const shape = agentShapeArbitrary(resources, attributes);
  const relabel = fc.record({
    kind: kind('relabel'),
    agent: index,
    attributes: textsArbitrary(attributes),
    taints: fc.oneof(fc.constant([]), taintsArbitrary()),
  });
  return fc.oneof(
    { weight: 24, arbitrary: fc.record({ kind: kind('place'), taskClass: index }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: kind('reserve'),
        taskClass: index,
        agent: fc.option(index, { freq: 3, nil: undefined }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: kind('confirm'), task: index }) },
    { weight: 4, arbitrary: fc.record({ kind: kind('start'), task: index }) },
    { weight: 12, arbitrary: fc.record({ kind: kind('release'), task: index }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('add'), shape }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('update'), agent: index, shape }) },
    { weight: 4, arbitrary: relabel },
    { weight: 2, arbitrary: resizeArbitrary(resources) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: kind('report'), agent: index, report: reportArbitrary(resources) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind('remove'), agent: index }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('drain'), agent: index, draining: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('advance'), byMs: fc.constantFrom(0, 1, 9, 10, 30) }) },
  );
}

/** @param policies - those that the history may switch to @public */
export function operationArbitrary(
  resources: readonly ResourceDefinition[],
  policies: PolicyArbitraries,
  attributes?: Vocabulary,
): fc.Arbitrary<Operation> {
  const levels = fc.array(policies.fitness, { maxLength: 3 });
  return fc.oneof(
    { weight: 44, arbitrary: clusterOperationArbitrary(resources, attributes) },
    { weight: 3, arbitrary: fc.record({ kind: kind('place-on'), taskClass: index, agent: index }) },
    { weight: 3, arbitrary: adoptArbitrary(resources) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: kind('cycle'), taskClasses: fc.array(index, { maxLength: 6 }) }),
    },
    { weight: 5, arbitrary: fc.record({ kind: kind('begin') }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('commit') }) },
    { weight: 4, arbitrary: fc.record({ kind: kind('rollback') }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('use-fitness'), levels }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('use-policies'),
        constraints: systemConstraintsArbitrary(policies),
        softConstraints: fc.array(policies.softConstraint, { maxLength: 1 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: kind('use-structure'), structure: structureArbitrary }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('forget'), taskClass: index }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('restore') }) },
  );
}

/** Constraints that may hold for every class: they bind no other tasks. */
export function systemConstraintsArbitrary({
  constraint,
}: PolicyArbitraries): fc.Arbitrary<readonly ConstraintPair[]> {
  const harmless = constraint.filter(
    ({ plugin }) => plugin.claimsAgent !== true && plugin.repels === undefined,
  );
  return fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.tuple(harmless) });
}

/** Sizes like those of agents, so that some are too small for what is used. */
function resizeArbitrary(resources: readonly ResourceDefinition[]) {
  const scalars = resources.filter(({ kind: of }) => of !== 'set');
  return fc.record({
    kind: kind('resize'),
    agent: index,
    resources: agentShapeArbitrary(scalars).map(
      ({ resources: totals }) => totals as Readonly<Record<string, number>>,
    ),
  });
}

/** Mostly without slots, which are chosen then; slots given are right by chance only. */
function adoptArbitrary(resources: readonly ResourceDefinition[]) {
  const sets = resources.filter(({ kind: of }) => of === 'set');
  const numbers = fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 2 }).map((slot) => [slot]) },
    { weight: 1, arbitrary: fc.subarray([0, 1, 2, 3, 31]) },
  );
  const slots = someOf(Object.fromEntries(sets.map(({ name }) => [name, numbers])));
  return fc.record({ kind: kind('adopt'), taskClass: index, agent: index, slots });
}
