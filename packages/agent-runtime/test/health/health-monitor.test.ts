import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthCheck } from '../../src/health/health-check.ts';
import { HealthMonitor, type HealthReport, type WatchedCheck } from '../../src/health/health-monitor.ts';
import { FakeClock } from '../host/fake-clock.ts';

/** What a run does: answers at once, fails at once, or answers so many time-outs late. */
type Run = 'ok' | 'fail' | { readonly lateBy: number };

const INTERVAL_MS = 100;
const TIMEOUT_MS = 40;

/** A check that follows a script, and is well ever after. Throws in the test when two of its runs overlap. */
class ScriptedCheck implements HealthCheck {
  readonly name: string;
  readonly #script: Run[];
  readonly #clock: FakeClock;
  running = 0;
  mostAtOnce = 0;
  calls = 0;

  constructor(name: string, script: readonly Run[], clock: FakeClock) {
    this.name = name;
    this.#script = [...script];
    this.#clock = clock;
  }

  async run(): Promise<void> {
    this.calls += 1;
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    const now = this.#script.shift() ?? 'ok';
    try {
      if (now === 'fail') throw new Error(`${this.name} is broken`);
      if (now !== 'ok') await new Promise<void>((resolve) => this.#clock.schedule(now.lateBy, resolve));
    } finally {
      this.running -= 1;
    }
  }
}

/** Whether the results of all rounds so far fence: said of the whole history, without any state. */
function fences(results: readonly boolean[], failuresToFence: number, successesToLift: number): boolean {
  const runsOf = (value: boolean, length: number): readonly number[] =>
    results
      .map((_, end) => end)
      .filter((end) => {
        const part = results.slice(end - length + 1, end + 1);
        return part.length === length && part.every((each) => each === value);
      });
  const begins = [
    ...runsOf(false, failuresToFence),
    ...results.map((_, at) => at).filter((at) => !results.slice(0, at + 1).includes(true)),
  ];
  const last = Math.max(-1, ...begins);
  if (last < 0) return false;
  return !runsOf(true, successesToLift).some((end) => end - successesToLift + 1 > last);
}

const runs = fc.array(
  fc.oneof(
    fc.constant<Run>('ok'),
    fc.constant<Run>('fail'),
    fc.integer({ min: 1, max: 400 }).map((lateBy): Run => ({ lateBy })),
  ),
  { maxLength: 25 },
);

describe('HealthMonitor', () => {
  it('fences and lifts by the history of results, and never runs a check twice at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        runs,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (script, n, m) => {
          const clock = new FakeClock();
          const check = new ScriptedCheck('c', script, clock);
          const reports: HealthReport[] = [];
          const monitor = new HealthMonitor({
            clock,
            checks: [
              {
                check,
                intervalMs: INTERVAL_MS,
                timeoutMs: TIMEOUT_MS,
                failuresToFence: n,
                successesToLift: m,
              },
            ],
            onChange: (report) => reports.push(report),
          });
          void monitor.start();
          // The oracle: replays the script on its own time line.
          const results: boolean[] = [];
          const script2 = [...script];
          let startMs = 0;
          let busyUntilMs = 0;
          for (let round = 0; round < 40; round++) {
            let endMs = startMs;
            if (busyUntilMs > startMs) results.push(false);
            else {
              const now = script2.shift() ?? 'ok';
              const lateBy = typeof now === 'string' ? 0 : now.lateBy;
              busyUntilMs = startMs + lateBy;
              results.push(now !== 'fail' && lateBy < TIMEOUT_MS);
              endMs = startMs + Math.min(lateBy, TIMEOUT_MS);
            }
            await clock.advance(endMs - clock.monotonicMs());
            const expected = fences(results, n, m) ? 'fenced' : results.at(-1)! ? 'healthy' : 'degraded';
            expect(monitor.report().state).toBe(expected);
            expect(monitor.report().reasons.length).toBe(expected === 'healthy' ? 0 : 1);
            expect(check.mostAtOnce).toBeLessThanOrEqual(1);
            startMs = endMs + INTERVAL_MS;
            // A run that answers exactly when the next is due may come before or after it.
            fc.pre(busyUntilMs !== startMs);
            await clock.advance(startMs - 1 - clock.monotonicMs());
          }
          expect(reports.at(-1)?.state ?? 'healthy').toBe(monitor.report().state);
          expect(monitor.report().state).toBe('healthy');
          monitor.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('puts the worst of several checks on top and names all that fail', async () => {
    const clock = new FakeClock();
    const seen: HealthReport[] = [];
    const watched = (name: string, script: Run[], more: Partial<WatchedCheck> = {}): WatchedCheck => ({
      check: new ScriptedCheck(name, script, clock),
      intervalMs: INTERVAL_MS,
      ...more,
    });
    const monitor = new HealthMonitor({
      clock,
      checks: [
        watched('a', ['ok', 'fail', 'ok']),
        watched('b', ['fail', 'fail', 'fail', 'ok'], { failuresToFence: 'never' }),
        watched('c', ['ok', 'fail', 'ok', 'ok'], { failuresToFence: 1, successesToLift: 2 }),
      ],
      onChange: (report) => seen.push(report),
    });
    await monitor.start();
    expect(monitor.report()).toMatchObject({
      state: 'degraded',
      reasons: [{ check: 'b', message: 'b is broken' }],
    });
    await clock.advance(INTERVAL_MS);
    expect(monitor.report()).toMatchObject({
      state: 'fenced',
      sinceMs: clock.wallMs(),
      reasons: [
        { check: 'a', fences: false },
        { check: 'b', fences: false, sinceMs: clock.wallMs() - INTERVAL_MS },
        { check: 'c', fences: true },
      ],
    });
    await clock.advance(INTERVAL_MS);
    expect(monitor.report().reasons.map(({ check }) => check)).toEqual(['b', 'c']);
    await clock.advance(INTERVAL_MS);
    expect(monitor.report()).toMatchObject({ state: 'healthy', reasons: [] });
    expect(seen.at(-1)?.state).toBe('healthy');
    monitor.close();
  });

  it('tells of changes only, and keeps when they began', async () => {
    const clock = new FakeClock();
    const seen: HealthReport[] = [];
    const monitor = new HealthMonitor({
      clock,
      checks: [
        { check: new ScriptedCheck('c', Array<Run>(6).fill('fail'), clock), intervalMs: INTERVAL_MS },
        { check: new ScriptedCheck('d', ['ok', 'ok', 'fail'], clock), intervalMs: INTERVAL_MS },
      ],
      onChange: (report) => seen.push(report),
    });
    const startMs = clock.wallMs();
    await monitor.start();
    await clock.advance(20 * INTERVAL_MS);
    monitor.close();
    expect(seen.map(({ state, sinceMs, reasons }) => [state, sinceMs - startMs, reasons.length])).toEqual([
      ['fenced', 0, 1],
      ['fenced', 0, 2],
      ['fenced', 0, 1],
      ['healthy', 7 * INTERVAL_MS, 0],
    ]);
  });

  it('resolves start after the first round, a hanging check included', async () => {
    const clock = new FakeClock();
    const check = new ScriptedCheck('slow', [{ lateBy: 10_000 }], clock);
    const monitor = new HealthMonitor({ clock, checks: [{ check, timeoutMs: TIMEOUT_MS }] });
    let isStarted = false;
    const started = monitor.start().then(() => (isStarted = true));
    await clock.advance(TIMEOUT_MS - 1);
    expect(isStarted).toBe(false);
    await clock.advance(1);
    await started;
    expect(monitor.report()).toMatchObject({
      state: 'fenced',
      reasons: [{ message: `no answer within ${TIMEOUT_MS} ms` }],
    });
    expect(monitor.start()).toBe(monitor.start());
    monitor.close();
  });

  it('aborts what hangs, and everything when it is closed', async () => {
    const clock = new FakeClock();
    const signals: AbortSignal[] = [];
    const check: HealthCheck = {
      name: 'hangs',
      run: (signal) => {
        signals.push(signal);
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        );
      },
    };
    let changes = 0;
    const monitor = new HealthMonitor({
      clock,
      checks: [{ check, intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS }],
      onChange: () => (changes += 1),
    });
    void monitor.start();
    await clock.advance(TIMEOUT_MS);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await clock.advance(INTERVAL_MS);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    monitor.close();
    expect(signals[1].aborted).toBe(true);
    await clock.advance(10 * INTERVAL_MS);
    expect(signals).toHaveLength(2);
    expect(clock.pending).toBe(0);
    expect(changes).toBe(1);
  });

  it('takes a check that throws at once for one that failed', async () => {
    const check: HealthCheck = {
      name: 'throws',
      run: () => {
        throw new Error('fetch failed', { cause: new Error('connection refused') });
      },
    };
    const monitor = new HealthMonitor({ clock: new FakeClock(), checks: [{ check }] });
    await monitor.start();
    expect(monitor.report().reasons[0].message).toBe('fetch failed: connection refused');
    monitor.close();
  });

  it.each<[string, Partial<WatchedCheck>]>([
    ['intervalMs', { intervalMs: 0 }],
    ['timeoutMs', { timeoutMs: NaN }],
    ['failuresToFence', { failuresToFence: 0 }],
    ['successesToLift', { successesToLift: -1 }],
  ])('refuses a bad %s', (name, change) => {
    const check = new ScriptedCheck('c', [], new FakeClock());
    expect(() => new HealthMonitor({ checks: [{ check, ...change }] })).toThrow(name);
  });

  it('refuses two checks of one name', () => {
    const check = new ScriptedCheck('c', [], new FakeClock());
    expect(() => new HealthMonitor({ checks: [{ check }, { check }] })).toThrow(
      'INVALID_OPTION: Health cannot be watched: two health checks are named c',
    );
  });
});
