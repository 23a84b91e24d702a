import { describe, expect, it } from 'vitest';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

describe('changes of a spec', () => {
  it('takes a service out of service and back, and lets its tasks run', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.step({ kind: 'set-enabled', enabled: false });
    expect(run.state.job.spec).toMatchObject({ enabled: false });
    expect(run.said()).toEqual([]);
    run.step({ kind: 'update-capacity', capacity: { desired: 2 } });
    expect(run.said()).toEqual(['enqueue job.1']);
  });

  it('sets the processes that are named', () => {
    const run = new JobRun(service(1));
    run.step({ kind: 'update-processes', processes: { disableDecreaseDesired: true } });
    expect(run.state.job.spec).toMatchObject({
      processes: { disableIncreaseDesired: false, disableDecreaseDesired: true },
    });
  });

  it('removes attributes, then sets attributes', () => {
    const run = new JobRun(batch(1, { attributes: { a: '1', b: '2', c: '3' } }));
    run.step({ kind: 'update-attributes', remove: ['a', 'b', 'x'], set: { b: '4', d: '5' } });
    expect(run.state.job.spec.attributes).toEqual({ b: '4', c: '3', d: '5' });
  });

  it('takes attributes for what they are called, whatever that is', () => {
    const run = new JobRun(batch(1));
    run.step({ kind: 'update-attributes', set: JSON.parse('{"__proto__": "x", "constructor": "y"}') });
    expect(Object.entries(run.state.job.spec.attributes)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    run.step({ kind: 'update-attributes', remove: ['__proto__'] });
    expect(Object.keys(run.state.job.spec.attributes)).toEqual(['constructor']);
  });

  it('replaces the disruption budget', () => {
    const run = new JobRun(batch(1));
    const budget = {
      policy: { kind: 'relocations', limit: 2 },
      rate: { kind: 'unlimited' },
      timeWindows: [],
      healthProviders: [],
    } as const;
    run.step({ kind: 'update-disruption-budget', budget });
    expect(run.state.job.spec.disruptionBudget).toEqual(budget);
  });

  it('does nothing when nothing changes', () => {
    const run = new JobRun(service(1, { attributes: { a: '1' } }));
    const { state } = run;
    for (const event of [
      { kind: 'set-enabled', enabled: true },
      { kind: 'update-processes', processes: { disableDecreaseDesired: false } },
      { kind: 'update-attributes', set: { a: '1' }, remove: ['b'] },
      { kind: 'update-disruption-budget', budget: structuredClone(state.job.spec.disruptionBudget) },
    ] as const) {
      expect(run.step(event)).toEqual([]);
      expect(run.state).toBe(state);
    }
  });
});
