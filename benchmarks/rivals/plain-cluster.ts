/**
 * Agents and tasks as a TypeScript programmer would write them down without a scheduling library, shared by both
 * plain rivals. They differ in how they search.
 */
import { type Amounts, type Workload, zoneOf } from './workload.ts';

export interface PlainResources {
  cpuCores: number;
  memoryMiB: number;
  networkMbps: number;
  diskMiB: number;
}

export interface PlainAgent {
  readonly row: number;
  readonly zone: number;
  readonly total: Readonly<PlainResources>;
  readonly used: PlainResources;
}

export interface PlainTask {
  readonly needs: Readonly<PlainResources>;
  readonly zone: number;
  readonly job: number;
}

export interface PlainPlacement {
  readonly task: PlainTask;
  readonly agent: PlainAgent;
}

export function plainAgents({ agents, agentTotals, residents }: Workload): PlainAgent[] {
  const cluster = Array.from({ length: agents }, (_, row): PlainAgent => {
    const used = { cpuCores: 0, memoryMiB: 0, networkMbps: 0, diskMiB: 0 };
    return { row, zone: zoneOf(row), total: plainResources(agentTotals), used };
  });
  for (const { row, amounts } of residents) add(cluster[row].used, plainResources(amounts), 1);
  return cluster;
}

export function plainTasks({ tasks }: Workload): PlainTask[] {
  return tasks.map(({ amounts, zone, job }) => ({ needs: plainResources(amounts), zone, job }));
}

export function fits({ total, used }: PlainAgent, needs: Readonly<PlainResources>): boolean {
  return (
    used.cpuCores + needs.cpuCores <= total.cpuCores &&
    used.memoryMiB + needs.memoryMiB <= total.memoryMiB &&
    used.networkMbps + needs.networkMbps <= total.networkMbps &&
    used.diskMiB + needs.diskMiB <= total.diskMiB
  );
}

/** Share of cpu plus share of memory in use with the task. */
export function loadWith({ total, used }: PlainAgent, needs: Readonly<PlainResources>): number {
  return (
    (used.cpuCores + needs.cpuCores) / total.cpuCores + (used.memoryMiB + needs.memoryMiB) / total.memoryMiB
  );
}

/** @param sign - 1 to book, -1 to free */
export function add(used: PlainResources, needs: Readonly<PlainResources>, sign: 1 | -1): void {
  used.cpuCores += sign * needs.cpuCores;
  used.memoryMiB += sign * needs.memoryMiB;
  used.networkMbps += sign * needs.networkMbps;
  used.diskMiB += sign * needs.diskMiB;
}

/** Cores, not milli-cores: quarters of cores over a power of two are exact, thousandths over 64,000 are not. */
function plainResources({ cpuMilli, memoryMiB, networkMbps, diskMiB }: Amounts): PlainResources {
  return { cpuCores: cpuMilli / 1000, memoryMiB, networkMbps, diskMiB };
}
