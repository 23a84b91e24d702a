/**
 * How the agent gets credentials of a task's role. The interface keeps the metadata service free of any cloud SDK: the
 * driver for AWS implements it over STS AssumeRole, tests implement it in memory.
 */

/** @public */
export interface AssumeRoleRequest {
  /** ARN of the role. */
  readonly roleArn: string;
  /** 2 to 64 characters of letters, digits and `+=,.@_-`. */
  readonly sessionName: string;
  /** For how long the credentials are asked for, in seconds. */
  readonly durationSeconds: number;
}

/** Temporary credentials of a role. @public */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the epoch, from which on they are worthless. */
  readonly expirationMs: number;
}

/** The role does not exist or may not be assumed: trying again is no use until somebody changes the role. @public */
export class RoleDeniedError extends Error {
  override readonly name = 'RoleDeniedError';
}

/** @public */
export interface RoleAssumer {
  /**
   * @throws RoleDeniedError when the answer was a refusal; any other error counts as a passing failure
   */
  assumeRole(request: AssumeRoleRequest, signal: AbortSignal): Promise<RoleCredentials>;
}
