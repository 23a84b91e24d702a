/**
 * What may happen in a sequence, as plain data: numbers pick from what there is when the command runs, so that sequences
 * shrink well. Events about tasks name any task that ever was: late, double and illegal ones come by themselves.
 */
import fc from 'fast-check';
import { TASK_STATES } from '@stowage/protocol';
import type { JobEvent } from '../../src/machine/job-event.ts';
import { budgets } from './job-cases.ts';

const kind = <K extends string>(name: K) => fc.constant(name);
const pick = fc.nat(40);
const job = fc.nat(1);
const rarely = fc.nat(15).map((number) => number === 0);
const sometimes = fc.nat(2).map((number) => number === 0);
const reasons = fc.constantFrom(
  ...([
    'normal',
    'normal',
    'failed',
    'failed',
    'failed',
    'out-of-memory',
    'killed',
    'invalid-request',
  ] as const),
  ...([
    'unavailable',
    'timed-out',
    'local-system-error',
    'lost',
    'crashed',
    'transient-system-error',
  ] as const),
);
const badReasons = fc.constantFrom(undefined, 'evicted', 'scaled-down', 'stuck-in-state', 'nonsense');
const name = fc.constantFrom('tier', 'owner', '__proto__', '');
/** Of a service; now and then more than one chunk of slots holds. */
const size = fc.oneof(
  { weight: 60, arbitrary: fc.nat(7) },
  { weight: 1, arbitrary: fc.integer({ min: 30, max: 70 }) },
);
const plain = { noNullPrototype: true } as const;

/** Forms of no event; also such that nearly are one. */
const GARBAGE: readonly unknown[] = [
  null,
  undefined,
  7,
  'kill-job',
  [],
  {},
  { kind: 'nonsense' },
  { kind: '__proto__' },
  { kind: 'toString' },
  { kind: 'placed' },
  { kind: 'placed', task: null, placement: { agentId: 'a', zone: 'z' } },
  { kind: 'wake', task: { index: 0 } },
  { kind: 'wake', task: { index: '0', taskId: 'a.0' } },
  { kind: 'kill-task', task: { index: -1, taskId: 'a.0' } },
  { kind: 'kill-task', task: { index: 0.5, taskId: 'a.0' } },
  { kind: 'kill-task', task: { index: NaN, taskId: 'a.0' } },
  { kind: 'evict-task', task: { index: 2 ** 40, taskId: 'a.0' } },
  { kind: 'task-status', task: { index: 0, taskId: 'a.0' }, state: 'done' },
  { kind: 'task-status', task: { index: 0, taskId: 'a.0' } },
  { kind: 'update-capacity' },
  { kind: 'update-capacity', capacity: { desired: 1.5 } },
  { kind: 'update-capacity', capacity: { desired: NaN } },
  { kind: 'update-capacity', capacity: { max: Infinity } },
  { kind: 'update-capacity', capacity: { min: '1' } },
  { kind: 'update-capacity', capacity: { min: -1, desired: -1 } },
  { kind: 'update-processes', processes: { disableIncreaseDesired: 'yes' } },
  { kind: 'set-enabled', enabled: 'yes' },
  { kind: 'update-attributes', set: { tier: 1 } },
  { kind: 'update-attributes', remove: 'tier' },
];
const badTimes = fc.constantFrom(NaN, Infinity, -Infinity);

