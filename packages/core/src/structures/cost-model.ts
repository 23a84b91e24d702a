/**
 * What a decision costs by each structure, in ns, fitted to `npm run bench` on one machine; only the ratios matter. A
 * wrong estimate costs time, never the answer. Those that are taken while deciding are integers, which cost nothing to pass.
 */

/** Comparing what one agent has free with what a task needs, in a pass over all. */
const FIT_NS = 3;
/** Going by one agent that is known not to pass. */
const AGENT_BIT_NS = 0.1;
/** Asking one constraint about an agent that fits. */
const CONSTRAINT_NS = 6;
/** Asking one calculator for the score of an agent. */
const CALCULATOR_NS = 8;
/** The same of a calculator that ranks by load. */
const LOAD_NS = 18;
/** Entering one changed agent into a tree of few agents, besides what plug-ins are asked. */
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
/** Testing one holder, besides what plug-ins are asked. */
const HOLDER_TEST_NS = 8;
/** Agents up to which structures stand in the nearest caches, and the power by which touching them takes longer with more. */
const NEAR_AGENTS = 1000;
const DISTANCE_POWER = 0.23;

/**
 * Asking plug-ins about one agent that fits.
 * @param loads - calculators that rank by load and are asked; the structures that keep an order compute it themselves
 */
export function pluginCost(constraints: number, calculators: number, loads: number): number {
  return constraints * CONSTRAINT_NS + calculators * CALCULATOR_NS + loads * LOAD_NS;
}

/** @param feasible - agents that pass what is asked of them */
export function scanCost(agents: number, feasible: number, pluginNs: number): number {
  return agents * FIT_NS + feasible * pluginNs;
}

/**
 * @param passing - agents that pass what depends on them only
 * @param changes - of agents to look at first
 */
export function filteredScanCost(agents: number, passing: number, changes: number, pluginNs: number): number {
  return agents * AGENT_BIT_NS + scanCost(passing + changes, passing + changes, pluginNs);
}

/** A decision of a class that never asked the index. */
export function indexGuess(groups: number): number {
  return INDEX_DECISION_NS + groups * INDEX_GROUP_NS;
}

/** @param compared - holders of a label, of which so many were tested */
export function holdersCost(compared: number, tested: number, pluginNs: number): number {
  return compared * HOLDER_NS + tested * (HOLDER_TEST_NS + pluginNs);
}

/** What trees and indexes cost with so many agents: the more there are, the farther away are nodes and entries. */
export class StructureCosts {
  readonly #treeChangeNs: number;
  readonly #groupedTreeChangeNs: number;
  readonly #indexChangeNs: number;
  readonly #indexVisitNs: number;

  constructor(agents: number) {
    const distance = Math.max(1, agents / NEAR_AGENTS) ** DISTANCE_POWER;
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
