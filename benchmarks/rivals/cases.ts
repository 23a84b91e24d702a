/**
 * The cases of `npm run bench:rivals`: which policy, and what is known of zones. One fitness and at most one
 * constraint each, so that a ratio says which of them it is about.
 */

export type FitnessName = 'packing' | 'spreading';

/** `free`: no constraint; `required`: each task names its zone; `balanced`: a job prefers zones with few of its tasks. */
export type ZoneRule = 'free' | 'required' | 'balanced';

export interface RivalCase {
  readonly name: string;
  readonly fitness: FitnessName;
  readonly zones: ZoneRule;
  /** At most this share of the cpu of an agent is in use before the first task, 0 to 1. */
  readonly load: number;
}

export const RIVAL_CASES: readonly RivalCase[] = [
  { name: 'packing', fitness: 'packing', zones: 'free', load: 0 },
  { name: 'spreading', fitness: 'spreading', zones: 'free', load: 0 },
  { name: 'hard-zone', fitness: 'packing', zones: 'required', load: 0 },
  { name: 'soft-zone', fitness: 'packing', zones: 'balanced', load: 0 },
  { name: 'prefilled', fitness: 'packing', zones: 'free', load: 0.75 },
];
