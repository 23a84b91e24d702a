/**
 * What a decision costs by each structure, in ns, fitted to `npm run bench` on one machine; only the ratios matter. A
 * wrong estimate costs time, never the answer.
 */

/** Filtering and scoring one agent in a pass over all. */
const AGENT_NS = 8;
/** Going by one agent that is known not to pass. */
const AGENT_BIT_NS = 0.1;
/** Asking one constraint about an agent. */
const CONSTRAINT_NS = 6;
/** Asking a calculator that does not rank by load. */
const CALCULATOR_NS = 2;
/** Entering one changed agent into a tree, besides computing its score. */
const TREE_CHANGE_NS = 12;
/** The same where agents stand in several groups. */
const GROUPED_TREE_CHANGE_NS = 35;
const TREE_DECISION_NS = 20;
/** Asking a tree for the best of one more group than one. */
const TREE_GROUP_NS = 60;
/** Entering one changed agent into an ordered index. */
const INDEX_CHANGE_NS = 80;
const INDEX_DECISION_NS = 60;
/** Looking for the first that fits in one group, most of which their bounds rule out. */
const INDEX_GROUP_NS = 10;
const INDEX_VISIT_NS = 20;
/** Testing one agent that fits by all that the index knows. */
const INDEX_CANDIDATE_NS = 10;
/** Comparing the score of one holder of a label. */
const HOLDER_NS = 1;

/** Filtering and scoring one agent under some policies. */
export function agentCost(constraints: number, ranksByLoad: boolean): number {
  return AGENT_NS + constraints * CONSTRAINT_NS + (ranksByLoad ? 0 : CALCULATOR_NS);
}

/**
 * @param passing - agents that pass what depends on them only
 * @param changes - of agents to look at first
 */
export function filteredScanCost(agents: number, passing: number, changes: number, agentNs: number): number {
  return agents * AGENT_BIT_NS + (passing + changes) * agentNs;
}

/** @param changes - of agents to enter */
export function treeCost(changes: number, agentNs: number, groups: number): number {
  const changeNs = groups > 1 ? GROUPED_TREE_CHANGE_NS : TREE_CHANGE_NS;
  return TREE_DECISION_NS + changes * (changeNs + agentNs) + (groups - 1) * TREE_GROUP_NS;
}

/** @param changes - of agents to enter */
export function indexUpdateCost(changes: number): number {
  return changes * INDEX_CHANGE_NS;
}

/** A decision of a class that never asked the index. */
export function indexGuess(groups: number): number {
  return INDEX_DECISION_NS + groups * INDEX_GROUP_NS;
}

/** A decision that did so much work. */
export function indexCost(visits: number, candidates: number): number {
  return INDEX_DECISION_NS + visits * INDEX_VISIT_NS + candidates * INDEX_CANDIDATE_NS;
}

/** @param compared - holders of a label, of which so many were tested */
export function holdersCost(compared: number, tested: number, agentNs: number): number {
  return compared * HOLDER_NS + tested * agentNs;
}
