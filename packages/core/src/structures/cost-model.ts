/**
 * What a decision costs by each structure, in ns, fitted to `npm run bench` on one machine; only the ratios matter. A
 * wrong estimate costs time, never the answer. Costs are small integers, which take nothing to pass and to keep, but for
 * those of filtered scans, which are only shown.
 */

/** Comparing what one agent has free with what a task needs, in a pass over all. */
const FIT_NS = 3;
/** Going by one agent that is known not to pass. */
const AGENT_BIT_NS = 0.1;
const CONSTRAINT_NS = 6;
const CALCULATOR_NS = 8;
const LOAD_NS = 18;
/** Entering one changed agent into a tree of few agents, besides asking plug-ins. */
const TREE_CHANGE_NS = 7;
/** The same where agents stand in several groups. */
const GROUPED_TREE_CHANGE_NS = 21;
const TREE_DECISION_NS = 20;
/** Asking a tree for the best of one more group than one. */
const TREE_GROUP_NS = 60;
/** Entering one changed agent into an ordered index of few agents. */
const INDEX_CHANGE_NS = 70;
const INDEX_DECISION_NS = 60;
/** Looking for the first that fits in one group, most of which their bounds rule out. */
const INDEX_GROUP_NS = 10;
/** Looking at one node, of few agents. */
const INDEX_VISIT_NS = 16;
/** Testing one agent that fits by all that the index knows. */
const INDEX_CANDIDATE_NS = 10;
/** Comparing the score of one holder of a label. */
const HOLDER_NS = 1;
/** Testing one holder, besides asking plug-ins. */
const HOLDER_TEST_NS = 8;
/** Agents up to which structures stand in the nearest caches, and the power by which touching them takes longer with more. */
const NEAR_AGENTS = 1000;
const DISTANCE_POWER = 0.23;

/** Asking constraints about one agent that fits. */
export function constraintCost(constraints: number): number {
  return constraints * CONSTRAINT_NS;
}

/**
 * Asking calculators for the score of one agent.
 * @param loads - those that rank by load
 * @param others - all others
 */
export function calculatorCost(loads: number, others: number): number {
  return loads * LOAD_NS + others * CALCULATOR_NS;
}

/** @param pluginNs - for asking plug-ins about all agents that come so far */
export function scanCost(agents: number, pluginNs: number): number {
  return agents * FIT_NS + pluginNs;
}

/**
 * @param passing - agents that pass what depends on them only
 * @param changes - of agents to look at first
 */
export function filteredScanCost(agents: number, passing: number, changes: number, pluginNs: number): number {
  const asked = passing + changes;
  return agents * AGENT_BIT_NS + scanCost(asked, asked * pluginNs);
}

/** A decision of a class that never asked the index. */
export function indexGuess(groups: number): number {
  return INDEX_DECISION_NS + groups * INDEX_GROUP_NS;
}

/** @param compared - holders of a label, of which so many were tested */
export function holdersCost(compared: number, tested: number, pluginNs: number): number {
  return compared * HOLDER_NS + tested * (HOLDER_TEST_NS + pluginNs);
}

/**
 * What trees and indexes cost with the agents that there are: the more, the farther away are nodes and entries. Looked up
 * anew when there are twice or half as many.
 */
export class StructureCosts {
  /** Bits that the number of agents takes. */
  #magnitude = 0;
  #treeChangeNs = TREE_CHANGE_NS;
  #groupedTreeChangeNs = GROUPED_TREE_CHANGE_NS;
  #indexChangeNs = INDEX_CHANGE_NS;
  #indexVisitNs = INDEX_VISIT_NS;

  /** To be called before costs are compared. */
  refresh(agents: number): void {
    const magnitude = 32 - Math.clz32(agents);
    if (magnitude === this.#magnitude) return;
    this.#magnitude = magnitude;
    const middle = 0.75 * 2 ** magnitude;
    const distance = Math.max(1, middle / NEAR_AGENTS) ** DISTANCE_POWER;
    this.#treeChangeNs = Math.round(TREE_CHANGE_NS * distance);
    this.#groupedTreeChangeNs = Math.round(GROUPED_TREE_CHANGE_NS * distance);
    this.#indexChangeNs = Math.round(INDEX_CHANGE_NS * distance);
    this.#indexVisitNs = Math.round(INDEX_VISIT_NS * distance);
  }

  /**
   * A decision by class tree.
   * @param changes - of agents to enter
   * @param groups - of agents
   */
  tree(changes: number, pluginNs: number, groups: number): number {
    const changeNs = groups > 1 ? this.#groupedTreeChangeNs : this.#treeChangeNs;
    return TREE_DECISION_NS + changes * (changeNs + pluginNs) + (groups - 1) * TREE_GROUP_NS;
  }

  /** Entering so many changed agents into an ordered index. */
  indexUpdate(changes: number): number {
    return changes * this.#indexChangeNs;
  }

  /** A decision by ordered index that did so much work. */
  index(visits: number, candidates: number): number {
    return INDEX_DECISION_NS + visits * this.#indexVisitNs + candidates * INDEX_CANDIDATE_NS;
  }
}
