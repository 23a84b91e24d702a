/**
 * Changes of a job's spec that no task feels. What is equal to what there was is no change.
 */
import type { Rejection } from '../errors.ts';
import { canonicalJson } from '../model/serialize-job.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import type { JobDraft } from './job-draft.ts';
import type { EventOf } from './job-event.ts';
import { notAService } from './rejections.ts';

export function updateProcesses(
  draft: JobDraft,
  { processes }: EventOf<'update-processes'>,
): Rejection | undefined {
  const { spec } = draft.job;
  if (spec.kind !== 'service') return notAService(draft);
  const {
    disableIncreaseDesired = spec.processes.disableIncreaseDesired,
    disableDecreaseDesired = spec.processes.disableDecreaseDesired,
  } = processes;
  update(draft, { ...spec, processes: { disableIncreaseDesired, disableDecreaseDesired } });
  return undefined;
}

export function setEnabled(draft: JobDraft, { enabled }: EventOf<'set-enabled'>): Rejection | undefined {
  const { spec } = draft.job;
  if (spec.kind !== 'service') return notAService(draft);
  update(draft, { ...spec, enabled });
  return undefined;
}

export function updateDisruptionBudget(
  draft: JobDraft,
  { budget }: EventOf<'update-disruption-budget'>,
): undefined {
  update(draft, { ...draft.job.spec, disruptionBudget: budget });
}

export function updateAttributes(
  draft: JobDraft,
  { set, remove = [] }: EventOf<'update-attributes'>,
): undefined {
  const { spec } = draft.job;
  const kept = Object.entries(spec.attributes).filter(([name]) => !remove.includes(name));
  update(draft, { ...spec, attributes: { ...Object.fromEntries(kept), ...set } });
}

function update(draft: JobDraft, spec: JobSpec): void {
  if (canonicalJson(spec) !== canonicalJson(draft.job.spec)) draft.job = { ...draft.job, spec };
}
