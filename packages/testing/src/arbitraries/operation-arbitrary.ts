/**
 * Random histories. Operations name agents, tasks and classes by any natural number, which is taken modulo what
 * exists when the operation is carried out, so every shortened history is still a history.
 */
import type { AgentShape, ResourceDefinition } from '@stowage/core';
import fc from 'fast-check';
import { agentShapeArbitrary, textsArbitrary, type Vocabulary } from './agent-arbitrary.ts';
import type { FitnessPair } from './policy-pair.ts';

/** What changes the agents and tasks of a cluster. @public */
export type ClusterOperation =
  | { readonly kind: 'place'; readonly taskClass: number }
  | { readonly kind: 'release'; readonly task: number }
  | { readonly kind: 'add'; readonly shape: AgentShape }
  | { readonly kind: 'update'; readonly agent: number; readonly shape: AgentShape }
  | {
      readonly kind: 'relabel';
      readonly agent: number;
      readonly attributes: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'remove'; readonly agent: number }
  | { readonly kind: 'drain'; readonly agent: number; readonly draining: boolean };

/**
 * Cluster operations and those of the engine: transactions, a whole cycle, another default fitness, forgetting a
 * class, and going on from a snapshot.
 * @public
 */
export type Operation =
  | ClusterOperation
  | { readonly kind: 'cycle'; readonly taskClasses: readonly number[] }
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'use-fitness'; readonly levels: readonly FitnessPair[] }
  | { readonly kind: 'forget'; readonly taskClass: number }
  | { readonly kind: 'restore' };

const index = fc.nat({ max: 15 });

/** Placements twice as often as releases, agents changing now and then. @public */
export function clusterOperationArbitrary(
  resources: readonly ResourceDefinition[],
  attributes?: Vocabulary,
): fc.Arbitrary<ClusterOperation> {
  const shape = agentShapeArbitrary(resources, attributes);
  const kind = <K extends string>(name: K) => fc.constant(name);
  return fc.oneof(
    { weight: 24, arbitrary: fc.record({ kind: kind('place'), taskClass: index }) },
    { weight: 12, arbitrary: fc.record({ kind: kind('release'), task: index }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('add'), shape }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('update'), agent: index, shape }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('relabel'),
        agent: index,
        attributes: textsArbitrary(attributes),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind('remove'), agent: index }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('drain'), agent: index, draining: fc.boolean() }) },
  );
}

/** @param fitness - levels that the history may switch to @public */
export function operationArbitrary(
  resources: readonly ResourceDefinition[],
  fitness: fc.Arbitrary<FitnessPair>,
  attributes?: Vocabulary,
): fc.Arbitrary<Operation> {
  const levels = fc.array(fitness, { maxLength: 3 });
  const kind = <K extends string>(name: K) => fc.constant(name);
  return fc.oneof(
    { weight: 40, arbitrary: clusterOperationArbitrary(resources, attributes) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: kind('cycle'), taskClasses: fc.array(index, { maxLength: 6 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: kind('begin') }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('commit') }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('rollback') }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('use-fitness'), levels }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('forget'), taskClass: index }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('restore') }) },
  );
}
