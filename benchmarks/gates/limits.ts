/**
 * What continuous integration demands of the engine, one line per case. Only what holds on a slow and busy machine as
 * well: ratios of times measured in turns, work counted, bytes. A case without a number for something is not held to it;
 * equality with the scan is demanded of all.
 */
import type { CaseName } from '../workloads/cases.ts';

export interface CaseLimits {
  readonly case: CaseName;
  /** Speed relative to the plain scan at `GATE_AGENTS`, far below what is measured on a quiet machine. */
  readonly ratioToScanAtLeast?: number;
  readonly bytesPerOpBelow?: number;
  /** Agents looked at per operation, at `GATE_AGENTS`. */
  readonly evaluationsPerOpAtMost?: number;
  /** Time per operation at `GROWTH_SIZES[1]`, divided by that at `GROWTH_SIZES[0]`. */
  readonly growthAtMost?: number;
}

export const GATE_AGENTS = 2000;
export const GROWTH_SIZES = [1000, 8000] as const;

export const LIMITS: readonly CaseLimits[] = [
  {
    case: 'one shape',
    ratioToScanAtLeast: 5,
    bytesPerOpBelow: 1,
    evaluationsPerOpAtMost: 10,
    growthAtMost: 5,
  },
  {
    case: '100 shapes',
    ratioToScanAtLeast: 8,
    bytesPerOpBelow: 1,
    evaluationsPerOpAtMost: 20,
    growthAtMost: 5,
  },
  {
    case: 'distinct shapes',
    ratioToScanAtLeast: 4,
    bytesPerOpBelow: 1,
    evaluationsPerOpAtMost: 20,
    growthAtMost: 5,
  },
  {
    case: '100 shapes, R=4',
    ratioToScanAtLeast: 8,
    bytesPerOpBelow: 1,
    evaluationsPerOpAtMost: 20,
    growthAtMost: 6,
  },
  { case: 'soft balance, 3 zones', ratioToScanAtLeast: 2, bytesPerOpBelow: 1 },
  { case: 'interfaces, 200 security groups', ratioToScanAtLeast: 3, bytesPerOpBelow: 1 },
  {
    case: 'row callback, 10 classes',
    ratioToScanAtLeast: 3,
    bytesPerOpBelow: 1,
    evaluationsPerOpAtMost: 40,
  },
  { case: 'undeclared callback', ratioToScanAtLeast: 1.3, bytesPerOpBelow: 1 },
  { case: 'unique host, 100 jobs', ratioToScanAtLeast: 3, bytesPerOpBelow: 1 },
  { case: 'unique host, saturated', ratioToScanAtLeast: 2.5, bytesPerOpBelow: 1 },
  { case: 'hopeless class among churn', ratioToScanAtLeast: 4, bytesPerOpBelow: 1 },
];
