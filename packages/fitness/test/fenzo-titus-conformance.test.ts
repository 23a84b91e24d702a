import type { FitnessCalculator } from '@stowage/core';
import { checkFitness } from '@stowage/testing';
import { describe, test } from 'vitest';
import {
  agentManagementFitness,
  cachedImage,
  cpuMemBinPacker,
  cpuMemNetworkBinPacker,
  cpuMemNetworkSpreader,
  defaultFitness,
  fenzoFitness,
  fenzoSetFitness,
  imageLocality,
  jobTypeCoLocation,
  labelSpreading,
  titusCriticalServiceSpreading,
  titusDefault,
  titusFailoverPacking,
  titusFitness,
  titusSlots,
  weighted,
  weightedAverage,
} from '../src/index.ts';

const policies: FitnessCalculator[] = [
  defaultFitness(),
  cpuMemNetworkBinPacker(),
  cpuMemNetworkSpreader(),
  weightedAverage([
    { fitness: cpuMemBinPacker(), weight: 0.25 },
    { fitness: jobTypeCoLocation('tier'), weight: 0.75 },
  ]),
  weighted([
    { fitness: fenzoSetFitness(), weight: 1 },
    { fitness: cpuMemNetworkSpreader(), weight: 0.3 },
    { fitness: labelSpreading('job'), weight: 7 },
  ]),
  fenzoSetFitness(),
  fenzoSetFitness(['gpu']),
  fenzoFitness({
    fitness: cpuMemBinPacker(),
    softConstraints: [labelSpreading('job'), jobTypeCoLocation('tier')],
  }),
  labelSpreading('job'),
  jobTypeCoLocation('tier'),
  cachedImage('job'),
  imageLocality({ label: 'job' }),
  agentManagementFitness({ phase: 'zone' }),
  titusCriticalServiceSpreading(),
  titusFailoverPacking(),
  titusDefault(),
  titusFitness(),
  { ...defaultFitness(), name: 'slots of Titus', slotFitness: titusSlots() },
];

describe('policies of Fenzo and Titus keep the promises of the plug-in contract', () => {
  test.each(policies.map((policy) => [policy.name, policy] as const))('%s', (_, policy) =>
    checkFitness(policy),
  );
});
