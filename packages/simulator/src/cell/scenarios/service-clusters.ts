/**
 * The fleet of services as jobs: what has no tasks is left out, and a service that is too large for one job is run as
 * several clusters, as owners do.
 */
import { SeededRandom } from '../../seeded-random.ts';
import { type Service, serviceFleet } from '../../service-fleet.ts';
import type { JobArrival } from '../scenario.ts';
import { serviceJob } from './job-specs.ts';

/** Normal tasks and burst together; less than half of what a job may have, so that there is room to grow. */
const MOST_TASKS = 1_000;

/** In descending order of the services' size; tasks and burst sum up to what is asked for. */
export function serviceClusters(size: Parameters<typeof serviceFleet>[0], seed: number): Service[] {
  return serviceFleet(size, new SeededRandom(seed)).flatMap((service) => {
    const total = service.tasks + service.burst;
    const clusters = Math.ceil(total / MOST_TASKS);
    if (clusters === 1) return [service];
    return Array.from({ length: clusters }, (_, n) => ({
      ...service,
      name: `${service.name}-c${n + 1}`,
      tasks: part(service.tasks, n, clusters),
      burst: part(service.burst, n, clusters),
    }));
  });
}

/** A service as a job of the capacity group `services`, with its normal tasks. @param max - default: that of `serviceJob` */
export function serviceArrival(service: Service, atMs: number, max?: number): JobArrival {
  const { name, tasks, cpu, memoryMiB, network, securityGroup } = service;
  return {
    name,
    when: { atMs },
    spec: serviceJob(tasks, {
      application: name,
      capacityGroup: 'services',
      cpu,
      memoryMiB,
      networkMbps: network,
      securityGroup,
      ...(max === undefined ? {} : { max }),
    }),
  };
}

/** The n-th of so many nearly equal parts of a number. */
function part(whole: number, n: number, parts: number): number {
  return Math.floor(((n + 1) * whole) / parts) - Math.floor((n * whole) / parts);
}
