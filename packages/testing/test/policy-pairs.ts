/**
 * All bundled policies, and some made for the tests, paired with their reference forms.
 */
import {
  asSoft,
  attributeEquals,
  attributeIn,
  balanced,
  balancedSoft,
  exclusiveHost,
  matchExpressions,
  uniqueAttribute,
  uniqueHost,
} from '@stowage/constraints';
import { constraint, fitness } from '@stowage/core';
import { binPacking, spreading, weighted } from '@stowage/fitness';
import {
  type ConstraintPair,
  coTasks,
  type FitnessPair,
  placementsOn,
  type PolicyArbitraries,
  policyPair,
  referenceAsSoft,
  referenceAttributeEquals,
  referenceAttributeIn,
  referenceBalanced,
  referenceBalancedSoft,
  referenceBinPacking,
  type ReferenceConstraint,
  referenceExclusiveHost,
  type ReferenceExpression,
  type ReferenceFitness,
  referenceMatchExpressions,
  referenceSpreading,
  referenceUniqueAttribute,
  referenceUniqueHost,
  referenceWeighted,
  type SoftConstraintPair,
  usedUnits,
} from '@stowage/testing';
import fc from 'fast-check';
import { affinityConstraint, affinitySoftConstraint } from './affinity-pairs.ts';
import { fenzoTitusConstraint, fenzoTitusFitness, fenzoTitusSoftConstraint } from './fenzo-titus-pairs.ts';
import { viewConstraint, viewFitness } from './view-pairs.ts';

const attribute = fc.constantFrom('zone', 'zone', 'zone', 'rack', 'rack', 'generation', 'no-such-attribute');
const text = fc.constantFrom('a', 'b', 'c', 'r1', 'r2', '2', '10', 'nowhere');
const keyAndValue = fc.oneof(
  fc.tuple(fc.constant('zone'), fc.constantFrom('a', 'b')),
  fc.tuple(attribute, text),
);
const label = fc.constantFrom(undefined, 'job', 'tier', 'no-such-label');

