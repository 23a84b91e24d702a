// Type-checked without Node's and the browser's types, bundled for browsers, and run where there is nothing but the
// language. `result` is printed. Throw to fail.
import { balanced, exclusiveHost } from '@stowage/constraints';
import { Scheduler } from '@stowage/core';
import { binPacking } from '@stowage/fitness';

const scheduler = new Scheduler({ fitness: binPacking('cpu') });
for (const zone of ['a', 'b', 'c'])
  scheduler.addAgent({ id: zone, resources: { cpu: 2 }, attributes: { zone } });
const { placements } = scheduler.schedule([
  { id: 'alone', resources: { cpu: 1 }, constraints: [exclusiveHost()] },
  { id: 'one', job: 'j', resources: { cpu: 1 }, constraints: [balanced('zone', { expectedValues: 3 })] },
  { id: 'two', job: 'j', resources: { cpu: 1 }, constraints: [balanced('zone', { expectedValues: 3 })] },
]);
const chosen = placements.map(({ task, agent }) => `${task} on ${agent}`).join(', ');
if (chosen !== 'alone on a, one on b, two on c') throw new Error(`placed ${chosen}`);
const restored = Scheduler.restore(scheduler.snapshot());
if (restored.verify().length > 0 || restored.agentOf('two') !== 'c')
  throw new Error('the snapshot lost a task');

export const result: string = chosen;
