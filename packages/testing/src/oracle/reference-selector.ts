/**
 * Which tasks a selector selects, word by word.
 */
import type { LabelExpression, TaskSelector } from '@stowage/core';

/** Whether everything that a selector says holds for the labels of a task. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: TaskSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => holds(expression, labels))
  );
}

function holds(
  { key, operator, values = [] }: LabelExpression,
  labels: Readonly<Record<string, string>>,
): boolean {
  const isThere = Object.hasOwn(labels, key);
  if (operator === 'Exists') return isThere;
  if (operator === 'DoesNotExist') return !isThere;
  const isOneOfThem = isThere && values.includes(labels[key]);
  return operator === 'In' ? isOneOfThem : !isOneOfThem;
}
