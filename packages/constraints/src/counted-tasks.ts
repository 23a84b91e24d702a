/**
 * Which tasks a spread is about: those that a selector selects, or those with the same value of a label. The second way
 * serves any number of jobs with one count, the first needs one per selector.
 */
import { type ClusterView, StowageError, type TaskClassView, type TaskSelector } from '@stowage/core';
import { requireTexts } from './parameters.ts';
import { requireSelection, type Selection } from './selection.ts';

/** @public */
export interface SpreadOptions {
  /** Tasks to spread. Default: those with the same value of `label`. */
  readonly selector?: TaskSelector;
  /** Tasks with the same value of this label are spread; not together with `selector`. Default `job`. */
  readonly label?: string;
}

export interface CountedTasks extends Pick<Selection, 'key' | 'text'> {
  /** For one task class. */
  bind(cluster: ClusterView, task: TaskClassView, attribute: string): BoundTaskCount;
}

export interface BoundTaskCount {
  /** 1 if a task of the class is counted itself, else 0. */
  readonly own: 0 | 1;
  /** Counted tasks by value id of the attribute. */
  get(valueId: number): number;
}

/** @throws StowageError INVALID_SPEC for the selector, INVALID_PLUGIN */
export function countedTasks(factory: string, { selector, label }: SpreadOptions): CountedTasks {
  if (selector === undefined) return sameLabel(factory, label ?? 'job');
  if (label !== undefined)
    throw new StowageError('INVALID_PLUGIN', `${factory}: give a selector or a label, not both.`);
  const selection = requireSelection(selector);
  return {
    key: selection.key,
    text: `of ${selection.text}`,
    bind(cluster, task, attribute) {
      const selected = cluster.selectedTasks(selection.selector, attribute);
      return { own: selection.selects(task) ? 1 : 0, get: (valueId) => selected.get(valueId) };
    },
  };
}

function sameLabel(factory: string, label: string): CountedTasks {
  requireTexts(factory, label);
  return {
    key: JSON.stringify(label),
    text: `per ${label}`,
    bind(cluster, task, attribute) {
      const labelId = task.labelId(label);
      if (labelId === 0) return { own: 0, get: () => 0 };
      const coTasks = cluster.tasksByAttribute(label, attribute);
      return { own: 1, get: (valueId) => coTasks.get(labelId, valueId) };
    },
  };
}
