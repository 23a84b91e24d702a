/**
 * Reference forms of the attribute constraints: what the documentation of `@stowage/constraints` says, word by
 * word.
 */
import type { ReferenceConstraint } from './reference-model.ts';

/** One requirement on an attribute, with the operators of Kubernetes. @public */
export interface ReferenceExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[];
}

/** The agent has this value of an attribute. @public */
export function referenceAttributeEquals(key: string, value: string): ReferenceConstraint {
  return (_task, agent) => agent.attributes[key] === value;
}

/** The agent has one of these values of an attribute. @public */
export function referenceAttributeIn(key: string, values: readonly string[]): ReferenceConstraint {
  return (_task, agent) => values.some((value) => agent.attributes[key] === value);
}

/** All expressions hold for the attributes of the agent. @public */
export function referenceMatchExpressions(expressions: readonly ReferenceExpression[]): ReferenceConstraint {
  return (_task, agent) =>
    expressions.every(({ key, operator, values = [] }) => {
      const actual = agent.attributes[key];
      switch (operator) {
        case 'In':
          return actual !== undefined && values.includes(actual);
        case 'NotIn':
          return actual === undefined || !values.includes(actual);
        case 'Exists':
          return actual !== undefined;
        case 'DoesNotExist':
          return actual === undefined;
        case 'Gt':
          return isInteger(actual) && BigInt(actual) > BigInt(values[0]);
        case 'Lt':
          return isInteger(actual) && BigInt(actual) < BigInt(values[0]);
      }
    });
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^-?[0-9]+$/.test(text);
}
