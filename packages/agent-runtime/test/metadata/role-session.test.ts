/**
 * The renewal of credentials on a clock turned by hand, under whatever the role assumer does: an obvious list of rules
 * is checked after every step.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AssumeRoleRequest,
  type RoleAssumer,
  type RoleCredentials,
  RoleDeniedError,
} from '../../src/metadata/role-assumer.ts';
import { RoleSession, roleSessionName } from '../../src/metadata/role-session.ts';
import { FakeClock } from '../host/fake-clock.ts';

const ROLE = 'arn:aws:iam::123456789012:role/reader';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

type Outcome =
  | { readonly kind: 'credentials'; readonly lifeMs: number; readonly delayMs: number }
  | { readonly kind: 'denied' | 'broken'; readonly delayMs: number }
  | { readonly kind: 'never' };

/** Answers by a script, then with credentials for an hour. */
class ScriptedAssumer implements RoleAssumer {
  readonly begunMs: number[] = [];
  readonly requests: AssumeRoleRequest[] = [];
  readonly #clock: FakeClock;
  readonly #script: Outcome[];
  inFlight = 0;
  mostInFlight = 0;
  aborted = 0;

  constructor(clock: FakeClock, script: readonly Outcome[]) {
    this.#clock = clock;
    this.#script = [...script];
  }

  async assumeRole(request: AssumeRoleRequest, signal: AbortSignal): Promise<RoleCredentials> {
    const outcome: Outcome = this.#script.shift() ?? { kind: 'credentials', lifeMs: HOUR_MS, delayMs: 50 };
    this.requests.push(request);
    this.begunMs.push(this.#clock.monotonicMs());
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => {
          this.aborted += 1;
          reject(signal.reason as Error);
        });
        if (outcome.kind !== 'never') this.#clock.schedule(outcome.delayMs, resolve);
      });
    } finally {
      this.inFlight -= 1;
    }
    if (outcome.kind === 'denied') throw new RoleDeniedError('not authorized');
    if (outcome.kind !== 'credentials') throw new Error('connection reset');
    const expirationMs = this.#clock.wallMs() + outcome.lifeMs;
    return {
      accessKeyId: `key-${this.begunMs.length}`,
      secretAccessKey: 's',
      sessionToken: 't',
      expirationMs,
    };
  }
}

function setUp(script: readonly Outcome[] = [], random: () => number = () => 0.5) {
  const clock = new FakeClock();
  const assumer = new ScriptedAssumer(clock, script);
  const session = new RoleSession({ assumer, roleArn: ROLE, taskId: 'task-1', clock, random });
  return { clock, assumer, session };
}

const never = new AbortController().signal;

