/**
 * A job manager as plainly as it can be said: mutable tasks in arrays, everything recomputed at every step. Written from
 * the contract only. Where the contract leaves a choice (which of several equal tasks goes), the model follows what it is
 * shown of the machine's outcome, after it has said how many go and of which sort.
 */
import type { JobErrorCode } from '../../src/errors.ts';
import type { JobEvent } from '../../src/machine/job-event.ts';
import type { JobPolicy } from '../../src/machine/job-policy.ts';
import type { TaskEndReason, TaskReason, TransitionSource } from '../../src/model/task-reasons.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import type { JobSpec } from '../../src/spec/job-spec.ts';
import { dueMs, isTriedAgain, ranLongEnough, runtimeEndMs, steadyAtMs, successionOf } from './chain-model.ts';
import {
  endReasonOf,
  FIRST_OF_CHAIN,
  isLive,
  isUnderWay,
  type Lineage,
  type ModelTask,
  sinceMs,
  stateOf,
} from './model-task.ts';
import { refusalsOf } from './refusal-model.ts';
import { inOrder, type Said, SAY } from './said.ts';
import { victimsOf, type Victims } from './victim-model.ts';
import { canonical, resized, updatedSpec } from './spec-updates.ts';
import type { TaskState } from '@stowage/protocol';

const HOUR_MS = 3_600_000;

/** Active tasks of the machine after the step, by id. */
export type Outcome = ReadonlyMap<string, TaskRecord>;

/** Codes with one of which the event must be refused, or none; then what must be said. */
export interface Prediction {
  readonly refusals: readonly JobErrorCode[];
  readonly said: readonly Said[];
}

export class JobModel {
  readonly id: string;
  readonly policy: JobPolicy;
  readonly victims: Victims;
  spec: JobSpec;
  state: 'accepted' | 'kill-initiated' | 'finished' = 'accepted';
  reason = 'created';
  restoredAtMs = 0;
  nextSerial: number;
  tasks: ModelTask[] = [];
  readonly archive: ModelTask[] = [];
  evictions: number[] = [];
  #nowMs = 0;
  #said: Said[] = [];
  #entered = new Set<ModelTask>();
  #outcome: Outcome = new Map();

  constructor(id: string, spec: JobSpec, policy: JobPolicy, victims: Victims, firstSerial: number) {
    this.id = id;
    this.spec = spec;
    this.policy = policy;
    this.victims = victims;
    this.nextSerial = firstSerial;
  }

  create(nowMs: number): readonly Said[] {
    this.#begin(nowMs, new Map());
    return this.#settle();
  }

  apply(event: JobEvent, nowMs: number, outcome: Outcome): Prediction {
    const refusals = refusalsOf(this, event);
    if (refusals.length > 0) return { refusals, said: [] };
    this.#begin(nowMs, outcome);
    const changed = this.#take(event);
    return { refusals, said: changed ? this.#settle() : inOrder(this.#said) };
  }

  /** Of the pair of a move, the one that gives. */
  giveAway(task: ModelTask, nowMs: number, outcome: Outcome): readonly Said[] {
    this.#begin(nowMs, outcome);
    this.tasks = this.tasks.filter((one) => one !== task);
    this.spec = resized(this.spec, -1);
    return this.#settle();
  }

  takeOver(task: ModelTask, from: string, nowMs: number, outcome: Outcome): readonly Said[] {
    this.#begin(nowMs, outcome);
    task.index = this.#freeIndexes(1)[0];
    task.jobId = this.id;
    task.movedFromJob = from;
    this.tasks.push(task);
    this.spec = resized(this.spec, 1);
    this.#entered.add(task);
    if (stateOf(task) === 'accepted') this.#say(SAY.enqueue(task.index, task.id, true));
    return this.#settle();
  }

  at(index: number): ModelTask | undefined {
    return this.tasks.find((task) => task.index === index);
  }

  named(ref: { index: number; taskId: string }): ModelTask | undefined {
    return this.tasks.find((task) => task.index === ref.index && task.id === ref.taskId);
  }

  /** Tasks of a service that are not being taken down for good. */
  kept(): ModelTask[] {
    return this.tasks.filter((task) => task.killReason !== 'scaled-down');
  }

  dueMs(task: ModelTask): number | undefined {
    return dueMs(task, this.spec, this.policy, this.restoredAtMs);
  }

  isStuck(task: ModelTask, nowMs: number): boolean {
    const state = stateOf(task);
    return (state === 'launched' || state === 'start-initiated') && nowMs >= this.dueMs(task)!;
  }

  isLooping(task: ModelTask): boolean {
    return task.quickFailures >= this.policy.crashLoopFailures;
  }

  #begin(nowMs: number, outcome: Outcome): void {
    this.#nowMs = nowMs;
    this.#outcome = outcome;
    this.#said = [];
    this.#entered = new Set();
  }

