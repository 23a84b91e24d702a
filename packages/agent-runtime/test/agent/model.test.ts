/**
 * Launches, kills, ends, crashes, restarts and faults in any order against the model of a host. The oracle is the
 * contract: whatever happened, in the end every accepted task has said its states in order and `finished` once, after
 * which the host holds nothing of it; its code ran at most once; and a reader missed nothing and saw nothing twice.
 */
import { AgentError } from '@stowage/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { InvalidContainerError, UnavailableError } from '../../src/contract/container-backend.ts';
import { HostModel, type Fault, type Life } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';
import { StatusReader } from './status-reader.ts';
import { settle } from './virtual-clock.ts';

const TASKS = ['a', 'b', 'c', 'd'];
const STEPS = [
  'pull',
  'prepare:network',
  'prepare:cpu',
  'create',
  'attach:network',
  'attach:cpu',
  'start',
  'wait',
  'exec',
  'signal:SIGTERM',
  'signal:SIGKILL',
  'remove',
  'release:network',
  'release:cpu',
  'adopt:network',
  'adopt:cpu',
  'sweep:network',
  'list',
  'removeLogs',
];
const DISK = ['disk:append', 'disk:write', 'disk:truncate', 'disk:remove', 'disk:read', 'disk:list'];

type Operation =
  | { readonly do: 'launch'; readonly task: string; readonly cpuMilli: number }
  | { readonly do: 'kill'; readonly task: string; readonly graceMs: number | undefined }
  | {
      readonly do: 'exit';
      readonly task: string;
      readonly exitCode: number | undefined;
      readonly oom: boolean;
    }
  | { readonly do: 'vanish' | 'forget'; readonly task: string }
  | { readonly do: 'crash' | 'close' | 'open' | 'heal' | 'stubborn' | 'graceful' }
  | { readonly do: 'crash-soon'; readonly calls: number; readonly when: 'before' | 'torn' | 'after' }
  | { readonly do: 'fault'; readonly step: string; readonly fault: Fault; readonly times: number }
  | { readonly do: 'advance' | 'set-clock'; readonly ms: number };

const task = fc.constantFrom(...TASKS);
const delayMs = fc.constantFrom(1, 900, 12_000, 70_000, 1_000_000);
const stepFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('fail' as const, 'fail-after' as const),
    error: fc.constantFrom(
      new Error('broken'),
      new InvalidContainerError('never'),
      new UnavailableError('not here'),
    ),
  }),
  fc.constant({ kind: 'hang' } as const),
  fc.record({ kind: fc.constantFrom('slow' as const, 'deaf' as const), delayMs }),
);
const diskFault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom('fail' as const, 'fail-after' as const),
});
const times = fc.constantFrom(1, 2, 5, 50);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('launch' as const),
      task,
      cpuMilli: fc.constantFrom(100, 100, 100, 200),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('kill' as const),
      task,
      graceMs: fc.constantFrom(undefined, 0, 3_000, 60_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('exit' as const),
      task,
      exitCode: fc.constantFrom(0, 1, 127, 137, undefined),
      oom: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('vanish' as const, 'forget' as const), task }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'crash' as const,
        'close' as const,
        'open' as const,
        'heal' as const,
        'stubborn' as const,
        'graceful' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash-soon' as const),
      calls: fc.nat(25),
      when: fc.constantFrom('before' as const, 'torn' as const, 'after' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      step: fc.constantFrom(...STEPS),
      fault: stepFault,
      times,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      step: fc.constantFrom(...DISK),
      fault: diskFault,
      times,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: delayMs }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set-clock' as const),
      ms: fc.constantFrom(-3_600_000, 3_600_000),
    }),
  },
);

class Driver {
  readonly host = new HostModel();
  readonly reader = new StatusReader();
  readonly forgotten = new Set<string>();
  readonly unexpected: string[] = [];
  readonly #faults = new Map<string, { readonly fault: Fault; left: number }>();
  agent: Agent | undefined;

  constructor() {
    this.host.fault = (name) => {
      const planned = this.#faults.get(name);
      if (planned === undefined || planned.left === 0) return undefined;
      planned.left--;
      return planned.fault;
    };
  }

  heal(): void {
    this.#faults.clear();
  }

  async open(): Promise<void> {
    if (this.host.life !== undefined) return;
    this.agent = undefined;
    const options = beginAgent(this.host);
    const life: Life | undefined = this.host.life;
    Agent.open(options).then(
      (agent) => {
        if (life!.isDead) return;
        this.agent = agent;
        this.reader.follow(agent);
      },
      (error: unknown) => {
        if (this.host.life === life) this.unexpected.push(`open left its lock: ${String(error)}`);
      },
    );
    await settle();
  }

  /** @returns the agent, if there is one that answers */
  get current(): Agent | undefined {
    return this.host.life === undefined ? undefined : this.agent;
  }

