/**
 * Single parts of what an engine does, through its public interface: enough of them to see which one a slower
 * operation is to be blamed on. The engines are in the steady state of the ordinary case.
 */
import { balancedSoft, uniqueHost } from '@stowage/constraints';
import type { PlacementEngine, TaskRequirements } from '@stowage/core';
import { Churn, type ChurnStart } from '../workloads/churn.ts';
import { requirementsOf } from '../workloads/task-shapes.ts';

const SMALL = { cpu: 0.25, memory: 512 };
const TOO_LARGE = { cpu: 500, memory: 512 };
/** Between agents that are booked on one after the other. */
const STRIDE = 37;

/** What is done again and again, by name. */
export function engineParts(start: ChurnStart): Record<string, () => void> {
  const { engine } = new Churn(start, 'declared');
  const hopeless = engine.defineClass({ resources: TOO_LARGE });
  const searched = engine.defineClass(requirementsOf(start.shapes[0], 0, start.workload));
  const bookAndRelease = booking(engine, [engine.defineClass({ resources: SMALL, job: 'job-0' })]);
  return {
    'book on a given agent and release': bookAndRelease,
    'the same, tasks of jobs counted by agent': counted(start, { constraints: [uniqueHost()] }),
    'the same, tasks of jobs counted by zone': counted(start, { softConstraints: [balancedSoft('zone')] }),
    'find again, nothing changed': () => void engine.find(searched),
    'find again, one agent changed twice': () => {
      bookAndRelease();
      engine.find(searched);
    },
    'place in a transaction and roll back': () => {
      engine.begin();
      engine.place(searched);
      engine.rollback();
    },
    'define a class, find, drop it': () => {
      const defined = engine.defineClass({ resources: { cpu: 1, memory: 1024 }, job: 'job-0' });
      engine.find(defined);
      engine.dropClass(defined);
    },
    'explain a failure, one agent changed twice': () => {
      bookAndRelease();
      engine.explain(hopeless);
    },
  };
}

/** Once a class with this policy was asked for, the engine keeps the counts that it needs. */
function counted(start: ChurnStart, policy: Partial<TaskRequirements>): () => void {
  const { engine } = new Churn(start, 'declared');
  const jobs = Array.from({ length: 10 }, (_, job) =>
    engine.defineClass({ resources: SMALL, job: `new-job-${job}`, ...policy }),
  );
  for (const job of jobs) engine.find(job);
  return booking(engine, jobs);
}

/** Books a task of the next class on the next agent with room and releases it. */
function booking(engine: PlacementEngine, classes: readonly number[]): () => void {
  const { cluster } = engine;
  const [freeCpu, freeMemory] = [cluster.free('cpu'), cluster.free('memory')];
  const rows = Array.from({ length: engine.rowCount }, (_, row) => row).filter(
    (row) => freeCpu[row] >= SMALL.cpu * 1000 && freeMemory[row] >= SMALL.memory,
  );
  let turn = 0;
  return () => {
    turn += STRIDE;
    engine.release(engine.placeOn(classes[turn % classes.length], rows[turn % rows.length]));
  };
}
