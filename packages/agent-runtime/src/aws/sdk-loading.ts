/**
 * The AWS SDK is an optional peer: 44 MB that most users do not need. It is imported only when a client is made, and
 * the agent's own narrow interfaces stand for its types, so that a user without it can load and type-check the package.
 */
import { AgentError } from '@stowage/protocol';

/**
 * How a client of the SDK is made. What is left out comes from the SDK's usual places: environment, profile, instance.
 * @public
 */
export interface AwsClientOptions {
  readonly region?: string;
  /** URL of another service that speaks AWS's protocol. */
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** @throws AgentError `AWS_SDK_MISSING` when the package is not installed */
export async function loadSdk<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new AgentError(
      'AWS_SDK_MISSING',
      `${name} could not be loaded. Install it beside @stowage/agent-runtime: npm install ${name}`,
      error,
    );
  }
}
