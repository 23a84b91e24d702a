/** What holds of every step, tried with random lives of jobs. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createJob } from '../../src/machine/create-job.ts';
import type { JobEffect } from '../../src/machine/job-effect.ts';
import type { JobEvent } from '../../src/machine/job-event.ts';
import { defaultJobPolicy } from '../../src/machine/job-policy.ts';
import { stepJob } from '../../src/machine/step-job.ts';
import type { JobState } from '../../src/model/job-state.ts';
import { serializeJob } from '../../src/model/serialize-job.ts';
import { countTask, NO_TASKS } from '../../src/model/task-counts.ts';
import { taskAt, tasksIn } from '../../src/model/task-slots.ts';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

type Move = readonly [what: number, index: number, laterMs: number];

const POLICY = defaultJobPolicy({ maxNotStarted: 3 });
const REASONS = ['normal', 'failed', 'lost', 'killed', 'crashed'] as const;
const RETRY = { kind: 'exponential', initialDelayMs: 500, maxDelayMs: 5000, retries: 2 } as const;

const specs = fc.constantFrom(batch(4, { retryPolicy: RETRY }), service(4, { retryPolicy: RETRY }));
const moves = fc.array(
  fc.tuple(fc.nat(19), fc.nat(5), fc.oneof(fc.constantFrom(-500, 0, 1), fc.nat(400_000))),
  { maxLength: 60 },
);

/** An event that suits the state more often than not. */
function eventOf({ slots }: JobState, [what, index]: Move): JobEvent {
  const task = { index, taskId: taskAt(slots, index)?.id ?? 'job.0' };
  const placement = { agentId: `agent-${index % 2}`, zone: 'z' };
  const events: readonly JobEvent[] = [
    { kind: 'placed', task, placement },
    { kind: 'placed', task, placement },
    { kind: 'task-status', task, state: 'start-initiated' },
    { kind: 'task-status', task, state: 'started' },
    { kind: 'task-status', task, state: 'started' },
    ...REASONS.map((reason) => ({ kind: 'task-status', task, state: 'finished', reason }) as const),
    { kind: 'wake', task },
    { kind: 'wake', task },
    { kind: 'kill-task', task },
    { kind: 'kill-task', task, shrink: true },
    { kind: 'evict-task', task },
    { kind: 'update-capacity', capacity: { desired: index } },
    { kind: 'update-attributes', set: { [`a${index}`]: 'x' } },
    { kind: 'restored' },
    { kind: 'restored' },
    index === 5 ? { kind: 'kill-job' } : { kind: 'wake', task },
  ];
  return events[what];
}

it('the store holds the state: reassembled after any step it has the same bytes and counts', () => {
  fc.assert(
    fc.property(specs, moves, (spec, all) => {
      const run = new JobRun(spec, POLICY);
      for (const move of all) {
        const nowMs = Math.max(0, run.nowMs + move[2]);
        const step = stepJob(run.state, eventOf(run.state, move), nowMs, run.policy);
        run.nowMs = nowMs;
        run.take(step);
        const counts = { ...NO_TASKS };
        for (const task of tasksIn(run.state.slots)) countTask(counts, task, 1);
        expect(run.state.counts).toEqual(counts);
      }
    }),
    { numRuns: 200 },
  );
});

it('a step is a function: the same events give the same bytes, also from an earlier state once more', () => {
  fc.assert(
    fc.property(specs, moves, (spec, all) => {
      const steps = [createJob(spec, 'job', 0, POLICY)];
      let nowMs = 0;
      for (const move of all) {
        const { state } = steps.at(-1)!;
        const before = serializeJob(state);
        deepFreeze(state);
        nowMs += move[2];
        const [one, two] = [0, 1].map(() => stepJob(state, eventOf(state, move), nowMs, POLICY));
        expect(serializeJob(state)).toBe(before);
        expect(serializeJob(two.state)).toBe(serializeJob(one.state));
        expect(JSON.stringify(two.effects)).toBe(JSON.stringify(one.effects));
        steps.push(one);
      }
    }),
    { numRuns: 200 },
  );
});

it('effects come in order: persist, release, kill, launch, enqueue, wake, notify', () => {
  const order: readonly JobEffect['kind'][] = [
    'persist',
    'release',
    'kill',
    'launch',
    'enqueue',
    'wake',
    'notify',
  ];
  fc.assert(
    fc.property(specs, moves, (spec, all) => {
      let { state } = createJob(spec, 'job', 0, POLICY);
      let nowMs = 0;
      for (const move of all) {
        nowMs += move[2];
        const step = stepJob(state, eventOf(state, move), nowMs, POLICY);
        const ranks = step.effects.map(({ kind }) => order.indexOf(kind));
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        expect(ranks.filter((rank) => rank === 0).length).toBe(step.state === state ? 0 : 1);
        if (step.rejection !== undefined) expect(step).toMatchObject({ state, effects: [] });
        state = step.state;
      }
    }),
    { numRuns: 200 },
  );
});

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
