/**
 * The rivals written in TypeScript: ours first, which the others are compared with.
 */
import { EngineRival } from './engine-rival.ts';
import { FunctionalRival } from './functional-rival.ts';
import { LoopRival } from './loop-rival.ts';
import type { Rival } from './rival.ts';
import type { Workload } from './workload.ts';

/** How soft constraints and fitness go together; the same without soft constraints. Equal rules decide equally. */
export type DecisionRule = 'soft constraints first' | 'one sum';

export interface NodeRival {
  readonly name: string;
  /** Takes part only where there are soft constraints. */
  readonly onlyBalanced: boolean;
  readonly rule: DecisionRule;
  readonly make: (workload: Workload) => Rival;
}

export const OURS: NodeRival = {
  name: 'stowage',
  onlyBalanced: false,
  rule: 'soft constraints first',
  make: (workload) => new EngineRival(workload),
};

export const NODE_RIVALS: readonly NodeRival[] = [
  OURS,
  {
    name: 'stowage, new jobs each call',
    onlyBalanced: true,
    rule: 'soft constraints first',
    make: (workload) => new EngineRival(workload, { newJobs: true }),
  },
  {
    name: 'stowage, fenzoFitness',
    onlyBalanced: true,
    rule: 'one sum',
    make: (workload) => new EngineRival(workload, { fenzoSum: true }),
  },
  {
    name: 'plain loop',
    onlyBalanced: false,
    rule: 'soft constraints first',
    make: (workload) => new LoopRival(workload),
  },
  {
    name: 'plain filter/map/reduce',
    onlyBalanced: false,
    rule: 'soft constraints first',
    make: (workload) => new FunctionalRival(workload),
  },
];
