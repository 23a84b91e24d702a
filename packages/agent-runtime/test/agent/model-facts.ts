/** A host that can do everything, and a small task for it. */
import type { TaskSpec } from '@stowage/protocol';
import type { HostFacts } from '../../src/features/host-facts.ts';
import { GOOD_HOST } from '../features/good-host.ts';

export const FACTS: HostFacts = {
  ...GOOD_HOST,
  hardLimits: {
    core: 1e9,
    cpu: 1e9,
    data: 1e9,
    fsize: 1e9,
    memlock: 1e9,
    nofile: 20_000,
    nproc: 1e9,
    stack: 1e9,
  },
};

export function taskSpec(taskId: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return {
    taskId,
    image: { kind: 'registry', reference: 'registry.test/app:1' },
    resources: { cpuMilli: 100, memoryMiB: 64 },
    ...more,
  };
}
