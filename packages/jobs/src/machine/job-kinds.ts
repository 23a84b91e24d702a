/**
 * The kinds of jobs there are.
 */
import type { JobSpec } from '../spec/job-spec.ts';
import { BATCH } from './batch-kind.ts';
import type { JobKind } from './job-kind.ts';
import { SERVICE } from './service-kind.ts';

const KINDS: Readonly<Record<JobSpec['kind'], JobKind>> = { batch: BATCH, service: SERVICE };

export function kindOf(spec: JobSpec): JobKind {
  return KINDS[spec.kind];
}
