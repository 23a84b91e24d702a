/**
 * The view of the agents that plug-ins get, over the engine's own tables.
 */
import type { AgentTable } from './agent-table.ts';
import type { ClusterView } from './cluster-view.ts';
import type { LabelVocabulary } from './label-vocabulary.ts';
import type { ResourceSchema } from './schema.ts';
import type { TaskCounts } from './task-counts.ts';

/** What the view needs from the engine besides its tables. */
interface ViewSource {
  readonly schema: ResourceSchema;
  readonly agents: AgentTable;
  readonly vocabulary: LabelVocabulary;
  readonly placements: number;
  counter(label: number, attribute: string | undefined): TaskCounts;
}

export function clusterView(source: ViewSource): ClusterView {
  const { schema, agents, vocabulary } = source;
  return {
    schema,
    free: (resource) => agents.free[schema.scalar(resource).index],
    total: (resource) => agents.total[schema.scalar(resource).index],
    slots: (set) => agents.slots[schema.set(set).index],
    get taskCount() {
      return agents.taskCount;
    },
    attribute: (key) => agents.attributes.column(key),
    get agentType() {
      return agents.typeOf;
    },
    agentTypes: agents.typeTotals,
    tasksByAgent: (label) => source.counter(vocabulary.key(label), undefined),
    tasksByAttribute: (label, attribute) => source.counter(vocabulary.key(label), attribute),
    labelIdCount: (label) => vocabulary.idCount(vocabulary.key(label)),
    placements: () => source.placements,
  };
}
