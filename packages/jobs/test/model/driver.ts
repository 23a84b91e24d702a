/**
 * Stands for scheduler, agents and timers: it knows nothing but the effects it was given. At a crash queue and timers are
 * gone, agents stay as they are.
 */
import type { JobEffect } from '../../src/machine/job-effect.ts';
import type { TaskRef } from '../../src/model/task-record.ts';

export interface Wake {
  readonly task: TaskRef;
  readonly atMs: number;
}

export class Driver {
  readonly queued = new Set<string>();
  /** Tasks that agents have, and how far they are. */
  readonly onAgents = new Map<string, 'launched' | 'start-initiated' | 'started'>();
  /** Tasks whose kill has reached an agent. */
  readonly killed = new Set<string>();
  wakes: Wake[] = [];
  /** A wake was lost; only a restart makes up for it. */
  lostWakes = false;

  carryOut(effect: JobEffect): void {
    switch (effect.kind) {
      case 'persist':
      case 'notify':
        break;
      case 'enqueue':
        if (!this.onAgents.has(effect.task.id)) this.queued.add(effect.task.id);
        break;
      case 'launch':
        this.queued.delete(effect.task.id);
        if (!this.onAgents.has(effect.task.id)) this.onAgents.set(effect.task.id, 'launched');
        break;
      case 'kill':
        this.killed.add(effect.task.id);
        break;
      case 'release':
        this.forget(effect.taskId);
        break;
      case 'wake':
        this.wakes.push(effect);
        break;
    }
  }

  forget(taskId: string): void {
    this.queued.delete(taskId);
    this.onAgents.delete(taskId);
    this.killed.delete(taskId);
  }

  crash(unfinishedIds: readonly string[]): void {
    this.queued.clear();
    this.wakes = [];
    this.lostWakes = false;
    const unfinished = new Set(unfinishedIds);
    for (const id of [...this.onAgents.keys(), ...this.killed]) if (!unfinished.has(id)) this.forget(id);
  }

  /** Takes the wake that is due first. */
  nextWake(): Wake | undefined {
    if (this.wakes.length === 0) return undefined;
    const next = this.wakes.reduce((a, b) => (b.atMs < a.atMs ? b : a));
    this.wakes.splice(this.wakes.indexOf(next), 1);
    return next;
  }
}
