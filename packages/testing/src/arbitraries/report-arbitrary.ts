/**
 * Random reports of agents. The vocabulary is exported, so that tests know which names to look at.
 */
import type { AgentReport, ResourceDefinition } from '@stowage/core';
import fc from 'fast-check';
import { someOf } from './agent-arbitrary.ts';
import { opportunisticArbitrary } from './requirements-arbitrary.ts';

/** Names of the signals in random reports. @public */
export const REPORT_SIGNALS: readonly string[] = ['heat', 'quality'];

/** Items by kind in random reports. @public */
export const REPORT_ITEMS: Readonly<Record<string, readonly string[]>> = {
  image: ['red', 'blue', 'green'],
  securityGroup: ['red', 'blue'],
};

/** What an agent reports: each part may be missing. @public */
export function reportArbitrary(resources: readonly ResourceDefinition[]): fc.Arbitrary<AgentReport> {
  const signals = Object.fromEntries(REPORT_SIGNALS.map((name) => [name, fc.integer({ min: -1, max: 3 })]));
  const cached = Object.fromEntries(
    Object.entries(REPORT_ITEMS).map(([kind, items]) => [kind, fc.subarray([...items])]),
  );
  return fc.record(
    {
      lent: opportunisticArbitrary(resources),
      signals: someOf(signals),
      cached: someOf(cached),
    },
    { requiredKeys: [] },
  );
}
