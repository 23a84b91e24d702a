/**
 * GPUs as a two-level resource: shares of one device, whole devices, and a gang that is placed as a whole or not.
 * Run with: node --conditions=@stowage/source --import tsx examples/shared-gpus.ts
 */
import { DEFAULT_RESOURCES, Scheduler } from '@stowage/core';
import { binPacking } from '@stowage/fitness';

const scheduler = new Scheduler({
  resources: [
    ...DEFAULT_RESOURCES.filter(({ name }) => name !== 'gpu'),
    { name: 'gpu', kind: 'set', unitsPerWhole: 1000, unit: 'devices' },
  ],
  fitness: binPacking('cpu'),
});
scheduler.addAgent({ id: 'node-1', resources: { cpu: 96, gpu: { slots: 4, unitsPerSlot: 1 } } });

const notebooks = ['notebook-1', 'notebook-2'].map((id) => ({
  id,
  resources: { cpu: 4, gpu: { units: 0.5 } },
}));
const training = { id: 'training', resources: { cpu: 16, gpu: { slots: 2 } } };
for (const { task, slots } of scheduler.schedule([...notebooks, training]).placements) {
  console.log(`${task} uses gpu ${slots['gpu'].join(' and ')}`);
}

const gang = ['worker-1', 'worker-2'].map((id) => ({ id, resources: { cpu: 8, gpu: { slots: 1 } } }));
const { failures } = scheduler.schedule(gang, { allOrNothing: true });
for (const { task, reason } of failures) console.log(`${task}: ${reason}`);
