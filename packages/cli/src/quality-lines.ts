/**
 * What a quality suite found, as lines of JSON: a line for each figure, then one for each check.
 */
import { holds, type SuiteRun } from '@stowage/simulator';

/** Lines with keys in a fixed order; each ends with a line break. */
export function qualityLines({ suite, result }: SuiteRun): string {
  const measures = result.measures.map(({ case: name, policy, metric, value }) => ({
    suite: suite.name,
    case: name,
    policy,
    metric,
    value,
  }));
  const checks = result.checks.map((check) => ({
    suite: suite.name,
    check: check.name,
    kind: check.kind,
    value: check.value,
    relation: check.relation,
    reference: check.reference,
    tolerance: check.tolerance ?? 0,
    holds: holds(check),
  }));
  return [...measures, ...checks].map((line) => `${JSON.stringify(line)}\n`).join('');
}
