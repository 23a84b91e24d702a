/** The scheduling service: submit, start, finish. Here on a clock of our own, so that it prints the same every time. */
import { type Clock, type QueuedServiceTask, SchedulingService } from '@stowage/control-plane';
import { Scheduler } from '@stowage/core';
import { binPacking } from '@stowage/fitness';
import { TieredQueue } from '@stowage/queues';

let nowMs = 0;
const timers: { atMs: number; action: () => void }[] = [];
const clock: Clock = {
  nowMs: () => nowMs,
  after(delayMs, action) {
    const timer = { atMs: nowMs + delayMs, action };
    timers.push(timer);
    return () => timers.splice(timers.indexOf(timer), 1);
  },
};
function advanceTo(endMs: number): void {
  while (timers.length > 0 && timers[0].atMs <= endMs) {
    const { atMs, action } = timers.shift()!;
    nowMs = atMs;
    action();
  }
  nowMs = endMs;
}

const scheduler = new Scheduler({ fitness: binPacking('cpu', 'memory') });
const queue = new TieredQueue<QueuedServiceTask>({ tiers: 2, schema: scheduler.engine.schema });
const service = new SchedulingService({
  scheduler,
  queue,
  clock,
  afterCycle({ placements, failures }) {
    for (const { task, agent, waitedMs } of placements)
      console.log(`${task} -> ${agent} after ${waitedMs} ms`);
    for (const { spec, kind } of failures) console.log(`${spec.id} waits: ${kind}`);
  },
});

scheduler.addAgent({ id: 'worker-1', resources: { cpu: 4, memory: 8192 } });
service.submit({ id: 'nightly', tier: 1, bucket: 'batch', resources: { cpu: 3, memory: 1024 } });
service.submit({ id: 'web-1', tier: 0, bucket: 'web', resources: { cpu: 1, memory: 512 } });
service.submit({ id: 'web-2', tier: 0, bucket: 'web', resources: { cpu: 1, memory: 512 } });
service.start();
advanceTo(100);
service.remove('web-2');
advanceTo(1000);
service.stop();
