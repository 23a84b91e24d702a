/**
 * What a user of the object API does, at random. Tasks, agents and classes are named by any natural number, which is
 * taken modulo what there is.
 */
import type { ResourceDefinition } from '@stowage/core';
import { agentShapeArbitrary, reportArbitrary } from '@stowage/testing';
import fc from 'fast-check';

const index = fc.nat({ max: 15 });
const kind = <K extends string>(name: K) => fc.constant(name);

/** Steps that may stand inside a transaction. */
function simpleStep(resources: readonly ResourceDefinition[]) {
  const shape = agentShapeArbitrary(resources);
  const pin = fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.nat({ max: 5 }) },
  );
  const asked = fc.record({ taskClass: index, pin });
  return fc.oneof(
    {
      weight: 14,
      arbitrary: fc.record({
        kind: kind('schedule'),
        asked: fc.array(asked, { maxLength: 5, size: 'max' }),
        allOrNothing: fc.constantFrom(false, false, true),
        reserve: fc.constantFrom(false, false, true),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind('adopt'), taskClass: index, agent: index }) },
    { weight: 5, arbitrary: fc.record({ kind: kind('release'), task: index }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('confirm'), task: index }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('start'), task: index }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('drain'), agent: index, draining: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('remove'), agent: index }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('add'), shape }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('update'), agent: index, shape }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('resize'), agent: index, shape }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind('report'), agent: index, report: reportArbitrary(resources) }),
    },
  );
}

type Produced<A> = A extends fc.Arbitrary<infer S> ? S : never;
export type SimpleStep = Produced<ReturnType<typeof simpleStep>>;

export type Step =
  | SimpleStep
  | {
      readonly kind: 'transaction';
      readonly steps: readonly Step[];
      readonly end: 'commit' | 'rollback' | 'what-if';
    }
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'restore' };

/** Sessions with transactions, some inside others. */
export function stepsArbitrary(resources: readonly ResourceDefinition[]): fc.Arbitrary<readonly Step[]> {
  const simple = simpleStep(resources);
  const around = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
    fc.record({
      kind: kind('transaction'),
      steps: fc.array(step, { maxLength: 5, size: 'max' }),
      end: fc.constantFrom('commit', 'rollback', 'what-if'),
    });
  const nested = fc.oneof({ weight: 8, arbitrary: simple }, { weight: 1, arbitrary: around(simple) });
  const step = fc.oneof(
    { weight: 24, arbitrary: simple },
    { weight: 6, arbitrary: around(nested) },
    { weight: 1, arbitrary: fc.record({ kind: kind('advance'), byMs: fc.constantFrom(0, 5, 20) }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('restore') }) },
  );
  return fc.array(step, { maxLength: 20, size: 'max' });
}
