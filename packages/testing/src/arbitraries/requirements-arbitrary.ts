/**
 * Random demands and labels of tasks, without policies. Small against the agents, so that a handful of tasks
 * fills one exactly.
 */
import type { ResourceDefinition, SlotDemand, TaskRequirements } from '@stowage/core';
import fc from 'fast-check';
import { named, seldom, textsArbitrary, type Vocabulary } from './agent-arbitrary.ts';
import { decimal } from './resources-arbitrary.ts';
import { tolerationsArbitrary } from './taints-arbitrary.ts';

/** Two jobs and a tier. @public */
export const DEFAULT_LABELS: Vocabulary = { job: ['web', 'batch'], tier: ['critical', 'flex'] };

/** What a task needs, but for its policies. @public */
export type BareRequirements = Omit<TaskRequirements, 'constraints' | 'softConstraints' | 'fitness'>;

/**
 * Demands on every resource that is not left out, and labels that may be missing; sometimes opportunistic demands, a
 * priority, tolerations.
 * @public
 */
export function requirementsArbitrary(
  resources: readonly ResourceDefinition[],
  labels: Vocabulary = DEFAULT_LABELS,
): fc.Arbitrary<BareRequirements> {
  const amounts = resources.map((resource) =>
    resource.kind === 'set' ? slotDemandArbitrary(resource) : demandArbitrary(resource),
  );
  return fc
    .record({
      values: fc.tuple(...amounts),
      texts: textsArbitrary(labels),
      opportunistic: fc.option(opportunisticArbitrary(resources), { freq: 2, nil: undefined }),
      priority: seldom(fc.integer({ min: -2, max: 2 })),
      tolerations: seldom(tolerationsArbitrary()),
    })
    .map(({ values, texts: { job, ...others }, opportunistic, priority, tolerations }) => ({
      resources: named(resources, values),
      ...(job !== undefined && { job }),
      ...(Object.keys(others).length > 0 && { labels: others }),
      ...(opportunistic !== undefined && { opportunistic }),
      ...(priority !== undefined && { priority }),
      ...(tolerations !== undefined && { tolerations }),
    }));
}

/** Amounts of scalar resources, most of which are not named. */
export function opportunisticArbitrary(
  resources: readonly ResourceDefinition[],
): fc.Arbitrary<Readonly<Record<string, number>>> {
  const scalars = resources.filter(({ kind }) => kind !== 'set');
  const amounts = scalars.map((resource) =>
    fc.option(
      fc.integer({ min: 1, max: 5 }).map((units) => decimal(resource, units)),
      { freq: 2, nil: undefined },
    ),
  );
  return fc.tuple(...amounts).map((values) => named(scalars, values));
}

function demandArbitrary(resource: ResourceDefinition): fc.Arbitrary<number | SlotDemand | undefined> {
  const units = fc.oneof(
    { weight: 16, arbitrary: fc.integer({ min: 0, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 4, max: 12 }) },
  );
  return fc.option(
    units.map((needed) => decimal(resource, needed)),
    { freq: 4, nil: undefined },
  );
}

function slotDemandArbitrary(resource: ResourceDefinition): fc.Arbitrary<number | SlotDemand | undefined> {
  const demand = fc
    .record({
      slots: fc.constantFrom(undefined, 1, 1, 2, 3),
      units: fc.option(
        fc.constantFrom(0, 1, 1, 1, 2, 3).map((units) => decimal(resource, units)),
        { freq: 4, nil: undefined },
      ),
      label: fc.option(fc.constantFrom('red', 'blue'), { freq: 2, nil: undefined }),
    })
    .map(({ slots, units, label }) => ({
      ...(slots !== undefined && { slots }),
      ...(units !== undefined && { units }),
      ...(label !== undefined && { label }),
    }));
  return fc.option(demand, { freq: 2, nil: undefined });
}
