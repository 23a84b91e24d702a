/**
 * Node selection with the operators and the semantics of Kubernetes `matchExpressions`.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
import { type HardConstraint, show, StowageError } from '@stowage/core';
import { attributeTest } from './attribute-test.ts';
import { requireTexts } from './parameters.ts';

/** One requirement on an attribute. @public */
export interface MatchExpression {
  readonly key: string;
  /**
   * `In`, `NotIn` take one or more values; `Exists`, `DoesNotExist` none; `Gt`, `Lt` one integer, compared as
   * integers. `NotIn` and `DoesNotExist` hold where the attribute is missing, the others do not.
   */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[];
}

type Predicate = (value: string | undefined) => boolean;

/**
 * Requires all expressions to hold. O(expressions) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function matchExpressions(expressions: readonly MatchExpression[]): HardConstraint {
  const given: unknown = expressions;
  if (!Array.isArray(given)) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `matchExpressions: ${show(given)} is not an array of expressions.`,
    );
  }
  const parts = expressions.map(checkedPart);
  return {
    name: parts.map(({ key, requirement }) => `${key} ${requirement}`).join(' and ') || 'no expressions',
    key: JSON.stringify([
      'matchExpressions',
      ...parts.map(({ key, operator, values }) => [key, operator, ...values]),
    ]),
    dependsOn: 'attributes',
    bind(cluster) {
      const tests = parts.map(({ key, accepts, requirement }) =>
        attributeTest(cluster, key, requirement, accepts),
      );
      return {
        test(row) {
          for (let i = 0; i < tests.length; i++) if (tests[i].test(row) !== 0) return i + 1;
          return 0;
        },
        explain: (row, reason) => tests[reason - 1].explain!(row, 1),
      };
    },
  };
}

interface Part extends Required<MatchExpression> {
  /** For names and explanations. */
  readonly requirement: string;
  readonly accepts: Predicate;
}

function checkedPart(expression: MatchExpression | null | undefined): Part {
  const { key, operator, values: given = [] } = expression ?? ({} as MatchExpression);
  const list: unknown = given;
  if (!Array.isArray(list)) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `matchExpressions: the values are ${show(list)}; give an array.`,
    );
  }
  const values = given.slice();
  requireTexts('matchExpressions', key, ...values);
  const requirement = [operator, ...values].join(' ');
  return { key, operator, values, requirement, accepts: predicateOf(operator, values) };
}

function predicateOf(operator: MatchExpression['operator'], values: readonly string[]): Predicate {
  switch (operator) {
    case 'In':
      requireValues(values.length > 0, operator, 'at least one value');
      return (value) => value !== undefined && values.includes(value);
    case 'NotIn':
      requireValues(values.length > 0, operator, 'at least one value');
      return (value) => value === undefined || !values.includes(value);
    case 'Exists':
      requireValues(values.length === 0, operator, 'no values');
      return (value) => value !== undefined;
    case 'DoesNotExist':
      requireValues(values.length === 0, operator, 'no values');
      return (value) => value === undefined;
    case 'Gt':
    case 'Lt': {
      requireValues(values.length === 1 && isInteger(values[0]), operator, 'exactly one integer');
      const bound = Number(values[0]);
      return (value) =>
        value !== undefined &&
        isInteger(value) &&
        (operator === 'Gt' ? Number(value) > bound : Number(value) < bound);
    }
    default:
      throw new StowageError(
        'INVALID_PLUGIN',
        `matchExpressions: ${show(operator)} is not an operator; use In, NotIn, Exists, DoesNotExist, Gt or Lt.`,
      );
  }
}

function requireValues(holds: boolean, operator: string, needed: string): void {
  if (!holds) throw new StowageError('INVALID_PLUGIN', `matchExpressions: ${operator} takes ${needed}.`);
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text));
}
