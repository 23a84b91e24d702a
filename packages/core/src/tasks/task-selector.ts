/**
 * Selecting tasks by their labels, as Kubernetes selects pods: what affinity, anti-affinity and spread refer to.
 * A task's job is its label `job`.
 */
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';

/**
 * One condition on a label.
 * @public
 */
export interface LabelExpression {
  readonly key: string;
  /** `NotIn` and `DoesNotExist` also hold for tasks without the label. */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** For `In` and `NotIn`, at least one. */
  readonly values?: readonly string[];
}

/**
 * Selects the tasks for which everything holds; an empty selector selects every task.
 * @public
 */
export interface TaskSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelExpression[];
}

/**
 * While a task with this constraint is placed, no task that the selector selects is placed in the same domain.
 * @public
 */
export interface RepulsionSpec {
  readonly selector: TaskSelector;
  /** Agents with the same value of it are one domain, agents without it are in none. Default: each agent is a domain. */
  readonly attribute?: string;
}

/** A checked selector, independent of the object it was made from. @public */
export interface CompiledSelector {
  /** Equal for selectors that say the same. */
  readonly key: string;
  /** The same selector in one form for all that say the same, for snapshots. */
  readonly canonical: TaskSelector;
  /** Whether it selects a task with these labels. O(conditions). */
  matches(labels: Readonly<Record<string, string>>): boolean;
}

const FIELDS: readonly string[] = ['matchLabels', 'matchExpressions'];
const OPERATORS: readonly unknown[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/**
 * Checks a selector and makes it fit for use, by the engine and by plug-ins.
 * @throws StowageError INVALID_SPEC
 * @public
 */
export function compileSelector(selector: TaskSelector): CompiledSelector {
  const given: unknown = selector;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    fail('INVALID_SPEC', `the selector is ${show(given)}; give { matchLabels, matchExpressions }.`);
  }
  const stray = Object.keys(selector).find((field) => !FIELDS.includes(field));
  if (stray !== undefined)
    fail('INVALID_SPEC', `a selector has no field ${show(stray)}; give ${FIELDS.join(' and ')} only.`);
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (typeof matchLabels !== 'object' || (matchLabels as unknown) === null || Array.isArray(matchLabels)) {
    fail('INVALID_SPEC', `matchLabels is ${show(matchLabels)}; give an object of labels.`);
  }
  if (!Array.isArray(matchExpressions)) {
    fail('INVALID_SPEC', `matchExpressions is ${show(matchExpressions)}; give an array.`);
  }
  const conditions = [
    ...Object.entries(matchLabels).map(([key, value]) => condition({ key, operator: 'In', values: [value] })),
    ...matchExpressions.map(condition),
  ];
  conditions.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    key: JSON.stringify(conditions),
    canonical: { matchExpressions: conditions },
    matches: (labels) => conditions.every((one) => holds(one, labels)),
  };
}

type Condition = Required<LabelExpression>;

function condition(expression: LabelExpression): Condition {
  const given: unknown = expression;
  const { key, operator, values = [] } = (given ?? {}) as Partial<LabelExpression>;
  if (typeof key !== 'string' || key === '' || !OPERATORS.includes(operator)) {
    fail(
      'INVALID_SPEC',
      `${show(given)} is no expression; give { key, operator: ${OPERATORS.join(' | ')} }.`,
    );
  }
  const needsValues = operator === 'In' || operator === 'NotIn';
  const areTexts = Array.isArray(values) && values.every((value) => typeof value === 'string');
  if (!areTexts || values.length > 0 !== needsValues) {
    fail(
      'INVALID_SPEC',
      `${operator} on label "${key}" has the values ${show(values)}; give ${needsValues ? 'at least one string' : 'none'}.`,
    );
  }
  return { key, operator: operator!, values: [...values].sort() };
}

function holds({ key, operator, values }: Condition, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
