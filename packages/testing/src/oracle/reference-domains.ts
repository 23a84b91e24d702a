/**
 * Where placed tasks are, in topology domains: what the reference forms of affinity and spread ask, anew every time.
 */
import type { ReferenceAgent, ReferenceCluster, ReferencePlacement } from './reference-model.ts';

/** The domain of an agent: its value of the attribute, or its row where no attribute is given; undefined if in none. */
export function domainOf(agent: ReferenceAgent, attribute: string | undefined): string | number | undefined {
  return attribute === undefined ? agent.row : agent.attributes[attribute];
}

/** The domain of every placement that is in one. */
export function domainsOfTasks(
  cluster: ReferenceCluster,
  placements: readonly ReferencePlacement[],
  attribute: string | undefined,
): (string | number)[] {
  return placements
    .map(({ row }) =>
      domainOf(
        cluster.agents.find((agent) => agent.row === row)!,
        attribute,
      ),
    )
    .filter((domain) => domain !== undefined);
}
