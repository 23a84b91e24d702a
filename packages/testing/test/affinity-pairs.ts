/**
 * Affinity, anti-affinity and spread over topology domains, paired with their reference forms.
 */
import {
  affinity,
  affinitySoft,
  antiAffinity,
  antiAffinitySoft,
  maxSkew,
  maxSkewSoft,
  preferUntainted,
  spreadTargetsSoft,
} from '@stowage/constraints';
import type { LabelExpression, TaskSelector } from '@stowage/core';
import {
  type ConstraintPair,
  policyPair,
  referenceAffinity,
  referenceAffinitySoft,
  referenceAntiAffinity,
  referenceAntiAffinitySoft,
  referenceMaxSkew,
  referenceMaxSkewSoft,
  referencePreferUntainted,
  referenceSpreadTargetsSoft,
  type SoftConstraintPair,
} from '@stowage/testing';
import fc from 'fast-check';

const attribute = fc.constantFrom('zone', 'zone', 'rack', 'no-such-attribute');
const domain = fc.constantFrom(undefined, 'zone', 'zone', 'rack', 'no-such-attribute');
const tier = fc.constantFrom('critical', 'flex');

const expression: fc.Arbitrary<LabelExpression> = fc.oneof(
  fc.record({
    key: fc.constant('tier'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.array(tier, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    key: fc.constantFrom('job', 'tier', 'no-such-label'),
    operator: fc.constantFrom('Exists', 'DoesNotExist'),
  }),
);

const selector: fc.Arbitrary<TaskSelector> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('web', 'batch').map((job) => ({ matchLabels: { job } })) },
  { weight: 1, arbitrary: tier.map((value) => ({ matchLabels: { tier: value } })) },
  { weight: 2, arbitrary: fc.record({ matchExpressions: fc.tuple(expression) }) },
  {
    weight: 1,
    arbitrary: expression.map((one) => ({ matchLabels: { job: 'web' }, matchExpressions: [one] })),
  },
  { weight: 1, arbitrary: fc.constant({}) },
);

const spread = fc.oneof(
  selector.map((selected) => ({ selector: selected })),
  fc.constantFrom('job', 'tier', 'no-such-label').map((label) => ({ label })),
  fc.constant({}),
);

const few = fc.integer({ min: 1, max: 4 });

export const affinityConstraint: fc.Arbitrary<ConstraintPair> = fc.oneof(
  fc
    .tuple(selector, domain)
    .map(([selected, name]) =>
      policyPair(affinity(selected, optional(name)), referenceAffinity(selected, name)),
    ),
  fc
    .tuple(selector, domain)
    .map(([selected, name]) =>
      policyPair(antiAffinity(selected, optional(name)), referenceAntiAffinity(selected, name)),
    ),
  fc
    .tuple(attribute, few, spread, few)
    .map(([name, limit, spreadOf, minDomains]) =>
      policyPair(
        maxSkew(name, limit, { ...spreadOf, minDomains }),
        referenceMaxSkew(name, limit, { ...spreadOf, minDomains }),
      ),
    ),
);

const shares = fc.constantFrom<Record<string, number>>(
  { a: 70, b: 20, c: 10 },
  { a: 50, r1: 25 },
  { b: 0, r2: 33 },
  { a: 100 },
  { a: 0, b: 0, r1: 100 },
);

export const affinitySoftConstraint: fc.Arbitrary<SoftConstraintPair> = fc.oneof(
  fc
    .tuple(selector, domain)
    .map(([selected, name]) =>
      policyPair(affinitySoft(selected, optional(name)), referenceAffinitySoft(selected, name)),
    ),
  fc
    .tuple(selector, domain)
    .map(([selected, name]) =>
      policyPair(antiAffinitySoft(selected, optional(name)), referenceAntiAffinitySoft(selected, name)),
    ),
  fc
    .tuple(attribute, few, spread)
    .map(([name, limit, spreadOf]) =>
      policyPair(maxSkewSoft(name, limit, spreadOf), referenceMaxSkewSoft(name, limit, spreadOf)),
    ),
  fc
    .tuple(attribute, shares, spread)
    .map(([name, perCent, spreadOf]) =>
      policyPair(
        spreadTargetsSoft(name, perCent, spreadOf),
        referenceSpreadTargetsSoft(name, perCent, spreadOf),
      ),
    ),
  fc.constant(policyPair(preferUntainted(), referencePreferUntainted())),
);

function optional(attribute: string | undefined): { readonly attribute?: string } {
  return attribute === undefined ? {} : { attribute };
}
