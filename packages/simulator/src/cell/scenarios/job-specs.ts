/**
 * Job specs for scenarios: what they have in common, filled in; what `sanitizeJobSpec` takes.
 */
import type { DisruptionBudget, RetryPolicy } from '@stowage/jobs';

type JobInput = Readonly<Record<string, unknown>>;

/** Of one task. Default: 1 core, 2 GiB, 10 GB, 128 Mbps. */
export interface TaskShape {
  readonly cpu?: number;
  readonly memoryMiB?: number;
  readonly networkMbps?: number;
}

interface JobSettings extends TaskShape {
  readonly application: string;
  readonly capacityGroup: string;
  /** Default: the application's name. */
  readonly image?: string;
  /** Default `sg-default`. */
  readonly securityGroup?: string;
  /** Default: that of the job manager. */
  readonly budget?: Partial<DisruptionBudget> & Pick<DisruptionBudget, 'policy'>;
  readonly retryPolicy?: RetryPolicy;
}

export function serviceJob(
  desired: number,
  settings: JobSettings & { readonly max?: number; readonly zoneBalance?: boolean },
): JobInput {
  const { max = Math.max(desired, 10), zoneBalance = true } = settings;
  return {
    ...common(settings, zoneBalance ? { zoneBalance: 'true' } : {}),
    kind: 'service',
    capacity: { min: 0, desired, max },
    retryPolicy: settings.retryPolicy ?? { kind: 'immediate', retries: 0 },
  };
}

export function batchJob(
  size: number,
  settings: JobSettings & { readonly runtimeLimitMs?: number },
): JobInput {
  return {
    ...common(settings, {}),
    kind: 'batch',
    size,
    runtimeLimitMs: settings.runtimeLimitMs ?? 6 * 3_600_000,
    retryOnRuntimeLimit: false,
    retryPolicy: settings.retryPolicy ?? { kind: 'immediate', retries: 2 },
  };
}

function common(
  {
    application,
    capacityGroup,
    image = application,
    securityGroup = 'sg-default',
    budget,
    ...shape
  }: JobSettings,
  softConstraints: Readonly<Record<string, string>>,
): JobInput {
  const { cpu = 1, memoryMiB = 2_048, networkMbps = 128 } = shape;
  return {
    owner: { teamEmail: `${application}@example.com` },
    applicationName: application,
    capacityGroup,
    container: {
      image: { name: image, tag: '1' },
      resources: { cpuMilli: cpu * 1_000, memoryMiB, diskMiB: 10_000, networkMbps },
      securityGroups: [securityGroup],
      iamRole: `${application}-role`,
      entrypoint: ['run'],
      softConstraints,
    },
    ...(budget === undefined
      ? {}
      : {
          disruptionBudget: { rate: { kind: 'unlimited' }, timeWindows: [], healthProviders: [], ...budget },
        }),
  };
}
