/**
 * Only agents that their operators have opened (Titus's AgentManagementConstraint): the phase allows placement, and
 * nobody has set a flag against it. What else Titus checks there is `matchesLabel` for the tier, `gpuMatch`, taints of
 * the engine, and draining for agents that are not healthy.
 */
import { type HardConstraint, show, StowageError } from '@stowage/core';
import { requireTexts } from './parameters.ts';

/** @public */
export interface AgentManagementOptions {
  /** Attribute with the phase of an agent. Default `phase`. */
  readonly phase?: string;
  /** Phases in which agents take tasks, at least one. Default `active` and `phasedOut`. */
  readonly open?: readonly string[];
  /** Attributes that close an agent where they are `true`. Default `systemNoPlacement` and `noPlacement`. */
  readonly noPlacement?: readonly string[];
}

/**
 * Refuses agents in another phase or without one, and those with a flag. O(flags) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function agentManagement(options: AgentManagementOptions = {}): HardConstraint {
  const {
    phase = 'phase',
    open = ['active', 'phasedOut'],
    noPlacement = ['systemNoPlacement', 'noPlacement'],
  } = options;
  requireTexts('agentManagement', phase);
  const phases = requireList('open', open);
  const flags = requireList('noPlacement', noPlacement);
  if (phases.length === 0)
    throw new StowageError('INVALID_PLUGIN', 'agentManagement: open is empty; no agent could ever match.');
  return {
    name: 'agent management',
    key: JSON.stringify(['agentManagement', phase, [...phases].sort(), flags]),
    dependsOn: 'attributes',
    bind(cluster) {
      const column = cluster.attribute(phase);
      const isClosed = Uint8Array.from({ length: column.idCount }, (_, id) =>
        phases.includes(column.valueOf(id) ?? '') ? 0 : 1,
      );
      const set = flags.map((flag) => {
        const flagColumn = cluster.attribute(flag);
        return { ids: flagColumn.ids, isTrue: flagColumn.idOf('true') };
      });
      return {
        test(row) {
          if (isClosed[column.ids[row]] === 1) return 1;
          for (let i = 0; i < set.length; i++) {
            if (set[i].isTrue !== 0 && set[i].ids[row] === set[i].isTrue) return i + 2;
          }
          return 0;
        },
        explain: (row, reason) =>
          reason === 1
            ? `${phase} is ${column.valueOf(column.ids[row]) ?? 'missing'}, not ${phases.join(' or ')}`
            : `${flags[reason - 2]} is set`,
      };
    },
  };
}

/** A copy of a list of non-empty texts. @throws StowageError INVALID_PLUGIN */
function requireList(name: string, list: readonly string[]): readonly string[] {
  const given: unknown = list;
  if (!Array.isArray(given))
    throw new StowageError('INVALID_PLUGIN', `agentManagement: ${name} is ${show(given)}; give an array.`);
  requireTexts('agentManagement', ...list);
  return [...list];
}
