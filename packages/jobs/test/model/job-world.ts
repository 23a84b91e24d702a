/**
 * Two jobs on the machine beside their models, one store and one driver. Every event goes to both; then states, effects
 * and refusals are compared, and what must always hold is checked. Each step is made twice: from the state in memory, and
 * from one that was assembled from the store. Effects but `persist` are carried out when the next event comes, so that a
 * crash can lose them.
 */
import type { JobErrorCode } from '../../src/errors.ts';
import { createJob } from '../../src/machine/create-job.ts';
import type { JobEffect } from '../../src/machine/job-effect.ts';
import type { JobEvent } from '../../src/machine/job-event.ts';
import { defaultJobPolicy, type JobPolicy } from '../../src/machine/job-policy.ts';
import { isStuck } from '../../src/machine/timeouts.ts';
import { moveTask } from '../../src/machine/move-task.ts';
import type { Step } from '../../src/machine/step.ts';
import { stepJob } from '../../src/machine/step-job.ts';
import type { JobState } from '../../src/model/job-state.ts';
import { serializeJob } from '../../src/model/serialize-job.ts';
import type { TaskRecord, TaskRef } from '../../src/model/task-record.ts';
import { taskAt, tasksIn } from '../../src/model/task-slots.ts';
import type { JobSpec } from '../../src/spec/job-spec.ts';
import { Driver } from './driver.ts';
import { JobModel, type Outcome } from './job-model.ts';
import { JobStore } from './job-store.ts';
import { moveRefusals } from './move-model.ts';
import { type Said, sayEffect } from './said.ts';
import { compareJob, same, showModel, showRecord } from './shown.ts';
import type { Victims } from './victim-model.ts';
import { checkForm, checkOrder, checkReleases, checkState, freeze, must } from './step-checks.ts';

const JOB_IDS = ['a', 'b'] as const;
/** Bytes of states are compared in every so-maniest step, and where records are not the very ones that were stored. */
const BYTES_EVERY = 32;
const START_MS = 1_700_000_000_000;

export interface WorldOptions {
  readonly specs: readonly [JobSpec, JobSpec];
  readonly policy: Partial<JobPolicy>;
  /** Which of the orders that of the policy is. */
  readonly victims: Victims;
}

interface Seen {
  readonly id: string;
  index: number;
  job: number;
}

export class JobWorld {
  nowMs = START_MS;
  readonly driver: Driver = new Driver();
  readonly models: JobModel[] = [];
  readonly states: JobState[] = [];
  readonly policy: JobPolicy;
  /** Every task that ever was, where it was last. */
  readonly seen: Seen[] = [];
  /** How often what happened. */
  readonly tally: Record<string, number> = {};
  readonly #store = new JobStore();
  readonly #archived = new Set<string>();
  /** The states as they come back from the store; undefined for jobs that have left it. */
  readonly #loaded: (JobState | undefined)[] = [];
  #steps = 0;
  #checkedGone = 0;
  #checkedArchives: number[] = [];
  #pending: readonly JobEffect[] = [];

  constructor({ specs, policy, victims }: WorldOptions) {
    this.policy = defaultJobPolicy(policy);
    specs.forEach((spec, which) => {
      const step = createJob(freeze(spec), JOB_IDS[which], this.nowMs, this.policy);
      must(step.rejection === undefined, 'a good job was refused');
      this.flush();
      const made = [...tasksIn(step.state.slots)].length;
      const firstSerial = step.state.job.nextSerial - made;
      const model = new JobModel(JOB_IDS[which], spec, this.policy, victims, firstSerial);
      model.restoredAtMs = step.state.job.restoredAtMs;
      this.models.push(model);
      const said = model.create(this.nowMs);
      this.#settleStep(which, undefined, step, said);
    });
  }

  refOf({ id, index }: Seen): TaskRef {
    return { index, taskId: id };
  }

  /** Tasks that have a slot. */
  active(): Seen[] {
    return this.seen.filter(({ id, index, job }) => taskAt(this.states[job].slots, index)?.id === id);
  }

  recordOf(taskId: string): { readonly task: TaskRecord; readonly job: number } | undefined {
    const seen = this.seen.find(({ id }) => id === taskId);
    const task = seen && taskAt(this.states[seen.job].slots, seen.index);
    return task?.id === taskId ? { task, job: seen!.job } : undefined;
  }

