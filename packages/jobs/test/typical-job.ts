/** What jobs of tests have in common: everything of a spec but its kind and its disruption budget. */
import type { JobSpecBase } from '../src/spec/job-spec.ts';

export const TYPICAL_JOB: Omit<JobSpecBase, 'disruptionBudget'> = {
  owner: { teamEmail: 'team@example.com' },
  applicationName: 'app',
  capacityGroup: 'DEFAULT',
  jobGroup: { stack: '', detail: '', sequence: '' },
  attributes: {},
  container: {
    image: { name: 'app', tag: 'latest' },
    resources: { cpuMilli: 1000, gpu: 0, memoryMiB: 512, diskMiB: 10_000, networkMbps: 128, shmMiB: 64 },
    environment: {},
    attributes: {},
    securityGroups: ['sg-1'],
    iamRole: 'role',
    hardConstraints: {},
    softConstraints: {},
    graceMs: 10_000,
  },
};
