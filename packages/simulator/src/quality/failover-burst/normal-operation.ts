/**
 * A cell in normal operation: services are launched task by task in random order, then deployed anew one by one, each
 * task of the new version before one of the old goes. That leaves what a real cell has: services spread over the
 * agents, old images, and interfaces that are idle but still set up for somebody.
 */
import type { SeededRandom } from '../../seeded-random.ts';
import type { BurstCluster } from './burst-cluster.ts';
import type { Service } from '../../service-fleet.ts';

/** Launches after which agents report. */
const REPORT_EVERY = 100;

/** A service with the version that runs and the handles of its tasks. */
export interface RunningService {
  readonly service: Service;
  taskClass: ReturnType<BurstCluster['define']>;
  handles: number[];
}

/** Yields the share that is done, from 0 to 1, now and then. */
export function* normalOperation(
  cluster: BurstCluster,
  fleet: readonly Service[],
  random: SeededRandom,
): Generator<number, RunningService[]> {
  const running: RunningService[] = fleet.map((service) => ({
    service,
    taskClass: cluster.define(service, 1),
    handles: [],
  }));
  const first = random.shuffled(
    running.flatMap((entry) => Array<RunningService>(entry.service.tasks).fill(entry)),
  );
  const total = 2 * first.length;
  let launches = 0;
  for (const entry of first) {
    launch(entry);
    if (launches % REPORT_EVERY === 0) yield launches / total;
  }
  for (const entry of random.shuffled(running)) {
    const { taskClass, handles } = entry;
    entry.taskClass = cluster.define(entry.service, 2);
    entry.handles = [];
    for (const handle of handles) {
      launch(entry);
      cluster.engine.release(handle);
    }
    cluster.engine.dropClass(taskClass.classId);
    yield launches / total;
  }
  cluster.report();
  return running;

  function launch(entry: RunningService): void {
    const handle = cluster.launch(entry.service, entry.taskClass);
    if (handle >= 0) entry.handles.push(handle);
    if (++launches % REPORT_EVERY === 0) cluster.report();
  }
}
