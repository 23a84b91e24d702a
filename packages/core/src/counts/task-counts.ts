/**
 * What plug-ins see of the placed tasks: how many there are of a kind, per agent or per attribute value.
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

/**
 * Counts of the placed tasks that a selector selects, by agent row or attribute value.
 * @public
 */
export interface SelectedCounts {
  /** @param at - agent row, or value id of the attribute (0 = agents without it) */
  get(at: number): number;
  /** All selected tasks. */
  readonly total: number;
}
