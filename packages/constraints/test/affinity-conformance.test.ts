import type { FitnessCalculator, HardConstraint, TaskSelector } from '@stowage/core';
import { checkConstraint, checkFitness } from '@stowage/testing';
import { describe, test } from 'vitest';
import {
  affinity,
  affinitySoft,
  antiAffinity,
  antiAffinitySoft,
  asSoft,
  maxSkew,
  maxSkewSoft,
  preferUntainted,
  spreadTargetsSoft,
} from '../src/index.ts';

const web: TaskSelector = { matchLabels: { job: 'web' } };
const notCritical: TaskSelector = {
  matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['critical'] }],
};
const zone = { attribute: 'zone' };

const constraints: HardConstraint[] = [
  affinity(web),
  affinity(web, zone),
  affinity(notCritical, zone),
  antiAffinity(web),
  antiAffinity(web, zone),
  antiAffinity({}, zone),
  antiAffinity(notCritical),
  maxSkew('zone', 1),
  maxSkew('rack', 2, { label: 'tier', minDomains: 3 }),
  maxSkew('zone', 1, { selector: web }),
  maxSkew('zone', 1, { selector: {} }),
];

const preferences: FitnessCalculator[] = [
  affinitySoft(web),
  affinitySoft(notCritical, zone),
  antiAffinitySoft(web),
  antiAffinitySoft({}, zone),
  maxSkewSoft('zone'),
  maxSkewSoft('rack', 2, { selector: notCritical }),
  spreadTargetsSoft('zone', { a: 70, b: 20 }),
  spreadTargetsSoft('rack', { r1: 0 }, { selector: {} }),
  preferUntainted(),
  asSoft(affinity(web, zone)),
  asSoft(antiAffinity(web)),
  asSoft(maxSkew('zone', 1)),
];

describe('affinity, spread and taints keep the promises of the plug-in contract', () => {
  test.each(constraints.map((plugin) => [plugin.name, plugin] as const))('%s', (_, plugin) =>
    checkConstraint(plugin),
  );
  test.each(preferences.map((plugin) => [plugin.name, plugin] as const))('%s', (_, plugin) =>
    checkFitness(plugin),
  );
});
