/**
 * What plug-ins see of the tasks they decide about: what a class asks for and how it is labelled.
 */

/**
 * A task class as plug-ins see it when they are bound.
 * @public
 */
export interface TaskClassView {
  /** Units asked of a scalar resource. @throws StowageError UNKNOWN_RESOURCE */
  demand(resource: string): number;
  /** The request on a resource set: `slots` slots with `units` each (0 = whole slots); undefined if none. */
  slotDemand(set: string): { readonly slots: number; readonly units: number } | undefined;
  /** Value of a label; undefined if the class lacks it. */
  label(key: string): string | undefined;
  /** Id of the class's value of a label for `TaskCounts`; 0 if the class lacks it. */
  labelId(key: string): number;
}
