import { describe, expect, it } from 'vitest';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

describe('a job after a reload', () => {
  it('asks again for everything that may have been lost', () => {
    const run = new JobRun(batch(6, { runtimeLimitMs: 3_600_000 }));
    for (const index of [1, 2, 3, 4, 5]) run.place(index);
    for (const index of [2, 3, 4, 5]) run.say(index, 'start-initiated');
    for (const index of [3, 4, 5]) run.say(index, 'started');
    run.kill(4);
    run.finish(5, 'lost');
    run.state = run.reassembled();
    run.step({ kind: 'restored' }, 500);
    expect(run.said()).toEqual([
      'kill job.4 #1',
      'launch job.1',
      'enqueue job.0',
      'wake job.1 at 300500',
      'wake job.2 at 720500',
      'wake job.3 at 3600000',
      'wake job.4 at 600500',
      'wake job.5 at 1000',
    ]);
    expect(run.state.job.restoredAtMs).toBe(500);
  });

  it('counts kills where it was', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.kill(0);
    run.wakeWhenDue(0);
    run.step({ kind: 'restored' }, 5_000_000);
    expect(run.said()).toEqual(['kill job.0 #2', 'wake job.0 at 5600000']);
    run.wakeWhenDue(0);
    expect(run.at(0).status.reason).toBe('stuck-in-killing-state');
  });

  it('makes the replacements that came due while nobody was there', () => {
    const run = new JobRun(service(2));
    run.startAll();
    run.finish(1, 'failed');
    run.step({ kind: 'restored' }, 1_000_000);
    expect(run.said()).toEqual(['enqueue job.2']);
  });

  it('asks again as often as it is restored', () => {
    const run = new JobRun(service(1));
    run.step({ kind: 'restored' }, 10);
    expect(run.effects.map(({ kind }) => kind)).toEqual(['persist', 'enqueue']);
    run.step({ kind: 'restored' }, 10);
    expect(run.effects.map(({ kind }) => kind)).toEqual(['enqueue']);
  });

  it('goes on being killed', () => {
    const run = new JobRun(service(2));
    run.start(0);
    run.step({ kind: 'kill-job' });
    run.state = run.reassembled();
    run.step({ kind: 'restored' }, 10);
    expect(run.said()).toEqual(['kill job.0 #1', 'wake job.0 at 600010']);
    run.finish(0, 'killed');
    expect(run.state.job.status.state).toBe('finished');
  });
});
