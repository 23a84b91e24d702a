/**
 * Task selectors as the factories of this package take them: checked and copied when the policy is made, so that a
 * wrong one is refused there and a later change of the caller's object changes nothing.
 */
import { compileSelector, type TaskClassView, type TaskSelector } from '@stowage/core';

export interface Selection {
  /** Equal for selectors that say the same. */
  readonly key: string;
  /** The selected tasks in words. */
  readonly text: string;
  readonly selector: TaskSelector;
  /** Whether it selects the tasks of a class. */
  selects(task: TaskClassView): boolean;
}

/** @throws StowageError INVALID_SPEC */
export function requireSelection(selector: TaskSelector): Selection {
  const compiled = compileSelector(selector);
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const labels = [...Object.keys(matchLabels), ...matchExpressions.map((expression) => expression.key)];
  const parts = [
    ...Object.entries(matchLabels).map(([label, value]) => `${label}=${value}`),
    ...matchExpressions.map((one) => `${one.key} ${one.operator} ${(one.values ?? []).join('|')}`.trimEnd()),
  ];
  return {
    key: compiled.key,
    text: parts.length === 0 ? 'tasks' : `tasks with ${parts.join(', ')}`,
    selector: {
      matchLabels: { ...matchLabels },
      matchExpressions: matchExpressions.map(({ values, ...one }) =>
        values === undefined ? one : { ...one, values: [...values] },
      ),
    },
    selects: (task) => compiled.matches(labelsOf(task, labels)),
  };
}

function labelsOf(task: TaskClassView, keys: readonly string[]): Record<string, string> {
  const entries = keys.flatMap((key) => {
    const value = task.label(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}