  async apply(operation: Operation): Promise<void> {
    const { host, current } = this;
    switch (operation.do) {
      case 'launch':
        // An id is never used again.
        if (!this.forgotten.has(operation.task))
          this.#ask(current?.launch(this.spec(operation.task, operation.cpuMilli)));
        break;
      case 'kill':
        this.#ask(
          current?.kill(
            operation.task,
            operation.graceMs === undefined ? {} : { graceMs: operation.graceMs },
          ),
        );
        break;
      case 'forget':
        // As a control plane does: only what it knows to be finished.
        if (this.reader.end(operation.task) !== undefined && !this.forgotten.has(operation.task)) {
          this.forgotten.add(operation.task);
          this.#ask(current?.forget(operation.task));
        }
        break;
      case 'exit':
        host.exit(operation.task, operation.exitCode, operation.oom);
        break;
      case 'vanish':
        host.vanish(operation.task);
        break;
      case 'crash':
        host.kill();
        break;
      case 'crash-soon':
        host.crash = { at: host.calls.length + 1 + operation.calls, when: operation.when };
        break;
      case 'close':
        current?.close().catch((error: unknown) => {
          // A call that ignores its abort keeps the folder locked; only the end of the process frees it.
          if (!String((error as AggregateError).errors).includes('stays locked'))
            this.unexpected.push(String(error));
        });
        await host.clock.advance(60_000);
        break;
      case 'open':
        await this.open();
        break;
      case 'heal':
        this.heal();
        break;
      case 'stubborn':
      case 'graceful':
        host.temper = operation.do;
        break;
      case 'fault':
        this.#faults.set(operation.step, { fault: operation.fault, left: operation.times });
        break;
      case 'advance':
        await host.clock.advance(operation.ms);
        break;
      case 'set-clock':
        host.clock.wallOffsetMs += operation.ms;
        break;
    }
  }

  spec(taskId: string, cpuMilli: number): ReturnType<typeof taskSpec> {
    const preStop = { command: ['/leave'], timeoutMs: 20_000 };
    const hasHook = taskId === 'a' || taskId === 'b';
    return taskSpec(taskId, { resources: { cpuMilli, memoryMiB: 64 }, ...(hasHook && { preStop }) });
  }

  /** Every failure at a door has a code. */
  #ask(call: Promise<unknown> | undefined): void {
    call?.catch((error: unknown) => {
      if (!(error instanceof AgentError)) this.unexpected.push(String(error));
    });
  }

  check(): void {
    expect(this.host.violations).toEqual([]);
    expect(this.reader.problems).toEqual([]);
    expect(this.unexpected).toEqual([]);
    for (const taskId of TASKS) {
      if (this.reader.end(taskId) !== undefined) expect(this.host.holdings(taskId), taskId).toEqual([]);
      expect(this.host.runs.get(taskId) ?? 0, taskId).toBeLessThanOrEqual(1);
    }
  }
}

/** `ticks`: turns of the queue of promises until the next one; undefined = all that follows happens first. */
interface Step {
  readonly operation: Operation;
  readonly ticks: number | undefined;
}
const step: fc.Arbitrary<Step> = fc.record({
  operation,
  ticks: fc.option(fc.nat(40), { nil: undefined }),
});

async function play(steps: readonly Step[]): Promise<void> {
  const driver = new Driver();
  await driver.open();
  for (const { operation, ticks } of steps) {
    await driver.apply(operation);
    if (ticks === undefined) {
      await settle();
      driver.check();
    } else for (let i = 0; i < ticks; i++) await Promise.resolve();
  }
  await settle();
  // Everything recovers, and all is to end.
  driver.heal();
  driver.host.crash = undefined;
  driver.host.kill();
  await driver.open();
  await driver.host.clock.advance(3_600_000);
  for (const { spec } of driver.current!.tasks()) await driver.current!.kill(spec.taskId);
  await driver.host.clock.advance(3_600_000);
  driver.check();
  for (const taskId of TASKS) {
    const states = driver.reader.states(taskId);
    if (states !== '') expect(states).toMatch(/finished$/);
    expect(driver.host.holdings(taskId)).toEqual([]);
  }
  expect(driver.host.containers.size).toBe(0);
  const condition = driver.current!.condition();
  expect(condition).toEqual({ fences: [], quarantined: [], troubles: [], orphans: [] });
  // A restart changes nothing more.
  const said = driver.reader.statuses.length;
  await driver.current!.close();
  await driver.open();
  await settle();
  expect(driver.reader.statuses.length).toBe(said);
  driver.reader.stop();
  driver.host.kill();
}

describe('an agent', () => {
  it('keeps its contract whatever happens in whatever order', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 40 }), play), {
      numRuns: Number(process.env.AGENT_MODEL_RUNS ?? 400),
    });
  });
});
