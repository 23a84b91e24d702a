/**
 * The constraint behind taints. The engine adds it to every class as soon as an agent has a taint.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { HardConstraint } from './plugin.ts';
import { type Taint, TAINTS_KEY } from '../agents/taints.ts';

/** Empty while no agent ever had a taint. */
export function tolerationConstraint(agents: AgentTable): HardConstraint[] {
  return agents.attributes.column(TAINTS_KEY).idCount > 1 ? [tolerated] : [];
}

const tolerated: HardConstraint = {
  name: 'taints',
  key: 'taints',
  dependsOn: 'attributes',
  bind(cluster, task) {
    const { ids, idCount, valueOf } = cluster.taints;
    const blocking = Array.from({ length: idCount }, (_, id) =>
      valueOf(id).filter((taint) => taint.effect !== 'PreferNoSchedule' && !task.tolerates(taint)),
    );
    const verdicts = Uint8Array.from(blocking, ({ length }) => (length > 0 ? 1 : 0));
    return {
      test: (row) => verdicts[ids[row]],
      explain: (row) => blocking[ids[row]].map(taintName).join(', '),
    };
  },
};

function taintName({ key, value = '', effect }: Taint): string {
  return value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}
