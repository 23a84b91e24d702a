/**
 * Jobs that are not relocated at all: an attribute of the job says so. The owner may set it at any time; what was
 * announced is then cancelled.
 */
import type { JobState } from '../model/job-state.ts';

/** With the value `true` the tasks of a job are never relocated. @public */
export const RELOCATION_NOT_ALLOWED: string = 'stowage.relocation.notAllowed';

export function isExempt({ job }: JobState): boolean {
  return job.spec.attributes[RELOCATION_NOT_ALLOWED] === 'true';
}
