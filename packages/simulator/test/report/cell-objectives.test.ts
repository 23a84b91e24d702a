import { expect, test } from 'vitest';
import { runCell } from '../../src/cell/cell.ts';
import { cellObjectives } from '../../src/report/cell-objectives.ts';
import { batch, scenario, service } from '../cell/set-up.ts';

test('the objectives of a cell are those of its job managers, percentiles in order and below the longest', () => {
  const run = runCell(
    scenario({
      arrivals: [
        { name: 'web', when: { atMs: 0 }, spec: service(10) },
        { name: 'sum', when: { everyMs: 300_000, fromMs: 60_000 }, spec: batch(4) },
      ],
      lifeCycles: [
        {
          selector: { job: 'sum-*', indexes: { from: 0, to: 0 } },
          started: { action: { finish: 'failed' } },
        },
      ],
    }),
  );
  const { availability, service: web, batch: sums } = cellObjectives(run);
  expect(availability).toBe(run.outcomes.availability.share);
  expect(web).toMatchObject({ starts: 10, crashRate: 0 });
  expect(sums).toMatchObject({ starts: 24, crashRate: 0.25 });
  for (const { startMs } of [web, sums]) {
    expect(startMs!.p50).toBeGreaterThan(0);
    expect(startMs!.p90).toBeGreaterThanOrEqual(startMs!.p50);
    expect(startMs!.p99).toBeGreaterThanOrEqual(startMs!.p90);
    expect(startMs!.max).toBeGreaterThanOrEqual(startMs!.p99);
  }
  expect(run.outcomes.service.startLatency.maxMs).toBe(web.startMs!.max);
});

test('a cell without tasks has nothing to say', () => {
  expect(cellObjectives(runCell(scenario({})))).toEqual({
    availability: undefined,
    service: { starts: 0, crashRate: undefined, startMs: undefined },
    batch: { starts: 0, crashRate: undefined, startMs: undefined },
  });
});
