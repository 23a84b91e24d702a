/**
 * Anti-affinity that placed tasks hold against others. A constraint that a new task brings along is asked for that
 * task only; what a placed task demands of its neighbourhood must bind tasks that bring no constraint at all. So a
 * constraint may declare whom it repels, and the engine keeps the others away (Kubernetes' symmetric rule).
 */
import type { HardConstraint } from './plugin.ts';
import { record, text } from '../resources/specs.ts';
import { type CompiledSelector, compileSelector, type RepulsionSpec } from '../tasks/task-selector.ts';

/** A checked repulsion. */
export interface Repulsion {
  /** Equal for repulsions that say the same. */
  readonly key: string;
  readonly spec: RepulsionSpec;
  readonly selector: CompiledSelector;
}

/** @throws StowageError INVALID_SPEC */
export function compileRepulsion(spec: RepulsionSpec): Repulsion {
  const { selector: given, attribute } = record<RepulsionSpec>(spec, 'repels');
  const selector = compileSelector(given);
  return {
    key: JSON.stringify([selector.key, attribute ?? null]),
    spec: {
      selector: selector.canonical,
      ...(attribute === undefined ? {} : { attribute: text(attribute, 'repels attribute') }),
    },
    selector,
  };
}

/** The constraint that keeps tasks away from those that repel them. */
export function repulsionConstraint(
  { key, spec: { attribute } }: Repulsion,
  repellersAt: (at: number) => number,
): HardConstraint {
  const domain = attribute ?? 'agent';
  return {
    name: `anti-affinity of tasks on the same ${domain}`,
    key: JSON.stringify(['repulsion', key]),
    ...(attribute === undefined ? { dependsOn: 'agent' } : { dependsOn: 'group', groupedBy: [attribute] }),
    onlyTightens: true,
    bind(cluster) {
      const ids = attribute === undefined ? undefined : cluster.attribute(attribute).ids;
      return {
        test(row) {
          const at = ids === undefined ? row : ids[row];
          return (ids === undefined || at !== 0) && repellersAt(at) > 0 ? 1 : 0;
        },
        explain: () => `a task on the same ${domain} repels it`,
      };
    },
  };
}
