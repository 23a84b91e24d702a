/**
 * The cases of `npm run bench`: what is run, at which sizes.
 */
import { balancedSoft, uniqueHost } from '@stowage/constraints';
import { fitness } from '@stowage/core';
import { binPacking, spreading } from '@stowage/fitness';
import type { ChurnWorkload } from './workloads/churn.ts';

export interface ChurnCase {
  readonly name: string;
  readonly workload: Omit<ChurnWorkload, 'agents' | 'seed'>;
  readonly agents: readonly number[];
}

const packing = binPacking('cpu', 'memory');
const opaque = fitness('opaque', (_task, agent) => agent.taskCount);

export const CHURN_CASES: readonly ChurnCase[] = [
  { name: 'packing, 1 shape', workload: { shapes: 1, fitness: packing }, agents: [1000, 10_000] },
  { name: 'packing, 100 shapes', workload: { shapes: 100, fitness: packing }, agents: [1000, 10_000] },
  {
    name: 'spreading, 100 shapes',
    workload: { shapes: 100, fitness: spreading('cpu', 'memory') },
    agents: [1000],
  },
  {
    name: 'packing, unique host, 100 jobs',
    workload: { shapes: 100, fitness: packing, constraints: () => [uniqueHost()] },
    agents: [1000],
  },
  {
    name: 'soft balance over 3 zones, 100 jobs',
    workload: { shapes: 100, fitness: packing, softConstraints: () => [balancedSoft('zone')] },
    agents: [1000],
  },
  { name: 'undeclared callback, 1 shape', workload: { shapes: 1, fitness: opaque }, agents: [1000] },
];
