/** The health checks of an agent that `openAgent` makes, each with what it does when it fails. */
import type { ContainerBackend } from '../contract/container-backend.ts';
import { clockCheck } from '../health/clock-check.ts';
import type { WatchedCheck } from '../health/health-monitor.ts';
import { KernelLog } from '../health/kernel-log.ts';
import { kernelLogCheck } from '../health/kernel-log-check.ts';
import { diskCheck, memoryCheck } from '../health/resource-checks.ts';
import { engineCheck, registryCheck } from '../health/service-checks.ts';
import type { AgentSetup } from './agent-setup.ts';

export interface HostHealth {
  readonly checks: readonly WatchedCheck[];
  close(): void;
}

export function hostHealth(
  { stateFolder, watchedRegistry, minimums }: AgentSetup,
  backend: ContainerBackend,
): HostHealth {
  const kernelLog = openKernelLog();
  return {
    checks: [
      // Of a busy host a list of all containers takes its time.
      { check: engineCheck(() => backend.list()), timeoutMs: 60_000 },
      { check: diskCheck({ ...minimums, folders: [stateFolder] }) },
      { check: memoryCheck(minimums) },
      // A jump is over when it is seen; it is worth a look, and no reason to refuse tasks.
      { check: clockCheck(), failuresToFence: 'never' },
      ...(kernelLog === undefined ? [] : [{ check: kernelLogCheck({ log: kernelLog }), failuresToFence: 1 }]),
      ...(watchedRegistry === undefined ? [] : [{ check: registryCheck({ url: watchedRegistry }) }]),
    ],
    close: () => kernelLog?.close(),
  };
}

/** Undefined inside of containers that may not read it. */
function openKernelLog(): KernelLog | undefined {
  try {
    return new KernelLog();
  } catch {
    return undefined;
  }
}
