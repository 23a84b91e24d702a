/**
 * Effects as one line of text each, in the order of the contract: by kind, within a kind by index. Model and machine are
 * compared by these lines.
 */
import type { JobEffect } from '../../src/machine/job-effect.ts';

export interface Said {
  /** Place of the kind in the order. */
  readonly rank: number;
  readonly index: number;
  readonly text: string;
  /** The machine may leave it out. */
  readonly optional: boolean;
}

const RANKS = ['release', 'kill', 'launch', 'enqueue', 'wake', 'notify'];

function said(kind: string, index: number, text: string, optional = false): Said {
  return { rank: RANKS.indexOf(kind), index, text: `${kind} ${text}`, optional };
}

export const SAY = {
  release: (index: number, id: string) => said('release', index, id),
  kill: (index: number, id: string, attempt: number) => said('kill', index, `${id} attempt ${attempt}`),
  launch: (index: number, id: string) => said('launch', index, id),
  enqueue: (index: number, id: string, optional = false) => said('enqueue', index, id, optional),
  wake: (index: number, id: string, atMs: number, optional = false) =>
    said('wake', index, `${id} in ${index} at ${atMs}`, optional),
  notice: (index: number, text: string) => said('notify', index, text),
};

/** One effect of the machine; `persist` has no line. */
export function sayEffect(effect: JobEffect, indexOf: (taskId: string) => number): Said | undefined {
  switch (effect.kind) {
    case 'persist':
      return undefined;
    case 'release':
      return SAY.release(indexOf(effect.taskId), effect.taskId);
    case 'kill':
      return SAY.kill(effect.task.index, effect.task.id, effect.attempt);
    case 'launch':
      return SAY.launch(effect.task.index, effect.task.id);
    case 'enqueue':
      return SAY.enqueue(effect.task.index, effect.task.id);
    case 'wake':
      return SAY.wake(effect.task.index, effect.task.taskId, effect.atMs);
    case 'notify': {
      const { notice } = effect;
      if (notice.kind === 'job-finished') return SAY.notice(Infinity, `job-finished ${notice.reason}`);
      const { index, taskId } = notice.task;
      const state = notice.kind === 'task-stuck' ? ` ${notice.state}` : '';
      return SAY.notice(index, `${notice.kind} ${taskId}${state}`);
    }
  }
}

/** Lines in order; those of one kind and index stay in the order given. */
export function inOrder(lines: readonly Said[]): Said[] {
  return [...lines].sort((a, b) => a.rank - b.rank || Math.sign(a.index - b.index) || 0);
}
