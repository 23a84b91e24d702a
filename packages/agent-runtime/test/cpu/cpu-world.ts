/** A facility on a host in memory, with a solver that is told what to answer. */
import type { TaskSpec } from '@stowage/protocol';
import type { Contribution } from '../../src/contract/facility.ts';
import { CpuFacility, type CpuFacilityOptions } from '../../src/cpu/cpu-facility.ts';
import { greedyPlacement } from '../../src/cpu/greedy-placement.ts';
import type { PlacementRequest } from '../../src/cpu/placement.ts';
import type { OptimizedPlacement } from '../../src/cpu/placement-optimizer.ts';
import { syntheticTopology } from '../../src/cpu/topology.ts';
import { FakeClock } from '../host/fake-clock.ts';
import { CpuHostModel, NEVER } from './cpu-host-model.ts';

export class GreedyOnly {
  asked: PlacementRequest[] = [];
  answer: (request: PlacementRequest) => Promise<OptimizedPlacement> = async (request) => ({
    placement: greedyPlacement(request),
    outcome: 'greedy',
  });

  async optimize(request: PlacementRequest): Promise<OptimizedPlacement> {
    this.asked.push(request);
    return this.answer(request);
  }

  async close(): Promise<void> {}
}

const opened: CpuFacility[] = [];

export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((facility) => facility.close()));
}

/** As a crash does. */
export function abandonAll(): void {
  opened.splice(0);
}

export async function world(
  topology = syntheticTopology(1, 4, 2),
  options: Partial<CpuFacilityOptions> = {},
) {
  const host = new CpuHostModel(topology);
  const clock = new FakeClock();
  const optimizer = new GreedyOnly();
  const open = async (): Promise<CpuFacility> => {
    const facility = await CpuFacility.open({ host, files: host, clock, optimizer, ...options });
    opened.push(facility);
    return facility;
  };
  const facility = await open();
  const launch = async (task: TaskSpec, on = facility): Promise<Contribution> => {
    const contribution = await on.prepare(task, NEVER);
    await on.attach(task, host.create(task.taskId, contribution.cpu?.cpus), NEVER);
    return contribution;
  };
  const cpusOf = (taskId: string) => host.cgroups.get(`/${taskId}`);
  return { host, clock, optimizer, facility, launch, open, cpusOf };
}
