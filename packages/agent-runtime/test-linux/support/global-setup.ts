/** Before all Linux tests: their services. After them: what is left on the host is told and fails the run. */
import type { TestProject } from 'vitest/node';
import { hostObjects, newObjects } from './host-objects.ts';
import { type LinuxServices, startServices } from './services.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** With `inject('linux')`. */
    linux: LinuxServices;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const before = await hostObjects();
  const { services, stop } = await startServices();
  project.provide('linux', services);
  return async () => {
    await stop();
    const left = newObjects(before, await hostObjects());
    if (left.length > 0) {
      throw new Error(`The Linux tests left on the host:\n${left.map((object) => `  ${object}`).join('\n')}`);
    }
  };
}
