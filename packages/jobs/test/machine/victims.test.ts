import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packingVictims } from '../../src/machine/packing-victims.ts';
import { spreadKeepingVictims } from '../../src/machine/spread-keeping-victims.ts';
import { advanced, acceptedTask } from '../../src/machine/task-life.ts';
import type { VictimOrder } from '../../src/machine/victim-order.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';

interface Sketch {
  readonly agent: string;
  readonly zone?: string;
  readonly createdAtMs?: number;
  readonly state?: 'launched' | 'started';
}

function tasks(sketches: readonly Sketch[]): TaskRecord[] {
  return sketches.map(({ agent, zone, createdAtMs = 0, state = 'started' }, index) => ({
    ...advanced(
      acceptedTask('job', index, index, 'created', createdAtMs),
      state,
      'placed',
      'scheduler',
      1000,
    ),
    placement: { agentId: agent, zone },
  }));
}

function indexes(order: VictimOrder, sketches: readonly Sketch[], count: number = sketches.length): number[] {
  return order(tasks(sketches), count).map(({ index }) => index);
}

const sketches = fc.array(
  fc.record({
    agent: fc.constantFrom('a1', 'a2', 'b1', 'b2', 'b3', 'c1'),
    createdAtMs: fc.nat(5),
    state: fc.constantFrom('launched' as const, 'started' as const),
  }),
  { maxLength: 25 },
);
const withZones = sketches.map((all) => all.map((one) => ({ ...one, zone: one.agent[0] })));

describe('spread-keeping victims', () => {
  it('come from the agent that holds most tasks of the job', () => {
    const agents = ['a', 'b', 'b', 'c', 'c', 'c'].map((agent) => ({ agent }));
    expect(indexes(spreadKeepingVictims(), agents)).toEqual([3, 1, 4, 0, 2, 5]);
  });

  it('come from the zone with most tasks when agents hold as many', () => {
    const all = [
      { agent: 'a1', zone: 'a' },
      { agent: 'b1', zone: 'b' },
      { agent: 'b2', zone: 'b' },
      { agent: 'b3', zone: 'b' },
    ];
    expect(indexes(spreadKeepingVictims(), all)).toEqual([1, 2, 0, 3]);
  });

  it('are the oldest when all else is equal', () => {
    const all = [5, 3, 4, 3].map((createdAtMs, at) => ({ agent: `a${at}`, zone: 'z', createdAtMs }));
    expect(indexes(spreadKeepingVictims(), all)).toEqual([1, 3, 2, 0]);
  });

  it('are those that are not started before those that are', () => {
    const all: Sketch[] = [
      { agent: 'a' },
      { agent: 'a' },
      { agent: 'a' },
      { agent: 'b', state: 'launched' },
      { agent: 'a', state: 'launched' },
    ];
    expect(indexes(spreadKeepingVictims(), all, 3)).toEqual([4, 3, 0]);
  });

  it('are those of the plain rule, asked anew for each victim', () => {
    fc.assert(
      fc.property(withZones, fc.nat(25), (all, most) => {
        const left = tasks(all);
        const count = Math.min(most, all.length);
        const expected = Array.from({ length: count }, () => {
          const [victim] = left.filter(isFirstStage).sort(byRule);
          left.splice(left.indexOf(victim), 1);
          return victim.index;
        });
        expect(indexes(spreadKeepingVictims(), all, count)).toEqual(expected);

        function isFirstStage({ status }: TaskRecord): boolean {
          return status.state === 'launched' || left.every((other) => other.status.state === 'started');
        }
        function byRule(a: TaskRecord, b: TaskRecord): number {
          return (
            held('agentId', b) - held('agentId', a) ||
            held('zone', b) - held('zone', a) ||
            a.history[0].atMs - b.history[0].atMs ||
            a.index - b.index
          );
        }
        function held(what: 'agentId' | 'zone', task: TaskRecord): number {
          return left.filter(({ placement }) => placement?.[what] === task.placement?.[what]).length;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('cost little also for ten thousand tasks on as many agents', () => {
    const all = Array.from({ length: 10_000 }, (_, at) => ({ agent: `agent-${at}`, zone: `zone-${at % 3}` }));
    const victims = indexes(spreadKeepingVictims(), all, 6000);
    const kept = [0, 1, 2].map((zone) => victims.filter((at) => at % 3 === zone).length);
    expect(kept).toEqual([2000, 2000, 2000]);
  });
});

describe('packing victims', () => {
  it('empty one agent after the other, the one with fewest tasks first', () => {
    const agents = ['a', 'b', 'b', 'c', 'c', 'c', 'd'].map((agent) => ({ agent }));
    expect(indexes(packingVictims(), agents)).toEqual([0, 6, 1, 2, 3, 4, 5]);
    expect(indexes(packingVictims(), agents, 3)).toEqual([0, 6, 1]);
  });

  it('are on one agent first those that are not started, then the oldest', () => {
    const all: Sketch[] = [
      { agent: 'a', createdAtMs: 2 },
      { agent: 'a', createdAtMs: 1 },
      { agent: 'a', createdAtMs: 3, state: 'launched' },
    ];
    expect(indexes(packingVictims(), all)).toEqual([2, 1, 0]);
  });

  it('leave tasks on as few agents as any choice of so many victims', () => {
    fc.assert(
      fc.property(sketches, fc.nat(25), (all, most) => {
        const count = Math.min(most, all.length);
        const gone = new Set(indexes(packingVictims(), all, count));
        const agents = new Set(all.filter((_, index) => !gone.has(index)).map(({ agent }) => agent));
        const sizes = [...new Set(all.map(({ agent }) => agent))].map(
          (agent) => all.filter((one) => one.agent === agent).length,
        );
        let [emptied, spent] = [0, 0];
        for (const size of sizes.sort((a, b) => a - b)) {
          spent += size;
          if (spent <= count) emptied++;
        }
        expect(agents.size).toBe(sizes.length - emptied);
      }),
      { numRuns: 500 },
    );
  });
});

it.each([
  ['spread-keeping', spreadKeepingVictims()],
  ['packing', packingVictims()],
])('%s victims without a place go first', (_, order) => {
  const [one, two, three] = tasks([{ agent: 'a' }, { agent: 'a' }, { agent: 'b' }]);
  const waiting = acceptedTask('job', 3, 3, 'created', 2000);
  expect(order([one, two, three, waiting], 1)).toEqual([waiting]);
});