  /** @returns whether it was taken */
  send(which: number, event: JobEvent): boolean {
    this.flush();
    const { before, step } = this.#step(which, event, this.nowMs);
    const model = this.models[which];
    const stuck = event.kind === 'wake' && this.#isStuck(before, event.task);
    const { refusals, said } = model.apply(event, this.nowMs, outcomeOf(step.state));
    this.count(event.kind);
    this.#checkRefusal(step.rejection?.code, refusals);
    checkForm(before, step, event.kind === 'restored');
    if (step.rejection === undefined) this.#settleStep(which, before, step, said);
    if (event.kind === 'wake') {
      const killed =
        step.effects.some(({ kind }) => kind === 'kill') && stateIn(before, event.task) !== 'started';
      const again = stateIn(before, event.task) === 'kill-initiated';
      must(stuck === (killed && !again), `isStuck says ${stuck} of ${event.task.taskId}`);
    }
    return step.rejection === undefined;
  }

  /** Something that is no event, or comes at no time: refused with whatever code, and nothing has changed. */
  sendBad(which: number, event: unknown, nowMs: number = this.nowMs): void {
    const { before, step } = this.#step(which, event as JobEvent, nowMs);
    must(step.rejection !== undefined, `taken: ${JSON.stringify(event)} at ${nowMs}`);
    this.count(`bad event: ${step.rejection!.code}`);
    checkForm(before, step, false);
  }

  move(task: TaskRef, from: number, to: number): void {
    this.flush();
    const [source, target] = [this.states[from], this.states[to]];
    const models = [this.models[from], this.models[to]] as const;
    const refusals = moveRefusals(...models, task);
    const moved = moveTask(source, target, task, this.nowMs, this.policy);
    this.count('move');
    this.#checkRefusal(moved.rejection?.code, refusals);
    if (moved.rejection !== undefined) {
      must(moved.source === source && moved.target === target, 'refused, yet something moved');
      must(moved.effects.length === 0, 'refused, yet effects');
      return;
    }
    const model = models[0].named(task)!;
    const said = [
      ...models[0].giveAway(model, this.nowMs, outcomeOf(moved.source)),
      ...models[1].takeOver(model, models[0].id, this.nowMs, outcomeOf(moved.target)),
    ];
    freeze(moved);
    const persists = moved.effects.slice(0, 2);
    must(
      persists.every(({ kind }) => kind === 'persist') && moved.effects[2]?.kind !== 'persist',
      'a move is stored as two adjacent persist effects, first of all',
    );
    this.states[from] = moved.source;
    this.states[to] = moved.target;
    this.#write(moved.effects);
    const lines = this.#lines(moved.effects);
    const byText = (a: Said, b: Said) => (a.text < b.text ? -1 : Number(a.text > b.text));
    this.#checkSaid([...lines].sort(byText), [...said].sort(byText));
    for (const which of [from, to]) this.#checkJob(which);
    this.#checkArchive();
    this.#pending = moved.effects;
  }

  /** @param carried - how many effects of the last step were still carried out */
  crash(carried: number): void {
    for (const effect of this.#pending.slice(0, carried)) this.driver.carryOut(effect);
    this.#pending = [];
    this.driver.crash(this.#store.unfinishedIds());
    this.#loaded.forEach((loaded, which) => {
      if (loaded === undefined) return;
      same(serializeJob(loaded), serializeJob(this.states[which]), 'the bytes of the stored form');
      this.states[which] = freeze(loaded);
      this.#store.adopt(loaded);
    });
    this.count('crash');
    this.states.forEach(({ job }, which) => {
      if (job.status.state !== 'finished') this.send(which, { kind: 'restored' });
    });
  }

  /** Effects of the last step become true. */
  flush(): void {
    for (const effect of this.#pending) this.driver.carryOut(effect);
    this.#pending = [];
  }

  #step(which: number, event: JobEvent, nowMs: number): { before: JobState; step: Step } {
    const before = this.states[which];
    const step = stepJob(before, freeze(event), nowMs, this.policy);
    const again = stepJob(this.#loaded[which] ?? before, event, nowMs, this.policy);
    if (this.#steps++ % BYTES_EVERY === 0) {
      same(
        serializeJob(again.state),
        serializeJob(step.state),
        'twice the same step, once from the stored form',
      );
    }
    same(JSON.stringify(again.effects), JSON.stringify(step.effects), 'the effects of the same step');
    same(again.rejection, step.rejection, 'the refusals of the same step');
    freeze(step);
    return { before, step };
  }

  #isStuck(state: JobState, task: TaskRef): boolean {
    const stuck = isStuck(state, task, this.nowMs, this.policy);
    const model = this.models[JOB_IDS.indexOf(state.job.id as 'a' | 'b')];
    const named = model.state === 'finished' ? undefined : model.named(task);
    same(stuck, named !== undefined && model.isStuck(named, this.nowMs), 'isStuck');
    return stuck;
  }

