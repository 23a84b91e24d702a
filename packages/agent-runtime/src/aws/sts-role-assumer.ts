/**
 * Credentials of a task's role from STS AssumeRole. A refusal is told apart from a passing failure, because a refusal
 * fails the task and a passing failure is tried again. The agent's own expired credentials count as passing: they come
 * back without anybody changing the role.
 */
import { AgentError } from '@stowage/protocol';
import {
  type AssumeRoleRequest,
  type RoleAssumer,
  type RoleCredentials,
  RoleDeniedError,
} from '../metadata/role-assumer.ts';
import { AwsCaller, type AwsCallOptions, type AwsRetryOptions, type AwsTiming } from './aws-caller.ts';
import { AwsCallError } from './aws-errors.ts';
import { type AwsClientOptions, loadSdk } from './sdk-loading.ts';

/**
 * The call of STS that the agent makes. The `STS` class of `@aws-sdk/client-sts` fits it.
 * @public
 */
export interface StsApi {
  assumeRole(
    input: { RoleArn: string; RoleSessionName: string; DurationSeconds: number },
    options: AwsCallOptions,
  ): Promise<{
    readonly Credentials?:
      | {
          readonly AccessKeyId?: string | undefined;
          readonly SecretAccessKey?: string | undefined;
          readonly SessionToken?: string | undefined;
          readonly Expiration?: Date | undefined;
        }
      | undefined;
  }>;
}

/**
 * Makes the SDK's client, with the SDK's own retries off.
 * @throws AgentError `AWS_SDK_MISSING` when `@aws-sdk/client-sts` is not installed
 * @public
 */
export async function loadSts(options: AwsClientOptions = {}): Promise<StsApi> {
  const { STS } = await loadSdk('@aws-sdk/client-sts', () => import('@aws-sdk/client-sts'));
  return new STS({ ...options, maxAttempts: 1 });
}

/** A role or a session that STS will not give, however often it is asked. */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthFailure',
  'UnauthorizedOperation',
  'ValidationError',
]);

/** @public */
export class StsRoleAssumer implements RoleAssumer {
  readonly #sts: StsApi;
  readonly #caller: AwsCaller;
  readonly #timeoutMs: number;

  /**
   * @param options `timeoutMs` of one `assumeRole` with all its tries: default 30,000 ms; `tries`: default 4
   */
  constructor(
    sts: StsApi,
    options: AwsRetryOptions & { readonly timeoutMs?: number } = {},
    timing?: AwsTiming,
  ) {
    this.#sts = sts;
    this.#caller = new AwsCaller({ tries: 4, ...options }, timing);
    this.#timeoutMs = options.timeoutMs ?? 30_000;
  }

  async assumeRole(request: AssumeRoleRequest, signal: AbortSignal): Promise<RoleCredentials> {
    const { roleArn, sessionName, durationSeconds } = request;
    const input = { RoleArn: roleArn, RoleSessionName: sessionName, DurationSeconds: durationSeconds };
    const answer = await this.#caller
      .call(
        'AssumeRole',
        true,
        (options) => this.#sts.assumeRole(input, options),
        AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
      )
      .catch((error: unknown) => {
        if (error instanceof AwsCallError && error.kind === 'refused' && DENIED.has(error.awsCode)) {
          throw new RoleDeniedError(`${roleArn}: ${error.message}`, { cause: error });
        }
        throw error;
      });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    const expirationMs = Expiration?.getTime();
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Number.isFinite(expirationMs)) {
      throw new AgentError(
        'AWS_BAD_ANSWER',
        `The answer to AssumeRole for ${roleArn} has no full credentials.`,
      );
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expirationMs: expirationMs!,
    };
  }
}
