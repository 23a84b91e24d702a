/**
 * Random agents: few sizes, so that agents of one type occur several times, attributes that are sometimes missing, and
 * now and then taints and overcommitment.
 */
import type { AgentShape, ResourceDefinition, SlotCapacity } from '@stowage/core';
import fc from 'fast-check';
import { taintsArbitrary } from './taints-arbitrary.ts';
import { decimal } from './resources-arbitrary.ts';

/** Values per attribute. @public */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/** Zones, racks and a generation that is not always a number. @public */
export const DEFAULT_ATTRIBUTES: Vocabulary = {
  zone: ['a', 'b', 'c'],
  rack: ['r1', 'r2', 'r3', 'r4'],
  generation: ['-1', '2', '10', 'new'],
};

/** An agent without its id. @public */
export function agentShapeArbitrary(
  resources: readonly ResourceDefinition[],
  attributes: Vocabulary = DEFAULT_ATTRIBUTES,
): fc.Arbitrary<AgentShape> {
  const amounts = resources.map((resource) =>
    resource.kind === 'set' ? slotsArbitrary(resource) : totalArbitrary(resource),
  );
  return fc
    .record({
      values: fc.tuple(...amounts),
      attributes: textsArbitrary(attributes),
      taints: seldom(taintsArbitrary()),
      overcommit: seldom(overcommitArbitrary(resources)),
    })
    .map(({ values, overcommit, taints, attributes: chosen }) => ({
      resources: named(resources, values),
      attributes: chosen,
      ...(taints !== undefined && { taints }),
      ...(overcommit !== undefined && { overcommit }),
    }));
}

/** Attributes of an agent or labels of a task: one value per key, each key may be missing. @public */
export function textsArbitrary(
  vocabulary: Vocabulary = DEFAULT_ATTRIBUTES,
): fc.Arbitrary<Record<string, string>> {
  const model = Object.entries(vocabulary).map(
    ([key, values]) => [key, fc.option(fc.constantFrom(...values), { freq: 4, nil: undefined })] as const,
  );
  return fc.record(Object.fromEntries(model)).map((record) => dropMissing(record));
}

/** Amounts by resource name, without those that are undefined. */
export function named<T>(
  resources: readonly ResourceDefinition[],
  values: readonly (T | undefined)[],
): Record<string, T> {
  return dropMissing(Object.fromEntries(resources.map(({ name }, i) => [name, values[i]])));
}

function dropMissing<T>(record: Record<string, T | undefined>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Record<
    string,
    T
  >;
}

function totalArbitrary(resource: ResourceDefinition): fc.Arbitrary<number | SlotCapacity | undefined> {
  const units = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(4, 6, 8, 12) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }) },
  );
  return fc.option(
    units.map((total) => decimal(resource, total)),
    { freq: 30, nil: undefined },
  );
}

function slotsArbitrary(resource: ResourceDefinition): fc.Arbitrary<number | SlotCapacity | undefined> {
  const slots = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 4 }) },
    fc.constantFrom(0, 31, 32),
  );
  const capacity = fc
    .tuple(slots, fc.constantFrom(1, 2, 3, 4, 4))
    .map(([count, units]) => ({ slots: count, unitsPerSlot: decimal(resource, units) }));
  return fc.option(capacity, { freq: 12, nil: undefined });
}

function overcommitArbitrary(
  resources: readonly ResourceDefinition[],
): fc.Arbitrary<Readonly<Record<string, number>>> {
  const scalars = resources.filter(({ kind }) => kind !== 'set');
  const ratios = scalars.map(() =>
    fc.option(fc.constantFrom(0.5, 1.25, 1.5, 2), { freq: 2, nil: undefined }),
  );
  return fc.tuple(...ratios).map((values) => named(scalars, values));
}

/** Any of the entries may be missing. */
export function someOf<T>(
  entries: Readonly<Record<string, fc.Arbitrary<T>>>,
): fc.Arbitrary<Record<string, T>> {
  return fc.record(entries, { requiredKeys: [] }) as fc.Arbitrary<Record<string, T>>;
}

/** One in five. */
export function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