const weighted = [
  [12, fc.record({ kind: kind('place'), pick, agent: fc.nat(3) })],
  [16, fc.record({ kind: kind('advance'), pick, reason: reasons })],
  [
    8,
    fc.record({
      kind: kind('say'),
      pick,
      ever: sometimes,
      state: fc.constantFrom(...TASK_STATES, 'finished' as const, 'started' as const),
      reason: reasons,
      exitCode: fc.option(fc.nat(255), { nil: undefined }),
      wrongIndex: rarely,
      wrongJob: rarely,
    }),
  ],
  [1, fc.record({ kind: kind('say-badly'), pick, reason: badReasons })],
  [2, fc.record({ kind: kind('place-any'), pick, ever: sometimes })],
  [
    5,
    fc.record({
      kind: kind('clock'),
      byMs: fc.constantFrom(1, 400, 999, 1000, 3000, 5000, 30_000, 300_000, 600_000, 3_600_000),
    }),
  ],
  [1, fc.record({ kind: kind('clock'), byMs: fc.constantFrom(-1, -1000, -60_000, -4_000_000) })],
  [9, fc.record({ kind: kind('next-wake') })],
  [3, fc.record({ kind: kind('start-all') })],
  [1, fc.record({ kind: kind('fail-again'), pick, times: fc.integer({ min: 1, max: 4 }) })],
  [3, fc.record({ kind: kind('wake'), pick, keep: sometimes })],
  [2, fc.record({ kind: kind('wake-any'), pick, ever: sometimes })],
  [1, fc.record({ kind: kind('lose-wake'), pick })],
  [4, fc.record({ kind: kind('kill'), pick, ever: rarely, shrink: fc.boolean(), prevent: fc.boolean() })],
  [3, fc.record({ kind: kind('evict'), pick, started: fc.nat(3).map(Boolean), ever: rarely })],
  [
    4,
    fc.record({
      kind: kind('capacity'),
      job,
      capacity: fc.record({ min: size, desired: size, max: size }, { requiredKeys: [], ...plain }),
    }),
  ],
  [
    2,
    fc.record({
      kind: kind('processes'),
      job,
      processes: fc.record(
        { disableIncreaseDesired: sometimes, disableDecreaseDesired: sometimes },
        { requiredKeys: [], ...plain },
      ),
    }),
  ],
  [1, fc.record({ kind: kind('enable'), job, enabled: fc.boolean() })],
  [1, fc.record({ kind: kind('budget'), job, budget: budgets })],
  [
    1,
    fc.record({
      kind: kind('attributes'),
      job,
      set: fc.option(fc.dictionary(name, fc.constantFrom('one', 'two'), { maxKeys: 2, ...plain }), {
        nil: undefined,
      }),
      remove: fc.option(fc.array(name, { maxLength: 2 }), { nil: undefined }),
    }),
  ],
  [1, fc.record({ kind: kind('kill-job'), job, really: sometimes })],
  [3, fc.record({ kind: kind('move'), pick, ever: rarely, from: rarely, to: fc.nat(5).map(Boolean) })],
  [1, fc.record({ kind: kind('garbage'), job, event: fc.constantFrom(...GARBAGE) })],
  [1, fc.record({ kind: kind('bad-time'), job, pick, atMs: badTimes })],
  [2, fc.record({ kind: kind('crash'), carried: fc.nat(8) })],
  [1, fc.record({ kind: kind('restore-again'), job })],
] as const;

/** One command. */
export const commandArbitrary = fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));

export type Command = typeof commandArbitrary extends fc.Arbitrary<infer C> ? C : never;

/** One command where tasks come up and are evicted, and not much else happens. */
export const evictionCommandArbitrary: fc.Arbitrary<Command> = fc
  .oneof(
    { weight: 3, arbitrary: commandArbitrary },
    { weight: 8, arbitrary: fc.record({ kind: kind('start-all') }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: kind('advance'), pick, reason: fc.constant('killed' as const) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: kind('evict'),
        pick,
        started: fc.constant(true),
        ever: fc.constant(false),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: kind('clock'), byMs: fc.constantFrom(1, 1000, 30_000, 3_600_000) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind('clock'), byMs: fc.constantFrom(-1, -60_000, -4_000_000) }),
    },
  )
  .map((command): Command => command);

/** The kinds of events, to see that all occur. */
export const EVENT_KINDS: readonly JobEvent['kind'][] = [
  'kill-job',
  'update-capacity',
  'update-processes',
  'set-enabled',
  'update-disruption-budget',
  'update-attributes',
  'kill-task',
  'evict-task',
  'placed',
  'task-status',
  'wake',
  'restored',
];
