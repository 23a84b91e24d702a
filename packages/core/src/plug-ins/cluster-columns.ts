/**
 * The view of the agents that plug-ins get, over the engine's own tables.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ClusterView } from './cluster-view.ts';
import type { LabelVocabulary } from '../tasks/label-vocabulary.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { taintColumn, TAINTS_KEY } from '../agents/taints.ts';
import type { TaskCounters } from '../counts/task-counters.ts';

/** What the view needs from the engine besides its tables. */
interface ViewSource {
  readonly schema: ResourceSchema;
  readonly agents: AgentTable;
  readonly vocabulary: LabelVocabulary;
  readonly placements: number;
  readonly counters: TaskCounters;
}

export function clusterView(source: ViewSource): ClusterView {
  const { schema, agents, vocabulary, counters } = source;
  return {
    schema,
    free: (resource) => agents.free[schema.scalar(resource).index],
    total: (resource) => agents.total[schema.scalar(resource).index],
    slots: (set) => agents.slots[schema.set(set).index],
    get taskCount() {
      return agents.taskCount;
    },
    get startingCount() {
      return agents.startingCount;
    },
    attribute: (key) => agents.attributes.column(key),
    get taints() {
      return taintColumn(agents.attributes.column(TAINTS_KEY));
    },
    signal: (name) => agents.signals.column(name),
    cached: (kind) => agents.cached.kind(kind),
    get agentType() {
      return agents.typeOf;
    },
    agentTypes: agents.typeTotals,
    tasksByAgent: (label) => counters.byLabel(vocabulary.key(label), undefined),
    tasksByAttribute: (label, attribute) => counters.byLabel(vocabulary.key(label), attribute),
    selectedTasks: (selector, attribute) => counters.bySelector(selector, attribute),
    labelIdCount: (label) => vocabulary.idCount(vocabulary.key(label)),
    nowMs: () => agents.clock.nowMs,
    placements: () => source.placements,
  };
}
