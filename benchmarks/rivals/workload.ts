/**
 * A burst: a cluster of equal agents in three zones, and 1,000 tasks of 20 shapes that arrive at once. Totals are
 * powers of two and shapes multiples of 1/4 core, so that loads are exact in the doubles of Fenzo and of plain
 * code too: every rival means the same by a tie.
 */
import { SeededRandom } from '@stowage/simulator';
import type { RivalCase } from './cases.ts';

export interface Amounts {
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  readonly networkMbps: number;
  readonly diskMiB: number;
}

export interface WorkloadTask {
  readonly amounts: Amounts;
  /** Number of the zone that the task requires, -1 = any. */
  readonly zone: number;
  /** Tasks with the same number are co-tasks. */
  readonly job: number;
}

/** A task that runs from the beginning to the end. */
export interface Resident {
  readonly row: number;
  readonly amounts: Amounts;
}

export interface Workload extends Pick<RivalCase, 'fitness' | 'zones'> {
  readonly agents: number;
  readonly agentTotals: Amounts;
  readonly residents: readonly Resident[];
  readonly tasks: readonly WorkloadTask[];
}

export const ZONES = ['zone-a', 'zone-b', 'zone-c'] as const;

const TASKS = 1000;
const JOB_SIZE = 10;
const SHAPES = 20;
const CPU_MILLI = [250, 500, 1000, 2000, 4000, 8000, 16_000];
const MEMORY_GIB = [1, 2, 4, 8, 16, 32, 64];
const AGENT_TOTALS: Amounts = {
  cpuMilli: 64_000,
  memoryMiB: 256 * 1024,
  networkMbps: 10_000,
  diskMiB: 1024 * 1024,
};

/** Zone of an agent: a, b, c in turn. */
export function zoneOf(row: number): number {
  return row % ZONES.length;
}

export function burst({ fitness, zones, load }: RivalCase, agents: number, seed: number): Workload {
  const random = new SeededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
  const shapes = Array.from({ length: SHAPES }, (): Amounts => {
    return { cpuMilli: pick(CPU_MILLI), memoryMiB: pick(MEMORY_GIB) * 1024, networkMbps: 100, diskMiB: 1024 };
  });
  const tasks = Array.from({ length: TASKS }, (_, i): WorkloadTask => {
    return {
      amounts: pick(shapes),
      zone: zones === 'required' ? i % ZONES.length : -1,
      job: Math.floor(i / JOB_SIZE),
    };
  });
  const residents = Array.from({ length: agents }, (_, row) =>
    residentsOf(load, () => pick(shapes)).map((amounts) => ({ row, amounts })),
  ).flat();
  return { fitness, zones, agents, agentTotals: AGENT_TOTALS, residents, tasks };
}

/** Shapes as they come until the next one would exceed the load or the memory. */
function residentsOf(load: number, nextShape: () => Amounts): Amounts[] {
  const chosen: Amounts[] = [];
  let cpuMilli = 0;
  let memoryMiB = 0;
  while (load > 0) {
    const shape = nextShape();
    cpuMilli += shape.cpuMilli;
    memoryMiB += shape.memoryMiB;
    if (cpuMilli > load * AGENT_TOTALS.cpuMilli || memoryMiB > AGENT_TOTALS.memoryMiB) break;
    chosen.push(shape);
  }
  return chosen;
}
