// Type-checked, not run, in an empty project that has the packed packages installed: as an ES module and as CommonJS
// with node16 and nodenext, and with bundler resolution. `stowage` itself is for ES modules only and stays out.
import { type AutoscaleInput, AutoScaler, type ScaleDecision } from '@stowage/autoscale';
import { matchExpressions, uniqueHost } from '@stowage/constraints';
import {
  constraint,
  type FitnessCalculator,
  type HardConstraint,
  type ScheduleResult,
  Scheduler,
  type TaskSpec,
} from '@stowage/core';
import { binPacking, weighted } from '@stowage/fitness';
import { type CycleReport, type QueuedTask, TieredQueue } from '@stowage/queues';
import * as simulator from '@stowage/simulator';
import * as testing from '@stowage/testing';

const bigEnough: HardConstraint = constraint(
  'big enough',
  (_task, agent) => agent.total('memory') >= 1024 || 'too small',
  'agent',
);
const policy: FitnessCalculator = weighted([{ fitness: binPacking('cpu'), weight: 3 }]);
const scheduler = new Scheduler({
  fitness: [policy],
  resources: [{ name: 'cpu' }, { name: 'gpu', kind: 'set' }],
});
const task: TaskSpec = {
  id: 't',
  resources: { cpu: 1, gpu: { slots: 2 } },
  constraints: [bigEnough, uniqueHost(), matchExpressions([{ key: 'zone', operator: 'Exists' }])],
};
export const result: ScheduleResult = scheduler.schedule([task], { allOrNothing: true });
export const slots: readonly number[] | undefined = result.placements[0]?.slots['gpu'];
// @ts-expect-error a demand on a set is an object, not text
scheduler.schedule([{ id: 't', resources: { gpu: 'two' } }]);
const pools: AutoscaleInput = { agents: [{ id: 'a', pool: 'p', idle: true }] };
export const decisions: readonly ScaleDecision[] = new AutoScaler().evaluate(pools, 0).decisions;
interface OwnTask extends QueuedTask {
  readonly owner: string;
}
const queue = new TieredQueue<OwnTask>({ tiers: 2, schema: scheduler.engine.schema });
export const owner: string | undefined = queue.cycle(0).next()?.owner;
export const report: CycleReport<OwnTask> = queue.cycle(0).end();
export const names: string[] = [simulator, testing].flatMap((exported) => Object.keys(exported));
