/**
 * The cost of the object API above the row-number API: the same churn by ids and specs.
 */
import { Scheduler, type TaskSpec } from '@stowage/core';
import { binPacking } from '@stowage/fitness';
import { SeededRandom } from '@stowage/simulator';

export interface ObjectFigure {
  readonly case: string;
  readonly agents: number;
  readonly shapes: number;
  readonly opsPerSecond: number;
  readonly nsP50: number;
}

const OPERATIONS = 20_000;
const REPETITIONS = 7;

export function measureObjectApi(agents: number, shapes: number): ObjectFigure {
  const random = new SeededRandom(42);
  const scheduler = new Scheduler({ fitness: binPacking('cpu', 'memory'), agentCapacity: agents });
  for (let i = 0; i < agents; i++)
    scheduler.addAgent({ id: `agent-${i}`, resources: { cpu: 64, memory: 262_144 } });
  const specs = Array.from({ length: shapes }, () => ({
    cpu: (1 + random.below(32)) / 4,
    memory: 512 * (1 + random.below(64)),
  }));
  let next = 0;
  const task = (): TaskSpec => ({ id: `task-${next}`, resources: specs[next++ % shapes] });
  const live: string[] = [];
  for (const { task: id } of scheduler.schedule(Array.from({ length: agents * 10 }, task)).placements)
    live.push(id);
  const run = (): number => {
    const start = performance.now();
    for (let i = 0; i < OPERATIONS; i++) {
      const victim = random.below(live.length);
      scheduler.release(live[victim]);
      live[victim] = scheduler.schedule([task()]).placements[0].task;
    }
    return ((performance.now() - start) * 1e6) / OPERATIONS;
  };
  run();
  const nsP50 = Math.round(Array.from({ length: REPETITIONS }, run).sort((a, b) => a - b)[REPETITIONS >> 1]);
  return { case: 'object API, packing', agents, shapes, opsPerSecond: Math.round(1e9 / nsP50), nsP50 };
}
