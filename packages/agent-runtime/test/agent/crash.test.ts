/**
 * The agent is killed at every single call to the disk, the backend and the facilities of small scenarios: before its
 * effect, after it, and with half a line on disk. A control plane repeats what was not answered and reads on where it
 * was. Whatever the moment: one end per task, states in order, no gap and no repeat, nothing left on the host.
 */
import type { TaskSpec } from '@stowage/protocol';
import { describe, expect, it } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { HostModel } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';
import { StatusReader } from './status-reader.ts';
import { settle } from './virtual-clock.ts';

/** Does something; repeated from the same place when the agent dies within it. */
type Action = (agent: Agent, host: HostModel) => Promise<void> | void;

interface Scenario {
  readonly actions: readonly Action[];
  /** What the end of task `a` may be, by the crash. */
  readonly reasons: readonly string[];
}

const wait: Action = () => settle();
const launch =
  (taskId: string, more: Partial<TaskSpec> = {}): Action =>
  (agent) =>
    agent.launch(taskSpec(taskId, more));
const kill =
  (taskId: string, graceMs?: number): Action =>
  (agent) =>
    agent.kill(taskId, graceMs === undefined ? {} : { graceMs });
const exit =
  (taskId: string, exitCode: number, outOfMemory = false): Action =>
  (_, host) =>
    void host.exit(taskId, exitCode, outOfMemory);

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'ends by itself': {
    actions: [launch('a'), wait, exit('a', 0), wait],
    reasons: ['normal'],
  },
  'runs out of memory': {
    actions: [launch('a'), wait, exit('a', 137, true), wait],
    reasons: ['out-of-memory'],
  },
  'is killed while it runs': {
    actions: [launch('a'), wait, kill('a'), wait],
    reasons: ['killed'],
  },
  'is killed and has a hook': {
    actions: [launch('a', { preStop: { command: ['/leave'] } }), wait, kill('a'), wait],
    reasons: ['killed'],
  },
  'is killed at once': {
    actions: [launch('a'), kill('a', 0), wait],
    reasons: ['killed'],
  },
  'runs beside another that is killed': {
    actions: [launch('a'), launch('b'), wait, kill('b'), exit('a', 9), wait],
    reasons: ['failed'],
  },
};

interface Result {
  readonly host: HostModel;
  readonly reader: StatusReader;
  readonly calls: number;
  readonly crashes: number;
}

/** @param crashes - numbers of calls, each counted from the start of that agent */
async function play(
  scenario: Scenario,
  crashes: readonly { at: number; when: 'before' | 'torn' | 'after' }[],
): Promise<Result> {
  const host = new HostModel();
  const reader = new StatusReader();
  let crashCount = 0;
  let calls = 0;
  const arm = (): void => {
    const next = crashes[crashCount];
    host.calls = [];
    host.crash = next;
  };
  /** What an agent that dies does not answer is asked of the next one. */
  const untilAnswered = async (action: Action | undefined): Promise<void> => {
    for (;;) {
      if (host.life === undefined) {
        arm();
        let agent: Agent | undefined;
        void Agent.open(beginAgent(host)).then((opened) => (agent = opened));
        await settle();
        if (host.life === undefined) {
          crashCount++;
          continue;
        }
        current = agent!;
        reader.follow(current);
      }
      let isAnswered = action === undefined;
      if (action !== undefined) void Promise.resolve(action(current, host)).then(() => (isAnswered = true));
      await settle();
      // Several actions in a row without waiting are only so when no agent dies.
      if (host.life === undefined) crashCount++;
      else if (isAnswered) break;
    }
    calls = host.calls.length;
  };
  let current!: Agent;
  for (const action of scenario.actions) await untilAnswered(action);
  // A task that was launched anew after the crash has still to end; what was done already changes nothing.
  for (let round = 0; round < 3; round++) {
    await untilAnswered(undefined);
    for (const action of scenario.actions) await untilAnswered(action);
    await host.clock.advance(60_000);
    await untilAnswered(undefined);
  }
  return { host, reader, calls, crashes: crashCount };
}

function expectSound({ host, reader }: Result, scenario: Scenario, what: string): void {
  expect(host.violations, what).toEqual([]);
  expect(reader.problems, what).toEqual([]);
  expect(scenario.reasons, `${what}: ${reader.states('a')}`).toContain(reader.end('a')?.reason);
  for (const taskId of new Set(reader.statuses.map((status) => status.taskId))) {
    expect(reader.states(taskId), what).toMatch(/finished$/);
    expect(host.holdings(taskId), what).toEqual([]);
    expect(host.runs.get(taskId) ?? 0, `${what}: ${taskId} ran`).toBeLessThanOrEqual(1);
  }
  expect(host.containers.size, what).toBe(0);
}

describe.each(Object.entries(SCENARIOS))('a task that %s', (_, scenario) => {
  it('survives a crash at any call', async () => {
    for (const when of ['before', 'torn', 'after'] as const) {
      for (let at = 1; ; at++) {
        const result = await play(scenario, [{ at, when }]);
        if (result.crashes === 0) {
          expect(at, 'number of calls').toBeGreaterThan(20);
          break;
        }
        expectSound(result, scenario, `crash ${when} call ${at}`);
      }
    }
  });

  it('survives a second crash at any call after the first', async () => {
    for (let first = 1, done = false; !done; first++) {
      for (let second = 1; ; second += 1) {
        const result = await play(scenario, [
          { at: first, when: first % 2 === 0 ? 'before' : 'after' },
          { at: second, when: second % 3 === 0 ? 'torn' : 'after' },
        ]);
        done = result.crashes === 0;
        if (result.crashes < 2) break;
        expectSound(result, scenario, `crashes at ${first} and ${second}`);
      }
    }
  });
});
