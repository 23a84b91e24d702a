/**
 * Uneven spread on purpose: so many per cent of the tasks on this value of an attribute, so many on that (Nomad's
 * `spread` with targets). Nomad rates a value by 1 - (tasks + 1) / desired, which needs to know how many tasks there will
 * be; share / (tasks + 1) ranks the values the same and needs not (the divisor method of Jefferson and D'Hondt).
 */
import { show, SOFT_SCALE, type SoftConstraint, StowageError } from '@stowage/core';
import { countedTasks, type SpreadOptions } from './counted-tasks.ts';
import { requireTexts } from './parameters.ts';

/**
 * Prefers the value whose tasks lag most behind its share: `SOFT_SCALE` there, on other values as much less as their
 * share / (tasks + 1) is smaller, rounded down; 0 for values with share 0 and where the attribute is missing. O(values)
 * per decision, O(1) per agent.
 * @param shares - per cent by value, integers from 0 to 100 that sum up to at most 100; each value that is not named has
 * what is missing to 100, as in Nomad
 * @throws StowageError INVALID_SPEC for the selector, INVALID_PLUGIN
 * @public
 */
export function spreadTargetsSoft(
  attribute: string,
  shares: Readonly<Record<string, number>>,
  options: SpreadOptions = {},
): SoftConstraint {
  requireTexts('spreadTargetsSoft', attribute);
  const shareOf = requireShares(shares);
  const rest = 100 - sum(shareOf);
  const counted = countedTasks('spreadTargetsSoft', options);
  const list = [...shareOf].map(([value, share]) => `${share} % ${value}`).join(', ');
  return {
    name: `spread over ${attribute} ${counted.text}: ${list} (soft)`,
    key: JSON.stringify(['spreadTargetsSoft', attribute, [...shareOf].sort(), counted.key]),
    dependsOn: 'group',
    groupedBy: [attribute],
    range: [0, SOFT_SCALE],
    bind(cluster, task) {
      const column = cluster.attribute(attribute);
      const { ids, idCount } = column;
      const tasks = counted.bind(cluster, task, attribute);
      const scoreOf = new Float64Array(idCount);
      const sharesById = Int32Array.from({ length: idCount }, (_, id) =>
        id === 0 ? 0 : (shareOf.get(column.valueOf(id)!) ?? rest),
      );
      return {
        prepare() {
          let bestShare = 0;
          let bestTasks = 1;
          for (let id = 1; id < idCount; id++) {
            const withTask = tasks.get(id) + 1;
            if (column.agentCount(id) === 0 || sharesById[id] * bestTasks <= bestShare * withTask) continue;
            bestShare = sharesById[id];
            bestTasks = withTask;
          }
          for (let id = 1; id < idCount; id++) {
            const withTask = tasks.get(id) + 1;
            scoreOf[id] =
              bestShare === 0
                ? 0
                : Math.floor((SOFT_SCALE * sharesById[id] * bestTasks) / (bestShare * withTask));
          }
        },
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = scoreOf[ids[rows[i]]];
        },
      };
    },
  };
}

/** A checked copy as a map: any text may be a value. @throws StowageError INVALID_PLUGIN */
function requireShares(shares: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const given: unknown = shares;
  const entries = typeof given === 'object' && given !== null ? Object.entries(shares) : [];
  const areShares = entries.every(([, share]) => Number.isInteger(share) && share >= 0 && share <= 100);
  const shareOf = new Map(entries);
  if (Array.isArray(given) || entries.length === 0 || !areShares || sum(shareOf) > 100) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `spreadTargetsSoft: the shares are ${show(given)}; give per cent by value, integers from 0 to 100 with a sum of at most 100.`,
    );
  }
  return shareOf;
}

function sum(shares: ReadonlyMap<string, number>): number {
  return [...shares.values()].reduce((total, share) => total + share, 0);
}
