/**
 * What is to be placed where, as plain data: it can be printed beside a figure, handed to another process, and made
 * small for a test. Everything else here (shapes, steady state, churn, oracle) follows from it and its seed.
 *
 * The scenario is that of a container platform: four agent types interleaved, filled to a steady state, then one
 * random task leaves and one comes, again and again.
 */

/** What ranks the feasible agents; the two callbacks are written the simple way, as a function of task and agent. */
export type FitnessName = 'packing' | 'spreading' | 'most-tasks' | 'fewest-free-cores';

export interface Workload {
  readonly agents: number;
  /** Scalar resources that tasks ask for: cpu and memory, or disk and network as well. */
  readonly resources: 2 | 4;
  /** Task classes, asked for in turn, which is the worst case for whatever is kept per class. */
  readonly shapes: number;
  /** `coarse`: as people write them, multiples of 0.25 cores and 512 MiB. `distinct`: no two classes alike. */
  readonly grain: 'coarse' | 'distinct';
  /** Class c belongs to job c modulo `jobs`. */
  readonly jobs: number;
  /** Values of the attribute `zone`, in every one as many agents of each type. */
  readonly zones: number;
  /** Part of all cores that is in use in the steady state. */
  readonly load: number;
  readonly seed: number;
  readonly fitness: FitnessName;
  /** `declared`: the callback says that it looks at its agent only. Policies of the library always declare. */
  readonly callback: 'declared' | 'undeclared';
  /** `unique-host`: no two tasks of a job on an agent. `own-zone`: job j runs in zone j modulo `zones` only. */
  readonly constraint: 'none' | 'unique-host' | 'own-zone';
  /** `zone-balance`: as few tasks of the job in the zone as possible, before fitness. */
  readonly soft: 'none' | 'zone-balance';
  /** Class c needs an address on an interface of security group c modulo this; 0 = agents have no interfaces. */
  readonly securityGroups: number;
  /** Every operation also asks for a class that fits nowhere, however long the churn goes on. */
  readonly hopelessClass: boolean;
}

/** As many as the "all shapes distinct" cases have. */
export const DISTINCT_SHAPES = 262_144;

const DEFAULTS = {
  resources: 2,
  shapes: 100,
  grain: 'coarse',
  zones: 1,
  load: 0.75,
  seed: 42,
  fitness: 'packing',
  callback: 'declared',
  constraint: 'none',
  soft: 'none',
  securityGroups: 0,
  hopelessClass: false,
} as const satisfies Partial<Workload>;

/** A workload without its size; what is left out is the ordinary case. Default jobs: one per shape, at most 100. */
export type WorkloadSpec = Partial<Omit<Workload, 'agents'>>;

export function workload(agents: number, spec: WorkloadSpec = {}): Workload {
  const filled = { ...DEFAULTS, ...spec };
  return { jobs: Math.min(filled.shapes, 100), ...filled, agents };
}
