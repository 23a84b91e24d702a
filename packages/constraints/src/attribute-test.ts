/**
 * What all attribute constraints share: a predicate on the value is evaluated once per distinct value when the
 * constraint is bound, so that testing an agent is one table look-up.
 */
import type { BoundConstraint, ClusterView } from '@stowage/core';

/** @param accepts - given the agent's value, undefined where it lacks the attribute */
export function attributeTest(
  cluster: ClusterView,
  key: string,
  requirement: string,
  accepts: (value: string | undefined) => boolean,
): BoundConstraint {
  const column = cluster.attribute(key);
  const { ids } = column;
  const refused = Uint8Array.from({ length: column.idCount }, (_, id) =>
    accepts(column.valueOf(id)) ? 0 : 1,
  );
  return {
    test: (row) => refused[ids[row]],
    explain(row) {
      const value = column.valueOf(ids[row]);
      return `${key} must be ${requirement}, ${value === undefined ? 'but is missing' : `not ${value}`}`;
    },
  };
}
