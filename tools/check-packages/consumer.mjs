// Runs in an empty project that has the packed packages installed. Throw to fail.
import assert from 'node:assert/strict';
import * as agentRuntime from '@stowage/agent-runtime';
import * as autoscale from '@stowage/autoscale';
import { balancedSoft, uniqueHost } from '@stowage/constraints';
import { Scheduler, StowageError } from '@stowage/core';
import { binPacking } from '@stowage/fitness';
import * as jobs from '@stowage/jobs';
import * as planning from '@stowage/planning';
import * as protocol from '@stowage/protocol';
import * as queues from '@stowage/queues';
import * as simulator from '@stowage/simulator';
import * as testing from '@stowage/testing';

const scheduler = new Scheduler({ fitness: binPacking('cpu', 'memory') });
for (const zone of ['a', 'b']) {
  scheduler.addAgent({ id: `host-${zone}`, resources: { cpu: 16, memory: 65536 }, attributes: { zone } });
}
const tasks = ['web-1', 'web-2', 'web-3'].map((id) => ({
  id,
  job: 'web',
  resources: { cpu: 0.5, memory: 512 },
  constraints: [uniqueHost()],
  softConstraints: [balancedSoft('zone')],
}));
const { placements, failures } = scheduler.schedule(tasks);
assert.deepEqual(
  placements.map(({ task, agent }) => [task, agent]),
  [
    ['web-1', 'host-a'],
    ['web-2', 'host-b'],
  ],
);
assert.match(failures[0].reason, /none of 2 agents is feasible: 2 fail unique host per job/);
const restored = Scheduler.restore(scheduler.snapshot());
assert.equal(restored.agentOf('web-2'), 'host-b');
assert.throws(
  () => restored.release('web-3'),
  (error) => error instanceof StowageError && error.code === 'UNKNOWN_TASK',
);

for (const [name, exported] of Object.entries({
  agentRuntime,
  autoscale,
  jobs,
  planning,
  protocol,
  queues,
  simulator,
  testing,
})) {
  assert.ok(Object.keys(exported).length > 0, `@stowage/${name} exports nothing to an ES module`);
}
