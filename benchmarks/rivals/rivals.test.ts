/**
 * Workloads, and the rivals written in TypeScript beside each other, small.
 */
import { describe, expect, it } from 'vitest';
import { RIVAL_CASES } from './cases.ts';
import { NODE_RIVALS, OURS } from './node-rivals.ts';
import type { Rival } from './rival.ts';
import { readWorkload, writeWorkload } from './workload-file.ts';
import { burst } from './workload.ts';

/** One burst; the cluster is then as before. */
function decisions(rival: Rival): number[] {
  rival.place();
  const rows = rival.rows();
  rival.release();
  rival.renew?.();
  return rows;
}

const AGENTS = 200;
const SEED = 7;

describe.each(RIVAL_CASES)('case $name', (rivalCase) => {
  const workload = burst(rivalCase, AGENTS, SEED);

  it('has a workload that survives its file', () => {
    expect(readWorkload(writeWorkload(workload))).toEqual(workload);
    expect(burst(rivalCase, AGENTS, SEED)).toEqual(workload);
    expect(workload.tasks).toHaveLength(1000);
    expect(workload.residents.length > 0).toBe(rivalCase.load > 0);
  });

  it('is decided alike by the engine and by plain code, call after call', () => {
    const expected = decisions(OURS.make(workload));
    expect(expected).toHaveLength(1000);
    for (const { make, rule } of NODE_RIVALS) {
      if (rule !== 'soft constraints first') continue;
      const rival = make(workload);
      for (let call = 0; call < 2; call++) expect(decisions(rival)).toEqual(expected);
    }
  });
});

describe('plain rivals', () => {
  it.each(['hard-zone', 'soft-zone'])('heed zones in %s', (name) => {
    const workload = burst(
      RIVAL_CASES.find((one) => one.name === name)!,
      AGENTS,
      SEED,
    );
    for (const { make } of NODE_RIVALS) {
      const rows = decisions(make(workload));
      workload.tasks.forEach(({ zone }, i) => {
        if (zone >= 0 && rows[i] >= 0) expect(rows[i] % 3).toBe(zone);
      });
      if (name === 'soft-zone') {
        const zones = rows.slice(0, 10).map((row) => row % 3);
        for (const zone of [0, 1, 2]) expect(zones.filter((one) => one === zone).length).toBeGreaterThan(2);
      }
    }
  });
});
