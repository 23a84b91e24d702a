/**
 * Random demands and labels of tasks, without policies. Small against the agents, so that a handful of tasks
 * fills one exactly.
 */
import type { ResourceDefinition, SlotDemand, TaskRequirements } from '@stowage/core';
import fc from 'fast-check';
import { named, textsArbitrary, type Vocabulary } from './agent-arbitrary.ts';
import { decimal } from './resources-arbitrary.ts';

/** Two jobs and a tier. @public */
export const DEFAULT_LABELS: Vocabulary = { job: ['web', 'batch'], tier: ['critical', 'flex'] };

/** What a task needs, but for its policies. @public */
export type BareRequirements = Pick<TaskRequirements, 'resources' | 'job' | 'labels'>;

/** Demands on every resource that is not left out, and labels that may be missing. @public */
export function requirementsArbitrary(
  resources: readonly ResourceDefinition[],
  labels: Vocabulary = DEFAULT_LABELS,
): fc.Arbitrary<BareRequirements> {
  const amounts = resources.map((resource) =>
    resource.kind === 'set' ? slotDemandArbitrary(resource) : demandArbitrary(resource),
  );
  return fc.tuple(fc.tuple(...amounts), textsArbitrary(labels)).map(([values, { job, ...others }]) => ({
    resources: named(resources, values),
    ...(job !== undefined && { job }),
    ...(Object.keys(others).length > 0 && { labels: others }),
  }));
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
        fc.constantFrom(1, 1, 2, 3).map((units) => decimal(resource, units)),
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
