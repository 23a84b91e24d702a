/** The bridge, through OpenTelemetry's own SDK and Prometheus exporter. */
import { Scheduler } from '@stowage/core';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { TieredQueue } from '@stowage/queues';
import { expect, test } from 'vitest';
import { type QueuedServiceTask, registerMetrics, SchedulingService } from '../src/index.ts';
import { VirtualClock } from './virtual-clock.ts';

class PullReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

async function scrape(reader: MetricReader): Promise<string> {
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  return new PrometheusSerializer('', false).serialize(resourceMetrics);
}

test('Prometheus sees what the service counts, and asks no more after the registration was taken back', async () => {
  const clock = new VirtualClock();
  const scheduler = new Scheduler({ resources: [{ name: 'cpu' }] });
  const queue = new TieredQueue<QueuedServiceTask>({ tiers: 1, schema: scheduler.engine.schema });
  const service = new SchedulingService({ scheduler, queue, clock });
  scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
  for (const id of ['t', 'u']) service.submit({ id, tier: 0, bucket: 'web', resources: { cpu: 3 } });
  clock.advance(90_000);
  service.runCycle();

  const reader = new PullReader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  let readings = 0;
  const counted = { metrics: () => (readings++, service.metrics()) };
  const unregister = registerMetrics(meter, counted, { cell: 'c1' });
  const text = await scrape(reader);
  expect(text).toMatch(/^stowage_scheduler_placements_total\{cell="c1".*\} 1$/m);
  expect(text).toMatch(/^stowage_scheduler_failures_total\{cell="c1",kind="all-agents-full".*\} 1$/m);
  expect(text).toMatch(/^stowage_scheduler_utilisation\{cell="c1",resource="cpu".*\} 0\.75$/m);
  expect(text).toMatch(/^stowage_scheduler_queued_for\{cell="c1",longer_than_s="60".*\} 1$/m);
  expect(text).toMatch(/^stowage_scheduler_queued_for\{cell="c1",longer_than_s="300".*\} 0$/m);
  expect(text).toMatch(/^stowage_scheduler_agents\{cell="c1",state="idle".*\} 0$/m);

  unregister();
  await scrape(reader);
  expect(readings).toBe(1);
});