  #say(said: Said): void {
    this.#said.push(said);
  }

  /** What the event itself does; false when nothing changed. */
  #take(event: JobEvent): boolean {
    switch (event.kind) {
      case 'kill-job':
        this.#killJob();
        return true;
      case 'update-capacity':
      case 'update-processes':
      case 'set-enabled':
      case 'update-disruption-budget':
      case 'update-attributes': {
        const before = canonical(this.spec);
        this.spec = updatedSpec(this.spec, event);
        return canonical(this.spec) !== before;
      }
      case 'kill-task': {
        const task = this.named(event.task)!;
        if (event.shrink === true) this.spec = resized(this.spec, -1);
        this.#kill(task, event.shrink === true ? 'scaled-down' : 'killed', 'user');
        return true;
      }
      case 'evict-task':
        this.#kill(this.named(event.task)!, 'evicted', 'relocation');
        this.evictions = this.evictions.filter((atMs) => atMs > this.#nowMs - HOUR_MS);
        this.evictions.push(Math.max(this.#nowMs, ...this.evictions));
        return true;
      case 'placed': {
        const task = this.named(event.task)!;
        task.place = `${event.placement.agentId} in ${event.placement.zone}`;
        this.#move(task, 'launched', 'placed', 'scheduler');
        this.#say(SAY.launch(task.index, task.id));
        return true;
      }
      case 'task-status': {
        const task = this.named(event.task)!;
        if (event.state !== 'finished') this.#move(task, event.state, 'reported', 'agent');
        else {
          const reason = event.reason!;
          task.exitCode = event.exitCode;
          this.#end(task, reason === 'normal' ? reason : (task.killReason ?? reason), 'agent');
        }
        return true;
      }
      case 'wake':
        return this.#wake(this.named(event.task)!);
      case 'restored':
        return this.#restored();
    }
  }

  #killJob(): void {
    this.state = 'kill-initiated';
    this.reason = 'killed';
    for (const task of [...this.tasks]) {
      if (isLive(task)) this.#kill(task, 'killed', 'user');
      else if (stateOf(task) === 'finished') {
        task.replaceAtMs = undefined;
        if (!this.#outcome.has(task.id)) this.#archive(task);
      }
    }
  }

  #kill(task: ModelTask, reason: TaskEndReason, source: TransitionSource | undefined): void {
    const wasAccepted = stateOf(task) === 'accepted';
    task.killReason = reason;
    this.#move(task, 'kill-initiated', reason, source);
    if (wasAccepted) this.#end(task, reason, undefined);
    else {
      task.killAttempts = 1;
      this.#say(SAY.kill(task.index, task.id, 1));
    }
  }

  #move(task: ModelTask, state: TaskState, reason: TaskReason, source: TransitionSource | undefined): void {
    task.transitions.push({ state, reason, source, atMs: Math.max(this.#nowMs, sinceMs(task)) });
    this.#entered.add(task);
  }

  #end(task: ModelTask, reason: TaskEndReason, source: TransitionSource | undefined): void {
    const looped = this.isLooping(task);
    this.#move(task, 'finished', reason, source);
    this.#say(SAY.release(task.index, task.id));
    const again = this.state === 'accepted' && isTriedAgain(task, this.spec);
    if (again) {
      const { delayMs, lineage } = successionOf(task, this.spec, this.policy);
      task.replaceAtMs = sinceMs(task) + delayMs;
      if (!looped && lineage.quickFailures >= this.policy.crashLoopFailures) {
        this.#say(SAY.notice(task.index, `crash-loop-begun ${task.id}`));
      }
    } else if (this.state === 'accepted' ? this.spec.kind === 'service' : !this.#outcome.has(task.id)) {
      this.#archive(task);
    }
    const normally = this.spec.kind === 'batch' && endReasonOf(task) === 'normal';
    if (looped && (ranLongEnough(task, this.policy) || normally)) {
      this.#say(SAY.notice(task.index, `crash-loop-ended ${task.id}`));
    }
  }

  #archive(task: ModelTask): void {
    this.tasks = this.tasks.filter((one) => one !== task);
    this.archive.push(task);
  }

  #wake(task: ModelTask): boolean {
    const state = stateOf(task);
    const due = this.dueMs(task);
    if (due === undefined) return false;
    if (this.#nowMs < due) {
      this.#say(SAY.wake(task.index, task.id, due));
      return false;
    }
    if (state === 'finished') {
      // Where there is no room it may ask to look again.
      this.#say(SAY.wake(task.index, task.id, this.#nowMs + this.policy.systemRetryMaxMs, true));
      return true;
    }
    if (state === 'started') this.#wakeStarted(task);
    else if (state !== 'kill-initiated') {
      this.#say(SAY.notice(task.index, `task-stuck ${task.id} ${state}`));
      this.#kill(task, 'stuck-in-state', 'clock');
    } else if (task.killAttempts < this.policy.killAttempts) {
      task.killAttempts++;
      task.killedAtMs = this.#nowMs;
      this.#entered.add(task);
      this.#say(SAY.kill(task.index, task.id, task.killAttempts));
    } else {
      this.#say(SAY.notice(task.index, `task-stuck ${task.id} ${state}`));
      this.#end(task, 'stuck-in-killing-state', 'clock');
    }
    return true;
  }

  /** It has run for long enough to be out of its crash loop, or for as long as it may. */
  #wakeStarted(task: ModelTask): void {
    if (this.#nowMs >= (steadyAtMs(task, this.policy) ?? Infinity)) {
      task.quickFailures = 0;
      this.#say(SAY.notice(task.index, `crash-loop-ended ${task.id}`));
      this.#entered.add(task);
    }
    const endMs = runtimeEndMs(task, this.spec) ?? Infinity;
    if (this.#nowMs >= endMs) this.#kill(task, 'runtime-limit-exceeded', 'clock');
  }

  #restored(): boolean {
    this.restoredAtMs = this.#nowMs;
    for (const task of this.tasks) {
      const state = stateOf(task);
      if (state === 'accepted') this.#say(SAY.enqueue(task.index, task.id));
      if (state === 'launched') this.#say(SAY.launch(task.index, task.id));
      if (state === 'kill-initiated') this.#say(SAY.kill(task.index, task.id, task.killAttempts));
      this.#entered.add(task);
    }
    return true;
  }

  /** Brings about what the job promises, as far as it may now. */
  #settle(): readonly Said[] {
    if (this.state === 'accepted') {
      if (this.spec.kind === 'service') this.#dropExcess(this.spec.capacity.desired);
      this.#make();
    }
    this.#endJob();
    for (const task of this.tasks) if (this.#entered.has(task)) this.#sayWake(task);
    return inOrder(this.#said);
  }

  #sayWake(task: ModelTask): void {
    const state = stateOf(task);
    const due = this.dueMs(task);
    if (due === undefined) return;
    const blocked = state === 'finished' && due <= this.#nowMs;
    this.#say(SAY.wake(task.index, task.id, due, blocked));
  }

  #dropExcess(desired: number): void {
    let excess = this.kept().length - desired;
    if (excess <= 0) return;
    const waiting = this.kept().filter((task) => stateOf(task) === 'finished');
    for (const task of this.#chosen(waiting, Math.min(excess, waiting.length))) {
      excess--;
      this.#archive(task);
    }
    const idle = this.kept().filter(
      (task) => stateOf(task) === 'accepted' || stateOf(task) === 'kill-initiated',
    );
    for (const task of this.#chosen(idle, Math.min(excess, idle.length))) {
      excess--;
      if (stateOf(task) === 'accepted') this.#kill(task, 'scaled-down', undefined);
      else task.killReason = 'scaled-down';
    }
    for (const task of victimsOf(this.victims, this.kept(), excess))
      this.#kill(task, 'scaled-down', undefined);
  }

  /** As many as said; which ones, the outcome shows. */
  #chosen(tasks: readonly ModelTask[], count: number): ModelTask[] {
    const replaced = new Set([...this.#outcome.values()].map(({ resubmitOf }) => resubmitOf));
    const isGone = ({ id }: ModelTask) => {
      const after = this.#outcome.get(id);
      return after === undefined ? !replaced.has(id) : after.killReason === 'scaled-down';
    };
    return [...tasks].sort((a, b) => Number(isGone(b)) - Number(isGone(a))).slice(0, count);
  }

  /** Replacements that are due and tasks that were never made, lowest index first, within the limit. */
  #make(): void {
    const due = this.tasks.filter(
      ({ replaceAtMs }) => replaceAtMs !== undefined && replaceAtMs <= this.#nowMs,
    );
    const missing =
      this.spec.kind === 'batch'
        ? Array.from({ length: this.spec.size }, (_, index) => index).filter((index) => !this.at(index))
        : this.#freeIndexes(this.spec.capacity.desired - this.kept().length);
    const indexes = [...due.map(({ index }) => index), ...missing].sort((a, b) => a - b);
    for (const index of indexes) {
      if (this.tasks.filter(isUnderWay).length >= this.policy.maxNotStarted) return;
      const before = this.at(index);
      if (before === undefined) this.#add(index, FIRST_OF_CHAIN, undefined);
      else {
        this.#archive(before);
        this.#add(index, successionOf(before, this.spec, this.policy).lineage, before.originalId);
      }
    }
  }

  #freeIndexes(count: number): number[] {
    const free: number[] = [];
    for (let index = 0; free.length < count; index++) if (this.at(index) === undefined) free.push(index);
    return free;
  }

  #add(index: number, lineage: Lineage, originalId: string | undefined): void {
    const id = `${this.id}.${this.nextSerial++}`;
    const reason = originalId === undefined ? 'created' : 'replaced';
    this.tasks.push({
      id,
      jobId: this.id,
      index,
      originalId: originalId ?? id,
      ...lineage,
      transitions: [{ state: 'accepted', reason, source: 'manager', atMs: this.#nowMs }],
      killReason: undefined,
      killAttempts: 0,
      killedAtMs: undefined,
      exitCode: undefined,
      place: undefined,
      replaceAtMs: undefined,
      movedFromJob: undefined,
    });
    this.#say(SAY.enqueue(index, id));
  }

  #endJob(): void {
    const over = this.tasks.every((task) => stateOf(task) === 'finished' && task.replaceAtMs === undefined);
    if (!over || (this.state === 'accepted' && this.spec.kind === 'service')) return;
    const normal = this.tasks.every((task) => endReasonOf(task) === 'normal');
    this.reason = this.state === 'kill-initiated' ? 'killed' : normal ? 'normal' : 'failed';
    if (this.state === 'accepted' && this.tasks.length < (this.spec as { size: number }).size) return;
    this.state = 'finished';
    this.archive.push(...this.tasks);
    this.tasks = [];
    this.#say(SAY.notice(Infinity, `job-finished ${this.reason}`));
  }
}
