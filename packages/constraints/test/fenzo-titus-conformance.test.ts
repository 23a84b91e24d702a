import type { FitnessCalculator, HardConstraint } from '@stowage/core';
import { checkConstraint, checkFitness } from '@stowage/testing';
import { describe, test } from 'vitest';
import {
  activeHost,
  agentManagement,
  asSoft,
  balancedHostAttribute,
  fenzoBalancedFitness,
  fenzoBalancedSoft,
  gpuMatch,
  hostAttributeValue,
  launchGuard,
  matchesLabel,
  uniqueHostAttribute,
  uniqueLabel,
  zoneBalance,
  zoneBalanceSoft,
} from '../src/index.ts';

const constraints: HardConstraint[] = [
  hostAttributeValue('zone', 'a'),
  uniqueHostAttribute(),
  uniqueHostAttribute('rack', 'tier'),
  balancedHostAttribute('zone', 3),
  zoneBalance(),
  activeHost('zone'),
  agentManagement({ phase: 'zone', open: ['a', 'b'], noPlacement: ['rack'] }),
  matchesLabel('zone', 'job'),
  gpuMatch(),
  gpuMatch('disk'),
  launchGuard(),
  launchGuard(2),
  uniqueLabel('job'),
];

const preferences: FitnessCalculator[] = [
  fenzoBalancedSoft('zone', { expectedValues: 3 }),
  fenzoBalancedFitness('rack', { label: 'tier' }),
  zoneBalanceSoft(),
  asSoft(launchGuard()),
  asSoft(uniqueLabel('job')),
];

describe('policies of Fenzo and Titus keep the promises of the plug-in contract', () => {
  test.each(constraints.map((plugin) => [plugin.name, plugin] as const))('%s', (_, plugin) =>
    checkConstraint(plugin),
  );
  test.each(preferences.map((plugin) => [plugin.name, plugin] as const))('%s', (_, plugin) =>
    checkFitness(plugin),
  );
});
