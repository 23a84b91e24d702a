/**
 * Who this host is, from the instance metadata service of EC2 (version 2, which asks for a token first). Only for the
 * agent itself: tasks get the agent's own metadata service instead.
 */
import { AgentError } from '@stowage/protocol';

/** @public */
export interface InstanceIdentity {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly region: string;
  readonly availabilityZone: string;
  readonly accountId: string;
}

/** @public */
export interface InstanceIdentityOptions {
  /** Default `http://169.254.169.254`. */
  readonly endpoint?: string;
  readonly fetch?: typeof fetch;
  /** For both requests together. Default 5,000 ms. */
  readonly timeoutMs?: number;
}

/**
 * @throws AgentError `AWS_NO_IDENTITY` when the host has no such service or it does not answer as it should
 * @public
 */
export async function readInstanceIdentity(options: InstanceIdentityOptions = {}): Promise<InstanceIdentity> {
  const { endpoint = 'http://169.254.169.254', timeoutMs = 5_000 } = options;
  const ask = options.fetch ?? fetch;
  const signal = AbortSignal.timeout(timeoutMs);
  const text = async (path: string, init: RequestInit): Promise<string> => {
    const response = await ask(`${endpoint}/latest/${path}`, { ...init, signal, redirect: 'error' });
    if (!response.ok) throw new Error(`${path} was answered with status ${response.status}`);
    return response.text();
  };
  try {
    const token = await text('api/token', {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
    });
    const document = JSON.parse(
      await text('dynamic/instance-identity/document', { headers: { 'x-aws-ec2-metadata-token': token } }),
    ) as Partial<Record<string, unknown>>;
    const field = (name: string): string => {
      const value = document[name];
      if (typeof value !== 'string' || value === '') throw new Error(`the identity document lacks ${name}`);
      return value;
    };
    return {
      instanceId: field('instanceId'),
      instanceType: field('instanceType'),
      region: field('region'),
      availabilityZone: field('availabilityZone'),
      accountId: field('accountId'),
    };
  } catch (error) {
    throw new AgentError(
      'AWS_NO_IDENTITY',
      `The instance metadata service at ${endpoint} did not tell who this host is (${error instanceof Error ? error.message : String(error)}). ` +
        'Give the instance id and the region, or enable the service on the instance.',
      error,
    );
  }
}