describe('a session', () => {
  test('assumes before it is ready, and renews once less than 15 minutes remain', async () => {
    const { clock, assumer, session } = setUp();
    const ready = session.ready(never);
    await clock.advance(50);
    await ready;
    expect(assumer.requests).toEqual([
      { roleArn: ROLE, sessionName: 'stowage-task-1', durationSeconds: 3_600 },
    ]);
    await clock.advance(45 * MINUTE_MS);
    expect(assumer.begunMs).toHaveLength(1);
    await clock.advance(15_000);
    expect(assumer.begunMs).toHaveLength(2);
    expect((await session.credentials()).accessKeyId).toBe('key-2');
    session.stop();
  });

  test('serves what it has while the renewal fails, and nothing when that has expired', async () => {
    const failures = Array.from({ length: 60 }, (): Outcome => ({ kind: 'broken', delayMs: 10 }));
    const { clock, session } = setUp([{ kind: 'credentials', lifeMs: HOUR_MS, delayMs: 0 }, ...failures]);
    session.start();
    await clock.advance(59 * MINUTE_MS);
    expect((await session.credentials()).accessKeyId).toBe('key-1');
    expect(session.failure?.message).toBe('connection reset');
    await clock.advance(MINUTE_MS + 1);
    await expect(session.credentials()).rejects.toThrow('connection reset');
    session.stop();
  });

  test('a refusal ends the wait at the first call, another failure at the third', async () => {
    const denied = setUp([{ kind: 'denied', delayMs: 5 }]);
    const deniedWait = expect(denied.session.ready(never)).rejects.toThrow(RoleDeniedError);
    await denied.clock.advance(5);
    await deniedWait;
    denied.session.stop();

    const broken = setUp(Array.from({ length: 3 }, (): Outcome => ({ kind: 'broken', delayMs: 5 })));
    const brokenWait = expect(broken.session.ready(never)).rejects.toThrow('connection reset');
    await broken.clock.advance(2 * MINUTE_MS);
    await brokenWait;
    expect(broken.assumer.begunMs.length).toBeGreaterThanOrEqual(3);
    broken.session.stop();
  });

  test('one failure at first is made good by the next call', async () => {
    const { clock, assumer, session } = setUp([{ kind: 'broken', delayMs: 5 }]);
    const ready = session.ready(never);
    await clock.advance(9_000);
    expect(assumer.begunMs).toHaveLength(1);
    await clock.advance(10_000);
    await ready;
    expect(assumer.begunMs).toHaveLength(2);
    session.stop();
  });

  test('an abort ends the wait, and stop ends the call and all timers', async () => {
    const { clock, assumer, session } = setUp([{ kind: 'never' }]);
    const abort = new AbortController();
    const ready = expect(session.ready(abort.signal)).rejects.toThrow('killed');
    abort.abort(new Error('killed'));
    await ready;
    session.stop();
    await clock.advance(HOUR_MS);
    expect(assumer.aborted).toBe(1);
    expect(assumer.begunMs).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('a call that never ends is given up after 30 s', async () => {
    const { clock, assumer, session } = setUp([{ kind: 'never' }]);
    session.start();
    await clock.advance(30_000);
    expect(session.failure?.message).toMatch(/longer than 30000 ms/);
    await clock.advance(MINUTE_MS);
    expect(assumer.begunMs).toHaveLength(2);
    session.stop();
  });

  test('credentials that come expired are a failure that names the clock', async () => {
    const { clock, session } = setUp([{ kind: 'credentials', lifeMs: 0, delayMs: 1 }]);
    session.start();
    await clock.advance(1);
    await expect(session.credentials()).rejects.toThrow('check the clock');
    session.stop();
  });

  test('a jump of the clock behind the expiration is noticed within a minute', async () => {
    const { clock, assumer, session } = setUp();
    session.start();
    await clock.advance(50);
    clock.wallOffsetMs += 2 * HOUR_MS;
    await clock.advance(MINUTE_MS + 50);
    expect(assumer.begunMs).toHaveLength(2);
    expect((await session.credentials()).accessKeyId).toBe('key-2');
    session.stop();
  });
});

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('credentials' as const),
    lifeMs: fc.constantFrom(-1, 0, 1, 5_000, MINUTE_MS, 15 * MINUTE_MS, HOUR_MS),
    delayMs: fc.constantFrom(0, 10, 5_000, 29_999, 40_000),
  }),
  fc.record({
    kind: fc.constantFrom('denied' as const, 'broken' as const),
    delayMs: fc.constantFrom(0, 10, 29_000),
  }),
  fc.constant<Outcome>({ kind: 'never' }),
);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ advanceMs: fc.integer({ min: 0, max: 20 * MINUTE_MS }) }) },
  { weight: 1, arbitrary: fc.record({ jumpMs: fc.integer({ min: -10 * MINUTE_MS, max: 2 * HOUR_MS }) }) },
);

test('whatever happens: never expired, one call at a time, calls bounded, nothing after stop', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(outcome, { maxLength: 12 }),
      fc.array(step, { maxLength: 15 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (script, steps, random) => {
        const { clock, assumer, session } = setUp(script, () => random);
        session.start();
        for (const now of steps) {
          if ('advanceMs' in now) await clock.advance(now.advanceMs);
          else clock.wallOffsetMs += now.jumpMs;
          const asked = session.credentials().then(
            (held) => held.expirationMs > clock.wallMs(),
            () => true,
          );
          await clock.advance(31_000);
          expect(await asked).toBe(true);
          expect(assumer.mostInFlight).toBe(1);
          const gaps = assumer.begunMs.slice(1).map((begun, index) => begun - assumer.begunMs[index]);
          for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(10_000);
        }
        session.stop();
        const calls = assumer.begunMs.length;
        await clock.advance(2 * HOUR_MS);
        expect(assumer.begunMs).toHaveLength(calls);
        expect(assumer.inFlight).toBe(0);
        await expect(session.credentials()).rejects.toThrow();
      },
    ),
    { numRuns: 150 },
  );
});

test('without failures a day takes a call about every 45 minutes', async () => {
  const { clock, assumer, session } = setUp([], () => 0.999);
  session.start();
  await clock.advance(24 * HOUR_MS);
  expect(assumer.begunMs.length).toBeGreaterThanOrEqual(31);
  expect(assumer.begunMs.length).toBeLessThanOrEqual(33);
  session.stop();
});

test('session names are what STS takes, and differ when task ids do', () => {
  const ids = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/);
  fc.assert(
    fc.property(ids, ids, (one, other) => {
      expect(roleSessionName(one)).toMatch(/^stowage-[\w+=,.@-]{1,56}$/);
      if (one !== other) expect(roleSessionName(one)).not.toBe(roleSessionName(other));
    }),
  );
  const long = 'a'.repeat(62);
  expect(roleSessionName(`${long}1`)).not.toBe(roleSessionName(`${long}2`));
  expect(roleSessionName('ab/c d')).toBe('stowage-ab_c_d');
});
