/** Services that an agent cannot do without: the image registry and the container engine. */
import type { HealthCheck } from './health-check.ts';

/** @public */
export interface RegistryCheckOptions {
  /** As `http://127.0.0.1:5000`. */
  readonly url: string;
  /** Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

/**
 * The registry answers its API's root. That it asks for a login is an answer, too.
 * Source: OCI distribution specification, end-1.
 * @public
 */
export function registryCheck({ url, fetch: get = fetch }: RegistryCheckOptions): HealthCheck {
  const root = new URL('/v2/', url).href;
  return {
    name: 'registry',
    run: async (signal) => {
      const response = await get(root, { signal, redirect: 'manual' });
      await response.body?.cancel();
      if (response.status !== 200 && response.status !== 401)
        throw new Error(`${root} answers with status ${response.status}; is it a registry?`);
    },
  };
}

/**
 * @param ping - asks the engine for anything that it answers at once
 * @public
 */
export function engineCheck(ping: (signal: AbortSignal) => Promise<unknown>): HealthCheck {
  return {
    name: 'engine',
    run: async (signal) => {
      await ping(signal);
    },
  };
}
