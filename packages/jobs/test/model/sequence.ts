/**
 * Runs one random sequence: commands become events about what there is at that moment; at the end everything that was
 * asked for is done and every agent answers, and the jobs must come to what they promise.
 */
import type { FinishReason } from '@stowage/protocol';
import type { JobEvent } from '../../src/machine/job-event.ts';
import type { TaskRef } from '../../src/model/task-record.ts';
import { taskAt, tasksIn } from '../../src/model/task-slots.ts';
import type { Command } from './commands.ts';
import type { Wake } from './driver.ts';
import type { EvictionGuard } from './eviction-guard.ts';
import { JobWorld, type WorldOptions } from './job-world.ts';
import { must } from './step-checks.ts';

/** Far more than any sequence needs to settle. */
const MOST_ROUNDS = 5000;
const PLACES = [
  { agentId: 'agent-1', zone: 'north' },
  { agentId: 'agent-2', zone: 'north' },
  { agentId: 'agent-3', zone: 'south' },
  { agentId: 'agent-4', zone: undefined },
];

type Named = { readonly pick: number; readonly ever?: boolean; readonly started?: boolean };

/**
 * @param guard - is asked before each eviction; undefined: tasks are evicted without asking
 * @returns how often what happened
 */
export function runSequence(
  options: WorldOptions,
  commands: readonly Command[],
  guard?: EvictionGuard,
): Record<string, number> {
  const world = new JobWorld(options);
  const sequence = new Sequence(world, guard);
  commands.forEach((command, at) => {
    try {
      sequence.run(command);
    } catch (error) {
      throw new Error(`command ${at}, ${JSON.stringify(command)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
  try {
    sequence.settle();
  } catch (error) {
    throw new Error(`settling: ${(error as Error).message}`, { cause: error });
  }
  return world.tally;
}

class Sequence {
  readonly #world: JobWorld;
  readonly #guard: EvictionGuard | undefined;

  constructor(world: JobWorld, guard: EvictionGuard | undefined) {
    this.#world = world;
    this.#guard = guard;
  }

  run(command: Command): void {
    const world = this.#world;
    switch (command.kind) {
      case 'place':
        this.#pickOf([...world.driver.queued], command.pick, (id) => this.#place(id, command.agent));
        break;
      case 'advance':
        this.#pickOf([...world.driver.onAgents.keys()], command.pick, (id) =>
          this.#advance(id, command.reason),
        );
        break;
      case 'say':
        this.#withTask(command, (task, job) => {
          const ref = command.wrongIndex ? { ...task, index: task.index + 1 } : task;
          const end =
            command.state === 'finished' ? { reason: command.reason, exitCode: command.exitCode } : {};
          const event = { kind: 'task-status', task: ref, state: command.state, ...end } as const;
          this.#say(command.wrongJob ? 1 - job : job, event);
        });
        break;
      case 'say-badly':
        this.#withTask(command, (task, job) => {
          const reason = command.reason as FinishReason;
          world.send(job, { kind: 'task-status', task, state: 'finished', reason });
        });
        break;
      case 'place-any':
        this.#withTask(command, (task, job) => {
          world.send(job, { kind: 'placed', task, placement: PLACES[command.pick % PLACES.length] });
        });
        break;
      case 'clock':
        world.nowMs += command.byMs;
        break;
      case 'next-wake':
        this.#nextWake();
        break;
      case 'start-all':
        this.#startAll();
        break;
      case 'fail-again':
        for (let time = 0; time < command.times; time++) this.#fail(command.pick);
        break;
      case 'wake':
        this.#pickOf(world.driver.wakes, command.pick, (wake) => {
          if (!command.keep) world.driver.wakes.splice(world.driver.wakes.indexOf(wake), 1);
          this.#wake(wake);
        });
        break;
      case 'wake-any':
        this.#withTask(command, (task, job) => world.send(job, { kind: 'wake', task }));
        break;
      case 'lose-wake':
        this.#pickOf(world.driver.wakes, command.pick, (wake) => {
          world.driver.wakes.splice(world.driver.wakes.indexOf(wake), 1);
          world.driver.lostWakes = true;
        });
        break;
      case 'kill': {
        const { shrink, prevent } = command;
        this.#withTask(command, (task, job) =>
          world.send(job, { kind: 'kill-task', task, shrink, preventMinSizeUpdate: prevent }),
        );
        break;
      }
      case 'evict':
        this.#withTask(command, (task, job) => this.#evict(task, job));
        break;
      case 'capacity':
        world.send(command.job, { kind: 'update-capacity', capacity: command.capacity });
        break;
      case 'processes':
        world.send(command.job, { kind: 'update-processes', processes: command.processes });
        break;
      case 'enable':
        world.send(command.job, { kind: 'set-enabled', enabled: command.enabled });
        break;
      case 'budget':
        world.send(command.job, { kind: 'update-disruption-budget', budget: command.budget });
        break;
      case 'attributes': {
        const { set, remove } = command;
        world.send(command.job, {
          kind: 'update-attributes',
          ...(set && { set }),
          ...(remove && { remove }),
        });
        break;
      }
      case 'kill-job':
        if (command.really) world.send(command.job, { kind: 'kill-job' });
        break;
      case 'move':
        this.#withTask(command, (task, job) => {
          const from = command.from ? 1 - job : job;
          world.move(task, from, command.to ? 1 - from : from);
        });
        break;
      case 'garbage':
        world.sendBad(command.job, command.event);
        break;
      case 'bad-time':
        this.#withTask(command, (task, job) => {
          const event: JobEvent = command.job === 0 ? { kind: 'kill-task', task } : { kind: 'restored' };
          world.sendBad(job, event, command.atMs);
        });
        break;
      case 'crash':
        world.crash(command.carried);
        break;
      case 'restore-again':
        world.send(command.job, { kind: 'restored' });
        break;
    }
  }

  /** Everything is carried out and answered, and time goes on, until nothing more is to be done. */
  settle(): void {
    const { driver } = this.#world;
    if (driver.lostWakes) this.#world.crash(0);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      this.#world.flush();
      const acted = this.#answerAll();
      this.#world.flush();
      if (!acted && driver.queued.size === 0) {
        if (this.#isSettled()) return;
        must(driver.wakes.length > 0, 'nothing more comes, and the jobs are not what they promise');
        this.#nextWake();
      }
    }
    must(false, `not settled after ${MOST_ROUNDS} rounds`);
  }

  #answerAll(): boolean {
    const world = this.#world;
    const { queued, onAgents, killed } = world.driver;
    let acted = false;
    for (const id of [...queued]) {
      const known = world.recordOf(id);
      must(known?.task.status.state === 'accepted', `${id} is in the queue, and ${known?.task.status.state}`);
      acted = true;
      this.#place(id, id.length);
    }
    for (const id of [...killed]) {
      const known = world.recordOf(id);
      must(known !== undefined, `${id} was killed and is not known`);
      acted = true;
      const reason = onAgents.has(id) ? 'killed' : 'lost';
      this.#finish(id, reason);
    }
    for (const [id, state] of [...onAgents]) {
      const known = world.recordOf(id);
      must(known !== undefined, `${id} is on an agent and not known`);
      const isBatch = world.states[known!.job].job.spec.kind === 'batch';
      if (state === 'started' && !isBatch) continue;
      acted = true;
      this.#advance(id, 'normal');
    }
    return acted;
  }

  /** The scheduler places what is queued, and agents start what they have. */
  #startAll(): void {
    const { driver } = this.#world;
    this.#world.flush();
    for (const id of [...driver.queued]) this.#place(id, id.length);
    this.#world.flush();
    for (const [id, state] of [...driver.onAgents]) {
      if (state === 'started') continue;
      this.#advance(id, 'failed');
      if (driver.onAgents.get(id) === 'start-initiated') this.#advance(id, 'failed');
    }
  }

  /** A task is placed and fails at once, and time goes on to its replacement. */
  #fail(pick: number): void {
    this.#withTask({ pick }, (seen) => {
      const known = this.#world.recordOf(seen.taskId)!;
      const { index } = seen;
      if (known.task.status.state === 'accepted') this.#place(seen.taskId, index);
      if (known.task.status.state !== 'finished') this.#finish(seen.taskId, 'failed');
      const after = taskAt(this.#world.states[known.job].slots, index);
      if (after?.replaceAtMs === undefined) return;
      this.#world.nowMs = Math.max(this.#world.nowMs, after.replaceAtMs);
      this.#wake({ task: { index, taskId: after.id }, atMs: after.replaceAtMs });
    });
  }

  #isSettled(): boolean {
    return this.#world.states.every(({ job, slots, counts }) => {
      if (job.status.state === 'finished') return true;
      if (job.status.state !== 'accepted' || job.spec.kind === 'batch') return false;
      const tasks = [...tasksIn(slots)];
      return counts.started === job.spec.capacity.desired && tasks.length === counts.started;
    });
  }

  #evict(task: TaskRef, job: number): void {
    const world = this.#world;
    const guard = this.#guard;
    const before = world.states[job];
    const event = { kind: 'evict-task', task, message: 'the agent leaves' } as const;
    if (guard === undefined) world.send(job, event);
    else if (guard.admits(before, task, world.nowMs)) {
      must(world.send(job, event), 'what the budget admits is not evicted');
      guard.note(before, world.states[job], task, world.nowMs);
    } else world.count('eviction not admitted');
  }

  #place(id: string, agent: number): void {
    const world = this.#world;
    world.driver.queued.delete(id);
    const known = world.recordOf(id);
    if (known === undefined) return;
    const task = { index: known.task.index, taskId: id };
    world.send(known.job, { kind: 'placed', task, placement: PLACES[agent % PLACES.length] });
  }

  /** The agent goes on as agents do, or ends the task when it was told to. */
  #advance(id: string, reason: (Command & { kind: 'advance' })['reason']): void {
    const world = this.#world;
    if (world.driver.killed.has(id)) return this.#finish(id, 'killed');
    const known = world.recordOf(id);
    if (known === undefined) return;
    const task = { index: known.task.index, taskId: id };
    const state = world.driver.onAgents.get(id);
    if (state === 'started') this.#finish(id, reason);
    else {
      const next = state === 'launched' ? 'start-initiated' : 'started';
      this.#say(known.job, { kind: 'task-status', task, state: next });
      world.driver.onAgents.set(id, next);
    }
  }

  #finish(id: string, reason: (Command & { kind: 'advance' })['reason']): void {
    const known = this.#world.recordOf(id);
    this.#world.driver.forget(id);
    if (known === undefined) return;
    const task = { index: known.task.index, taskId: id };
    this.#say(known.job, { kind: 'task-status', task, state: 'finished', reason });
  }

  /** What is taken as news of a task is true: its agent is as far. */
  #say(job: number, event: Extract<JobEvent, { kind: 'task-status' }>): void {
    if (!this.#world.send(job, event)) return;
    const { taskId } = event.task;
    if (event.state === 'finished') this.#world.driver.forget(taskId);
    else if (event.state === 'started' || event.state === 'start-initiated') {
      this.#world.driver.onAgents.set(taskId, event.state);
    }
  }

  #nextWake(): void {
    const wake = this.#world.driver.nextWake();
    if (wake === undefined) return;
    this.#world.nowMs = Math.max(this.#world.nowMs, wake.atMs);
    this.#wake(wake);
  }

  #wake({ task }: Wake): void {
    const job = this.#world.seen.find(({ id }) => id === task.taskId)!.job;
    this.#world.send(job, { kind: 'wake', task });
  }

  #pickOf<T>(list: readonly T[], pick: number, act: (one: T) => void): void {
    if (list.length > 0) act(list[pick % list.length]);
  }

  /** `ever`: also one that is long gone; `started`: only one that runs. */
  #withTask({ pick, ever, started }: Named, act: (task: TaskRef, job: number) => void): void {
    const world = this.#world;
    const active = ever === true ? world.seen : world.active();
    const isStarted = (id: string) => world.recordOf(id)?.task.status.state === 'started';
    const tasks = started === true ? active.filter(({ id }) => isStarted(id)) : active;
    this.#pickOf(tasks, pick, (seen) => act(this.#world.refOf(seen), seen.job));
  }
}
