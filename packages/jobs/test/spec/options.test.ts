/** Options are checked when rules are made, also those that hold for few jobs only. */
import { expect, test } from 'vitest';
import type { JobSpecOptions } from '../../src/spec/job-spec-options.ts';
import { JobSpecRules } from '../../src/spec/job-spec-rules.ts';
import { sanitizeJobSpec } from '../../src/spec/sanitize-job-spec.ts';
import { leastBatch, selfManaged } from './specs.ts';

test.each<[string, unknown]>([
  ['no object', null],
  ['an unknown option', { limit: {} }],
  ['an unknown mode', { mode: 'lax' }],
  ['a limit out of range', { limits: { gpuMaxCount: -1 } }],
  ['applications as a list', { applications: [] }],
  ['a limit that no application can have', { applications: { app: { cpuMaxMilli: 1 } } }],
  ['a size of an application out of range', { applications: { app: { batchMaxTasks: 10_001 } } }],
  ['no object for a capacity group', { largestContainers: { a: 1 } }],
  ['an unknown resource', { largestContainers: { a: { cpu: 1 } } }],
  ['a negative amount', { largestContainers: { a: { cpuMilli: -1 } } }],
  ['constraints as a text', { constraints: 'uniqueHost' }],
  ['a constraint that is no text', { constraints: [1] }],
  ['an empty name', { healthProviders: [''] }],
  ['a name twice, but for its case', { constraints: ['a', 'A'] }],
  ['a flag that is none', { splitEntrypoint: 'yes' }],
  ['another flag that is none', { strictEnvironmentNames: 1 }],
])('refused: %s', (_, options) => {
  const refusal = expect.objectContaining({ code: 'INVALID_JOB_OPTION' });
  expect(() => new JobSpecRules(options as JobSpecOptions)).toThrow(refusal);
  expect(() => sanitizeJobSpec(leastBatch, options as JobSpecOptions)).toThrow(refusal);
});

test('later changes of an options object do not reach the rules', () => {
  const constraints: string[] = ['rackA'];
  const healthProviders: string[] = ['eureka'];
  const largest: { cpuMilli: number } = { cpuMilli: 1_000 };
  const rules = new JobSpecRules({ constraints, healthProviders, largestContainers: { DEFAULT: largest } });
  constraints[0] = 'other';
  healthProviders[0] = 'other';
  largest.cpuMilli = 1;
  const container = { ...(leastBatch.container as object), hardConstraints: { rackA: '1' } };
  const disruptionBudget = { ...selfManaged, healthProviders: ['eureka'] };
  expect(sanitizeJobSpec({ ...leastBatch, container, disruptionBudget }, rules).ok).toBe(true);
});
