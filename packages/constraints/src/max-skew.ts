/**
 * Even spread over topology domains, as a demand and as a preference (Kubernetes' topologySpreadConstraints, one of them).
 * Unlike `balanced`, which has Fenzo's rule, it counts domains that have no task yet.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
import { type HardConstraint, show, SOFT_SCALE, type SoftConstraint, StowageError } from '@stowage/core';
import { countedTasks, type SpreadOptions } from './counted-tasks.ts';
import { diminishing } from './diminishing.ts';
import { DomainSkew } from './domain-skew.ts';
import { requireTexts } from './parameters.ts';

/** @public */
export interface SkewOptions extends SpreadOptions {
  /** While fewer domains than this have agents, the emptiest counts as empty. A positive integer, default 1. */
  readonly minDomains?: number;
}

/**
 * Accepts an agent when its domain, with the task, would have at most `maxSkew` tasks more than the emptiest domain has
 * now; the task counts if it is one of those to spread. Domains are the values that present agents have, draining ones
 * too. Agents without the attribute are refused. O(values) per decision, O(1) per agent.
 * @param maxSkew - a positive integer
 * @throws StowageError INVALID_SPEC for the selector, INVALID_PLUGIN
 * @public
 */
export function maxSkew(attribute: string, maxSkew: number, options: SkewOptions = {}): HardConstraint {
  const { minDomains = 1 } = options;
  requireTexts('maxSkew', attribute);
  requirePositive('maxSkew', 'maxSkew', maxSkew);
  requirePositive('maxSkew', 'minDomains', minDomains);
  const counted = countedTasks('maxSkew', options);
  return {
    name: `skew over ${attribute} ${counted.text} at most ${maxSkew}`,
    key: JSON.stringify(['maxSkew', attribute, maxSkew, counted.key, minDomains]),
    dependsOn: 'group',
    groupedBy: [attribute],
    bind(cluster, task) {
      const domains = new DomainSkew(cluster, task, attribute, counted, minDomains);
      const { ids } = domains;
      return {
        prepare: () => domains.refresh(),
        test(row) {
          if (ids[row] === 0) return 1;
          return domains.skew(row) > maxSkew ? 2 : 0;
        },
        explain: (row, reason) =>
          reason === 1
            ? `${attribute} is missing`
            : `${domains.where(row)} would have ${domains.counts[ids[row]]} tasks, ` +
              `${domains.skew(row)} more than the fewest (${domains.least}); at most ${maxSkew} more are allowed`,
      };
    },
  };
}

/**
 * Prefers domains by the number n of tasks by which they would exceed `maxSkew`: 1 / (1 + n) of `SOFT_SCALE`, rounded
 * down, so `SOFT_SCALE` where `maxSkew` accepts; 0 where the attribute is missing. O(values) per decision, O(1) per agent.
 * @param maxSkew - a positive integer, default 1
 * @throws StowageError INVALID_SPEC for the selector, INVALID_PLUGIN
 * @public
 */
export function maxSkewSoft(attribute: string, maxSkew = 1, options: SpreadOptions = {}): SoftConstraint {
  requireTexts('maxSkewSoft', attribute);
  requirePositive('maxSkewSoft', 'maxSkew', maxSkew);
  const counted = countedTasks('maxSkewSoft', options);
  return {
    name: `skew over ${attribute} ${counted.text} at most ${maxSkew} (soft)`,
    key: JSON.stringify(['maxSkewSoft', attribute, maxSkew, counted.key]),
    dependsOn: 'group',
    groupedBy: [attribute],
    range: [0, SOFT_SCALE],
    bind(cluster, task) {
      const domains = new DomainSkew(cluster, task, attribute, counted);
      const { ids } = domains;
      return {
        prepare: () => domains.refresh(),
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const row = rows[i];
            scores[i] = ids[row] === 0 ? 0 : diminishing(Math.max(0, domains.skew(row) - maxSkew));
          }
        },
      };
    },
  };
}

/** @throws StowageError INVALID_PLUGIN unless the number is an integer of at least 1 */
function requirePositive(factory: string, name: string, number: unknown): void {
  if (Number.isSafeInteger(number) && (number as number) >= 1) return;
  throw new StowageError(
    'INVALID_PLUGIN',
    `${factory}: ${name} is ${show(number)}; give an integer of at least 1.`,
  );
}