const expression: fc.Arbitrary<ReferenceExpression> = fc.oneof(
  fc.record({
    key: attribute,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.array(text, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key: attribute, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  fc.record({
    key: attribute,
    operator: fc.constantFrom('Gt', 'Lt'),
    values: fc.tuple(fc.constantFrom('-2', '-1', '2', '3', '10')),
  }),
);

const notFull = constraint(
  'at most two tasks',
  (_task, agent) => agent.taskCount < 2 || 'has two tasks',
  'agent',
);
const notFullReference: ReferenceConstraint = (_task, agent, cluster) =>
  placementsOn(cluster, agent).length < 2;

const mixed = constraint(
  'at most half of the same job',
  (_task, agent) => agent.tasksWithSame('job') * 2 <= agent.taskCount || 'too many of the job',
);
const mixedReference: ReferenceConstraint = (task, agent, cluster) =>
  coTasks(cluster, task, 'job').filter(({ row }) => row === agent.row).length * 2 <=
  placementsOn(cluster, agent).length;

const constraintPair: fc.Arbitrary<ConstraintPair> = fc.oneof(
  keyAndValue.map(([key, value]) =>
    policyPair(attributeEquals(key, value), referenceAttributeEquals(key, value)),
  ),
  fc
    .tuple(attribute, fc.array(text, { minLength: 1, maxLength: 6 }))
    .map(([key, values]) => policyPair(attributeIn(key, values), referenceAttributeIn(key, values))),
  fc
    .array(expression, { maxLength: 2 })
    .map((expressions) => policyPair(matchExpressions(expressions), referenceMatchExpressions(expressions))),
  label.map((key) => policyPair(uniqueHost(key), referenceUniqueHost(key))),
  fc
    .tuple(attribute, label)
    .map(([name, key]) => policyPair(uniqueAttribute(name, key), referenceUniqueAttribute(name, key))),
  { weight: 2, arbitrary: fc.constant(policyPair(exclusiveHost(), referenceExclusiveHost())) },
  fc
    .tuple(attribute, label, fc.integer({ min: 0, max: 4 }))
    .map(([name, key, expectedValues]) =>
      policyPair(
        balanced(name, { label: key, expectedValues }),
        referenceBalanced(name, { label: key, expectedValues }),
      ),
    ),
  fc.constant(policyPair(notFull, notFullReference)),
  fc.constant(policyPair(mixed, mixedReference)),
  { weight: 4, arbitrary: fenzoTitusConstraint },
  { weight: 4, arbitrary: affinityConstraint },
  { weight: 4, arbitrary: viewConstraint },
);

const softConstraintPair: fc.Arbitrary<SoftConstraintPair> = fc.oneof(
  fc
    .tuple(attribute, label)
    .map(([name, key]) =>
      policyPair(balancedSoft(name, { label: key }), referenceBalancedSoft(name, { label: key })),
    ),
  constraintPair.map(({ plugin, reference }) => policyPair(asSoft(plugin), referenceAsSoft(reference))),
  fenzoTitusSoftConstraint,
  affinitySoftConstraint,
);

const loadResources = fc.constantFrom(['cpu'], ['memory'], ['cpu', 'memory']);

const emptiest = fitness('fewest tasks', (_task, agent) => -agent.taskCount, 'agent');
const emptiestReference: ReferenceFitness = (_task, agent, cluster) =>
  BigInt(-placementsOn(cluster, agent).length);

const freeMemory = fitness('memory left in steps of 4', (_task, agent) =>
  Math.floor(agent.free('memory') / 4),
);
const freeMemoryReference: ReferenceFitness = (_task, agent, cluster) =>
  BigInt(Math.floor((agent.totals.memory - usedUnits(cluster, agent, 'memory')) / 4));

/** Depends on the number of placements, so it tells whether rollbacks and snapshots keep it. */
const rotating: FitnessPair = policyPair(
  {
    name: 'rotating',
    bind: (cluster) => ({
      scoreInto(rows, count, scores) {
        for (let i = 0; i < count; i++) scores[i] = (rows[i] + cluster.placements()) % 3;
      },
    }),
  },
  (_task, agent, cluster) => BigInt((agent.row + cluster.placementCount) % 3),
);

/** Chooses slots on its own: the one with the most free units, then by a pattern of slot numbers. */
const widestSlots: FitnessPair = policyPair(
  {
    name: 'widest slots',
    dependsOn: 'attributes',
    slotFitness: {
      name: 'widest slot',
      bind(cluster) {
        const sets = cluster.schema.sets.map(({ name }) => cluster.slots(name));
        return {
          score: (row, set, slot) => sets[set].unitsFree[row * sets[set].maxSlots + slot] * 4 + (slot % 2),
        };
      },
    },
    bind: () => ({ scoreInto: (_rows, count, scores) => void scores.fill(0, 0, count) }),
  },
  Object.assign(() => 0n, {
    slotFitness: (_task: unknown, _agent: unknown, slot: { unitsFree: number; number: number }) =>
      BigInt(slot.unitsFree * 4 + (slot.number % 2)),
  }),
);

const packing: fc.Arbitrary<FitnessPair> = loadResources.map((names) =>
  policyPair(binPacking(...names), referenceBinPacking(...names)),
);
const spread: fc.Arbitrary<FitnessPair> = loadResources.map((names) =>
  policyPair(spreading(...names), referenceSpreading(...names)),
);
const weight = fc.constantFrom(1, 2, 3, 5, 0.05, 0.25, 1.5);
const weightedPair: fc.Arbitrary<FitnessPair> = fc
  .array(fc.record({ pair: fc.oneof(packing, spread, softConstraintPair), weight }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) =>
    policyPair(
      weighted(parts.map(({ pair, weight }) => ({ fitness: pair.plugin, weight }))),
      referenceWeighted(parts.map(({ pair, weight }) => ({ fitness: pair.reference, weight }))),
    ),
  );

const fitnessPair: fc.Arbitrary<FitnessPair> = fc.oneof(
  { weight: 3, arbitrary: packing },
  { weight: 3, arbitrary: spread },
  { weight: 2, arbitrary: weightedPair },
  { weight: 1, arbitrary: softConstraintPair },
  { weight: 1, arbitrary: fc.constant(policyPair(emptiest, emptiestReference)) },
  { weight: 1, arbitrary: fc.constant(policyPair(freeMemory, freeMemoryReference)) },
  { weight: 1, arbitrary: fc.constant(rotating) },
  { weight: 1, arbitrary: fc.constant(widestSlots) },
  { weight: 5, arbitrary: fenzoTitusFitness },
  { weight: 4, arbitrary: viewFitness },
);

/** Every bundled policy with random parameters. */
export const bundledPolicies: PolicyArbitraries = {
  constraint: constraintPair,
  softConstraint: softConstraintPair,
  fitness: fitnessPair,
};
