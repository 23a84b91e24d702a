/**
 * The state machine of a job: `(state, event, now) → (state, effects)`. Pure: no clock, no chance, no I/O; equal
 * arguments give equal bytes. States are values: an earlier one stays good after a step.
 */
import type { Rejection } from '../errors.ts';
import type { JobState } from '../model/job-state.ts';
import type { JobEffect } from './job-effect.ts';

/** @public */
export interface Step {
  /** The state given, when the event was refused or changed nothing. */
  readonly state: JobState;
  readonly effects: readonly JobEffect[];
  /** Set when the event was refused; then there are no effects. */
  readonly rejection: Rejection | undefined;
}
