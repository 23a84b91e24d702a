/**
 * The cases of the suite by name: workloads without their size. The table of targets has a row for most of them; the
 * others show what a policy costs that has no row there.
 */
import { DISTINCT_SHAPES, type WorkloadSpec } from './workload.ts';

export const CASES = {
  'one shape': { shapes: 1 },
  '10 shapes': { shapes: 10 },
  '100 shapes': {},
  'distinct shapes': { shapes: DISTINCT_SHAPES, grain: 'distinct' },
  '100 shapes, R=4': { resources: 4 },
  'distinct shapes, R=4': { resources: 4, shapes: DISTINCT_SHAPES, grain: 'distinct' },
  'soft balance, 3 zones': { soft: 'zone-balance', zones: 3 },
  'soft balance, 10 zones': { soft: 'zone-balance', zones: 10 },
  'interfaces, 200 security groups': { shapes: 200, securityGroups: 200, load: 0.6 },
  'row callback, 1 class': { shapes: 1, fitness: 'most-tasks' },
  'row callback, 10 classes': { shapes: 10, fitness: 'most-tasks' },
  'row callback, 100 classes': { fitness: 'most-tasks' },
  'row callback, free cores': { shapes: 10, fitness: 'fewest-free-cores' },
  'undeclared callback': { shapes: 1, fitness: 'most-tasks', callback: 'undeclared' },
  'undeclared callback, free cores': { shapes: 1, fitness: 'fewest-free-cores', callback: 'undeclared' },
  'unique host, 100 jobs': { constraint: 'unique-host' },
  'unique host, saturated': { constraint: 'unique-host', shapes: 16 },
  'spreading, 100 shapes': { fitness: 'spreading' },
  'own zone, 100 shapes': { constraint: 'own-zone', zones: 3 },
  'hopeless class among churn': { hopelessClass: true, fitness: 'spreading' },
} as const satisfies Record<string, WorkloadSpec>;

export type CaseName = keyof typeof CASES;
