/** Small cells for tests: agents, jobs, and what a trace tells of a run. */
import type { CellScenario, CellAgentShape } from '../../src/cell/scenario.ts';
import { runCell } from '../../src/cell/cell.ts';
import type { CellOptions, CellRun } from '../../src/cell/cell-run.ts';

export const MINUTE_MS = 60_000;

/** Eight cores, two interfaces with four addresses each. */
export const SHAPE: CellAgentShape = {
  cpu: 8,
  memoryMiB: 65_536,
  diskMiB: 400_000,
  networkMbps: 4_000,
  interfaces: { slots: 2, addresses: 4 },
};

const BASE = { owner: { teamEmail: 'team@example.com' }, attributes: {} };

export interface JobShape {
  readonly cpuMilli?: number;
  readonly image?: string;
  readonly securityGroup?: string;
  readonly capacityGroup?: string;
  readonly hardConstraints?: Readonly<Record<string, string>>;
  readonly retries?: number;
}

function container({
  cpuMilli = 1_000,
  image = 'app',
  securityGroup = 'sg-1',
  hardConstraints = {},
}: JobShape) {
  return {
    image: { name: image, tag: '1' },
    resources: { cpuMilli, memoryMiB: 1_024, diskMiB: 10_000, networkMbps: 128 },
    securityGroups: [securityGroup],
    iamRole: 'role',
    entrypoint: ['run'],
    hardConstraints,
  };
}

export function batch(size: number, shape: JobShape = {}): Readonly<Record<string, unknown>> {
  return {
    ...BASE,
    kind: 'batch',
    applicationName: 'batch',
    capacityGroup: shape.capacityGroup ?? 'flex',
    container: container(shape),
    size,
    runtimeLimitMs: 3_600_000,
    retryOnRuntimeLimit: false,
    retryPolicy: { kind: 'immediate', retries: shape.retries ?? 0 },
  };
}

export function service(
  desired: number,
  shape: JobShape & { readonly percentageOfHealthy?: number } = {},
): Readonly<Record<string, unknown>> {
  return {
    ...BASE,
    kind: 'service',
    applicationName: 'service',
    capacityGroup: shape.capacityGroup ?? 'web',
    container: container(shape),
    capacity: { min: 0, desired, max: 1_000 },
    retryPolicy: { kind: 'immediate', retries: 0 },
    disruptionBudget: {
      policy: {
        kind: 'availabilityPercentage',
        percentageOfHealthy: shape.percentageOfHealthy ?? 75,
      },
      rate: { kind: 'unlimited' },
      timeWindows: [],
      healthProviders: [],
    },
  };
}

/** Six critical and four flexible agents, half an hour, fast agents. */
export function scenario(fields: Partial<CellScenario>): CellScenario {
  return {
    name: 'small',
    title: 'A small cell',
    description: 'For tests.',
    durationMs: 30 * MINUTE_MS,
    pools: [
      { name: 'critical', tier: 'critical', agents: 6, shape: SHAPE, bootMs: MINUTE_MS },
      { name: 'flex', tier: 'flexible', agents: 4, shape: SHAPE, bootMs: MINUTE_MS },
    ],
    capacityGroups: [{ name: 'web', tier: 'critical' }],
    arrivals: [],
    ...fields,
  };
}

export interface TracedEvent {
  readonly atMs: number;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Runs with every check after every few events, and keeps the trace. */
export function traced(
  fields: Partial<CellScenario>,
  options: CellOptions = {},
): { readonly run: CellRun; readonly events: readonly TracedEvent[] } {
  const events: TracedEvent[] = [];
  const run = runCell(scenario(fields), {
    check: 10,
    traceSink: (line) => events.push(JSON.parse(line) as TracedEvent),
    ...options,
  });
  return { run, events };
}

/** The last state of every task that a trace names. */
export function lastStates(events: readonly TracedEvent[]): Map<string, TracedEvent> {
  const states = new Map<string, TracedEvent>();
  for (const event of events) if (event.event === 'task') states.set(event.task as string, event);
  return states;
}
