/**
 * One service whose new version fails ten seconds after its start, among services that are well. It is noticed and slowed
 * down, so that it costs the cell little; the others must not feel it.
 */
import { M4_4XLARGE } from './agent-shapes.ts';
import { serviceJob } from './job-specs.ts';
import { scaled, type ScenarioFamily } from './scenario-family.ts';

const MINUTE_MS = 60_000;
const GOOD_SERVICES = 10;

const title = 'A crash-looping job among healthy ones';
const description =
  'After half an hour a service of fifty tasks comes in whose containers fail ten seconds after their start. Its chains are recognised as crash loops after five failures and tried every five minutes at most. ' +
  'Ten healthy services run beside it; after three hours the bad one is killed.';

export const CRASH_LOOPING_JOB: ScenarioFamily = {
  name: 'crash-looping-job',
  title,
  description,
  runs: (scale) => [
    {
      name: 'crash-looping-job',
      title,
      description,
      durationMs: 240 * MINUTE_MS,
      pools: [{ name: 'critical', tier: 'critical', agents: scaled(60, scale), shape: M4_4XLARGE }],
      capacityGroups: [{ name: 'services', tier: 'critical' }],
      arrivals: [
        ...Array.from({ length: GOOD_SERVICES }, (_, n) => ({
          name: `good-${n + 1}`,
          when: { atMs: 0 },
          spec: serviceJob(scaled(40, scale), { application: `good-${n + 1}`, capacityGroup: 'services' }),
        })),
        {
          name: 'bad',
          when: { atMs: 30 * MINUTE_MS },
          spec: serviceJob(scaled(50, scale), {
            application: 'bad',
            capacityGroup: 'services',
            retryPolicy: { kind: 'immediate', retries: 0 },
          }),
        },
      ],
      lifeCycles: [
        { selector: { job: 'bad' }, started: { delayMs: 10_000, action: { finish: 'failed', exitCode: 1 } } },
      ],
      actions: [
        { kind: 'note', atMs: 30 * MINUTE_MS, label: 'the bad version comes' },
        { kind: 'kill-job', atMs: 210 * MINUTE_MS, label: 'the bad job is killed', job: 'bad' },
      ],
    },
  ],
};
