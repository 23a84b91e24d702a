/**
 * The loop of a framework that comes from Fenzo: take offers in, schedule, launch with the offers of each agent, give back
 * what is too old. docs/fenzo.md shows the same in Java.
 * Run with: node --conditions=@stowage/source --import tsx examples/from-fenzo.ts
 */
import { uniqueHostAttribute } from '@stowage/constraints';
import {
  DEFAULT_RESOURCES,
  type HandOver,
  type Offer,
  OfferPool,
  Scheduler,
  type TaskSpec,
} from '@stowage/core';
import { cpuMemBinPacker } from '@stowage/fitness';

/** Stands for the connection to the resource manager. */
const driver = {
  launch({ agent, offers, tasks }: HandOver): void {
    const names = tasks.map(({ task, values }) => `${task} (port ${values.ports.join()})`);
    console.log(`launch ${names.join(', ')} on ${agent} with ${offers.map(({ id }) => id).join(' and ')}`);
  },
  decline(offers: readonly Offer[]): void {
    console.log(`decline ${offers.map(({ id }) => id).join(' and ')}`);
  },
};

const scheduler = new Scheduler({
  resources: [...DEFAULT_RESOURCES, { name: 'ports' }],
  fitness: cpuMemBinPacker(),
});
const pool = new OfferPool(scheduler, { maxAgeMs: 60_000 });

/** One call of `scheduleOnce`. @returns the tasks that wait */
function scheduleOnce(pending: readonly TaskSpec[], offers: readonly Offer[], nowMs: number): TaskSpec[] {
  for (const { offer, error } of pool.add(offers, nowMs).refused) {
    console.log(error.message);
    driver.decline([offer]);
  }
  const { placements, failures } = scheduler.schedule(pending);
  for (const { task, reason } of failures) console.log(`${task} waits: ${reason}`);
  for (const handOver of pool.handOver(placements)) driver.launch(handOver);
  for (const { offers: old } of pool.expire(nowMs)) driver.decline(old);
  const waiting = new Set(failures.map(({ task }) => task));
  return pending.filter(({ id }) => waiting.has(id));
}

const offer = (id: string, agent: string, cpu: number, offeredAtMs: number): Offer => ({
  id,
  agent,
  offeredAtMs,
  resources: [
    { name: 'cpu', kind: 'scalar', amount: cpu },
    { name: 'memory', kind: 'scalar', amount: cpu * 1024 },
    { name: 'ports', kind: 'ranges', ranges: [[31_000, 31_099]] },
  ],
});
const web = (id: string): TaskSpec => ({
  id,
  job: 'web',
  resources: { cpu: 1, memory: 512, ports: 1 },
  constraints: [uniqueHostAttribute()],
});

let pending = ['web-1', 'web-2', 'web-3'].map(web);
pending = scheduleOnce(pending, [offer('offer-1', 'host-1', 4, 0), offer('offer-2', 'host-2', 2, 0)], 0);

// What is left of an agent comes as a new offer; tasks that run are known to be there.
pending = scheduleOnce(pending, [offer('offer-3', 'host-1', 3, 1000)], 1000);

pool.release('web-1'); // it has ended
pending = scheduleOnce(pending, [offer('offer-4', 'host-2', 2, 2000)], 2000);
scheduleOnce(pending, [], 70_000);