  #checkRefusal(code: JobErrorCode | undefined, refusals: readonly JobErrorCode[]): void {
    if (code !== undefined) this.count(`refused: ${code}`);
    const agrees = code === undefined ? refusals.length === 0 : refusals.includes(code);
    same(code ?? 'taken', agrees ? (code ?? 'taken') : refusals.join(' or ') || 'taken', 'refusals');
  }

  #settleStep(which: number, before: JobState | undefined, step: Step, said: readonly Said[]): void {
    const { state, effects } = step;
    freeze(step);
    this.states[which] = state;
    const indexes = new Map(this.seen.map(({ id, index }) => [id, index]));
    this.#write(effects);
    checkOrder(effects, (id) => indexes.get(id) ?? -1);
    if (before !== undefined) checkReleases(before, state, effects);
    this.#checkSaid(this.#lines(effects), said);
    this.#checkJob(which);
    this.#checkArchive();
    this.#pending = effects;
  }

  #lines(effects: readonly JobEffect[]): Said[] {
    const indexes = new Map(this.seen.map(({ id, index }) => [id, index]));
    return effects.flatMap((effect) => sayEffect(effect, (id) => indexes.get(id) ?? -1) ?? []);
  }

  #checkSaid(lines: readonly Said[], expected: readonly Said[]): void {
    const optional = new Set(expected.filter((one) => one.optional).map(({ text }) => text));
    const required = expected.filter((one) => !one.optional);
    const needed = new Set(required.map(({ text }) => text));
    const left = lines.filter(({ text }) => needed.has(text) || !optional.has(text));
    same(left.map(({ text }) => text).join('\n'), required.map(({ text }) => text).join('\n'), 'effects');
    for (const { text } of lines) {
      const [kind, what] = text.split(' ');
      this.count(kind === 'notify' ? what : kind);
    }
  }

  #write(effects: readonly JobEffect[]): void {
    for (const effect of effects) {
      if (effect.kind !== 'persist') continue;
      this.#store.write(effect);
      for (const { id } of effect.archived) {
        must(!this.#archived.has(id), `${id} was archived twice`);
        this.#archived.add(id);
      }
      for (const { id, index, jobId } of effect.tasks) {
        must(!this.#archived.has(id), `${id} came back from the archive`);
        const known = this.seen.find((one) => one.id === id);
        const job = JOB_IDS.indexOf(jobId as 'a' | 'b');
        if (known === undefined) this.seen.push({ id, index, job });
        else Object.assign(known, { index, job });
      }
    }
  }

  #checkJob(which: number): void {
    const [state, model] = [this.states[which], this.models[which]];
    checkState(state, this.policy);
    compareJob(state, model, this.nowMs);
    const loaded = this.#store.load(state.job.id);
    this.#loaded[which] = loaded;
    const over = state.job.status.state === 'finished';
    must((loaded === undefined) === over, 'a job that goes on is not stored, or one that has finished is');
    if (loaded !== undefined && (!this.#store.hasStored(state) || this.#steps % BYTES_EVERY === 0)) {
      same(serializeJob(loaded), serializeJob(state), 'the stored form');
    }
    const active = new Set(this.#store.activeIds());
    for (const { id } of this.seen) {
      must(active.has(id) !== this.#archived.has(id), `${id} is active and archived, or neither`);
    }
  }

  /** What was archived since the last time; before it agreed. */
  #checkArchive(): void {
    const gone = this.#store.archive.slice(this.#checkedGone);
    const expected = this.models.flatMap(({ archive }, which) => archive.slice(this.#checkedArchives[which]));
    same(
      gone
        .map((task) => showRecord(task, true))
        .sort()
        .join('\n'),
      expected
        .map((task) => showModel(task, true))
        .sort()
        .join('\n'),
      'archives',
    );
    this.#checkedGone = this.#store.archive.length;
    this.#checkedArchives = this.models.map(({ archive }) => archive.length);
  }

  count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }
}

function outcomeOf({ slots }: JobState): Outcome {
  return new Map([...tasksIn(slots)].map((task) => [task.id, task]));
}

function stateIn({ slots }: JobState, { index, taskId }: TaskRef): string | undefined {
  const task = taskAt(slots, index);
  return task?.id === taskId ? task.status.state : undefined;
}
