import type { FitnessCalculator } from '@stowage/core';
import { checkFitness } from '@stowage/testing';
import { describe, test } from 'vitest';
import {
  fragmentationGradient,
  gpuBestFit,
  gpuClustering,
  gpuDotProduct,
  gpuPacking,
  randomFit,
} from '../src/index.ts';

const policies: FitnessCalculator[] = [
  gpuBestFit(),
  gpuDotProduct(),
  gpuPacking(),
  gpuClustering({ label: 'tier' }),
  fragmentationGradient(
    [
      { cpu: 500, slots: 1, units: 1, models: ['a'], frequency: 0.5 },
      { cpu: 1000, slots: 2, units: 2, models: [], frequency: 0.5 },
    ],
    { model: 'zone' },
  ),
  randomFit(3),
];

describe('GPU policies keep the promises of the plug-in contract', () => {
  test.each(policies.map((policy) => [policy.name, policy] as const))('%s', (_, policy) =>
    checkFitness(policy),
  );
});
