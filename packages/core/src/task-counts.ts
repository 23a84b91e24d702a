/**
 * What plug-ins see of the placed tasks: how many carry a label value, per agent or per attribute value.
 */

/**
 * Counts of placed tasks by (label value, agent row) or (label value, attribute value).
 * @public
 */
export interface TaskCounts {
  /**
   * @param labelId - from `TaskClassView.labelId`; ids start at 1
   * @param at - agent row, or value id of the attribute (0 = agents without it)
   */
  get(labelId: number, at: number): number;
}
